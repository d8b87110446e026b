"""What every route stands on: the world, who calls, which request this is."""

import re
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import State

from franked.doors.http.keyring import Keyring
from franked.doors.http.problems import Problem
from franked.ports import World
from franked.record import ApiKey

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
DEEPEST = 64  # levels of JSON: Python's own limit differs from version to version
_BEARER = "bearer "

AnyRequest = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Door:
    """`inbox`: where the simulator shows its mail, None with real SES."""

    world: World
    keyring: Keyring
    inbox: str | None = None


def door_of(request: AnyRequest) -> Door:
    door: Door = request.app.state.door
    return door


async def authenticated(request: AnyRequest) -> ApiKey:
    """The caller's key. Raises Problem(unauthorized), the same for every reason."""
    door = door_of(request)
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(_BEARER):
        raise Problem("unauthorized")
    key = await door.keyring.find(header[len(_BEARER) :].strip(), door.world.monotonic())
    if key is None:
        raise Problem("unauthorized")
    return key


async def administrator(request: AnyRequest) -> ApiKey:
    key = await authenticated(request)
    if not key.admin:
        raise Problem("not_allowed", "this needs the administrator's key")
    return key


def request_id(request: AnyRequest) -> str:
    """The caller's own, when it is one word; else a new one. It goes from here to the ledger and every log line."""
    known = request.state.get("request_id")
    if isinstance(known, str):
        return known
    given = request.headers.get("x-request-id", "")
    made = given if _REQUEST_ID.fullmatch(given) else door_of(request).world.new_id().replace("m_", "r_", 1)
    request.state["request_id"] = made
    return made


async def readable_text(request: AnyRequest) -> None:
    """Before a body is parsed: it is UTF-8, and holds no U+0000 (which no mail can carry, nor every database)."""
    body = await request.body()
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem("invalid_json", f"byte {error.start} is not UTF-8") from error
    if b"\x00" in body or b"\\u0000" in body:
        raise Problem("invalid_text")
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise Problem("invalid_json", f"it is nested deeper than {DEEPEST} levels")


def _depth(body: bytes) -> int:
    """How deep its brackets nest, those within texts aside."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
