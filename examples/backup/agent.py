"""What agents on the machines ask for: a small JSON API, with a token of the account."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from .backups import Run
from .visit import Visit

CLOCKS_DIFFER = timedelta(hours=1)
LARGEST = 200_000  # bytes of a report
Count = Annotated[int, Meta(ge=0, le=10**15)]


class ToldRun(Struct, forbid_unknown_fields=True, frozen=True):
    """`id`: the agent's own, for one run of the account's machines: a run that is reported again is the same."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
    machine: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    ended_at: Annotated[datetime, Meta(tz=True)]
    files: Count = 0
    bytes: Count = 0
    stored: Count = 0  # by all backups of this machine together
    error: Annotated[str, Meta(max_length=200)] = ""


class Report(Struct, forbid_unknown_fields=True, frozen=True):
    """Several runs, when the agent could not report them one by one."""

    runs: Annotated[Sequence[ToldRun], Meta(min_length=1, max_length=200)]


class Taken(Struct, frozen=True):
    new: int
    known: int


class Health(Struct, frozen=True):
    notices_waiting: int  # for Franked to take them


def with_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Before the body is read."""
    told = connection.headers.get("authorization", "")
    account = connection.app.state.accounts.of_token(told.removeprefix("Bearer "))
    if account is None:
        raise NotAuthorizedException("There is no such token.")
    connection.state.account = account


@post("/api/runs", status_code=200, guards=[with_token], request_max_body_size=LARGEST)
async def runs(request: Visit, data: JSONBody[Report]) -> Taken:
    """200 means written down: the agent need not report these again."""
    latest = request.now() + CLOCKS_DIFFER
    if any(run.ended_at > latest for run in data.runs):
        raise ClientException("A run has ended in the future.")
    new = request.backups.report(request.state.account, [_run(run) for run in data.runs])
    request.notices.ring()
    return Taken(new, len(data.runs) - new)


@get("/health")
async def health(request: Visit) -> Health:
    return Health(request.notices.waiting())


def _run(told: ToldRun) -> Run:
    error = " ".join("".join(one if one.isprintable() else " " for one in told.error).split())
    return Run(told.id, told.machine, told.ended_at, told.files, told.bytes, told.stored, error)


ROUTES = [runs, health]
