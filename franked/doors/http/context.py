"""What every route stands on: the world, who calls, which request this is."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.datastructures import State

from franked.doors.http.keyring import Keyring
from franked.doors.http.problems import Problem
from franked.doors.http.strangers import Strangers
from franked.ports import World
from franked.record import ApiKey

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_TEXT = re.compile(rb'"[^"]*"?')
_BRACKETS = bytes.maketrans(b"{}", b"[]")  # which closes which, the parser knows
_OTHERS = bytes(byte for byte in range(256) if byte not in b'"[]{}')
LARGEST_MESSAGE = 10_000_000  # bytes of a body, where its route does not say
DEEPEST = 64  # levels of JSON: Python's own limit differs from version to version
_TOO_MANY = b"[" * (DEEPEST + 1)
_BEARER = "bearer "

AnyRequest = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Door:
    """`inbox`: where the simulator shows its mail, None with real SES. `stopping`: no new mail, though SES's events are
    still taken."""

    world: World
    keyring: Keyring
    inbox: str | None = None
    strangers: Strangers = field(default_factory=Strangers)  # without a key
    forgers: Strangers = field(default_factory=Strangers)  # of SNS's messages
    receipts: Counter[str] = field(default_factory=Counter)  # what became of SNS's messages, since this start
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def links_to(self, message_id: str) -> dict[str, str]:
        links = {"story": f"/v1/messages/{message_id}"}
        return links | {"inbox": f"{self.inbox}/message/{message_id}"} if self.inbox else links


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants something of which door, and in which request."""

    key: ApiKey
    door: Door
    request_id: str


def door_of(request: AnyRequest) -> Door:
    door: Door = request.scope["state"]["door"]
    return door


async def with_a_key(request: Any, _: object) -> None:
    """A guard: the key comes before all else, for nobody else has megabytes read, or is told what a query should be.
    Raises Problem(unauthorized), the same for every reason; Problem(stopping)."""
    request_id(request)
    door = door_of(request)
    if door.stopping.is_set():
        raise Problem("stopping")
    key = await key_in(request.headers.get("authorization", ""), door)
    if key is None:
        raise _unauthorized(request)
    request.scope["state"]["key"] = key  # Litestar's own `state` is a copy of a copy, at each look
    if any("\x00" in str(part) for part in request.path_params.values()):  # PostgreSQL can't even be asked for it
        raise Problem("not_found", "no name here holds U+0000")


async def key_in(authorization: str, door: Door) -> ApiKey | None:
    presented = authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else ""
    return await door.keyring.find(presented, door.world.now(), door.world.monotonic())


async def of_the_administrator(request: Any, _: object) -> None:
    """A guard behind `with_a_key`."""
    if not key_of(request).admin:
        raise Problem("not_allowed", "this needs the administrator's key")


def key_of(request: AnyRequest) -> ApiKey:
    """The caller's, on every route behind `with_a_key`."""
    key: ApiKey = request.scope["state"]["key"]
    return key


def asker_of(request: AnyRequest) -> Asker:
    """On a route behind `with_a_key`."""
    return Asker(key_of(request), door_of(request), request_id(request))


def _unauthorized(request: AnyRequest) -> Problem:
    """The log gets the path's template, not the path: that may hold a reader's address."""
    door = door_of(request)
    untold = door.strangers.untold_before(door.world.monotonic())
    if untold is not None:
        door.world.log(
            "unauthorized",
            level="warning",
            client=client_of(request),
            route=f"{request.method} {request.scope['path_template']}",
            untold=untold or None,
            request=request_id(request),
        )
    return Problem("unauthorized")


def client_of(request: AnyRequest) -> str | None:
    """For the operator."""
    return request.client.host[:64] if request.client else None


def request_id(request: AnyRequest) -> str:
    """The caller's own, when it is one word; else a new one. It goes from here to the ledger and every log line."""
    state = request.scope["state"]
    known = state.get("request_id")
    if isinstance(known, str):
        return known
    state["request_id"] = made = named(request.headers.get("x-request-id", ""), door_of(request))
    return made


def named(given: str, door: Door) -> str:
    return given if _REQUEST_ID.fullmatch(given) else door.world.new_id().replace("m_", "r_", 1)


async def readable_text(request: AnyRequest) -> None:
    """Before a body is parsed."""
    look_through(await request.body())


def look_through(body: bytes) -> None:
    """It is UTF-8, and holds no U+0000 (which no mail can carry, nor every database). Raises Problem."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem("invalid_json", f"byte {error.start} is not UTF-8") from error
    if b"\x00" in body or b"\\u0000" in body:
        raise Problem("invalid_text")
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise Problem("invalid_json", f"it is nested deeper than {DEEPEST} levels")


def _depth(body: bytes) -> int:
    """How deep its brackets nest, those within texts aside; what is never closed counts as nested. A batch has
    thousands: each step is one pass over the bytes, and no more is measured than what is too much."""
    brackets = _TEXT.sub(b"", _ESCAPED.sub(b"", body).translate(_BRACKETS, _OTHERS))
    for depth in range(DEEPEST + 1):
        if _TOO_MANY in brackets:
            break
        within = brackets.replace(b"[]", b"")
        if within == brackets:
            return depth + within.count(b"[")
        brackets = within
    return DEEPEST + 1
