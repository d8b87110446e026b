"""A request's trail: one id from the page to Franked's record, and log lines that programs can read."""

import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from litestar.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("product")  # as what all products share
_request: ContextVar[str] = ContextVar("request", default="")


def request_id() -> str:
    """Of the request that is being answered, or whose work is done later."""
    return _request.get()


def as_header() -> Mapping[str, str]:
    """Franked keeps it with the mail, and says it in each line about it."""
    return {"X-Request-Id": request_id()} if request_id() else {}


@contextmanager
def on_behalf_of(request: str) -> Iterator[None]:
    before = _request.set(request)
    try:
        yield
    finally:
        _request.reset(before)


def tell(event: str, level: int = logging.INFO, **fields: object) -> None:
    """No code, no secret, and no address: an account's id says who."""
    log.log(level, event, extra={"fields": fields})


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "request": request_id() or None,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["fault"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def traced(app: ASGIApp) -> ASGIApp:
    """Every request has an id of ours, whatever its caller says, and a line when it has been answered."""

    async def follow(scope: Scope, receive: Receive, send: Send) -> None:
        made, began, status = f"a_{secrets.token_hex(12)}", time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", made.encode())]
            await send(message)

        with on_behalf_of(made):
            try:
                await app(scope, receive, answer)
            finally:
                milliseconds = round(1000 * (time.monotonic() - began))
                route = f"{scope.get('method')} {scope.get('path_template')}"  # a path may hold a secret
                tell("answered", route=route, status=status, milliseconds=milliseconds)

    return follow
