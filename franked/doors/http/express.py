"""One mail in its plain shape, past the framework, which takes longer over a request than Franked over a mail.

Only what is plainly a mail, of a caller who is known, goes this way, through the functions of the route itself.
Whatever is odd about a request goes to the route as it came: that has a word for each oddity.
"""

from collections.abc import Mapping

import msgspec
from litestar import Request
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPRequestEvent, Receive, ReceiveMessage, Scope, Send

from franked.doors.http.context import Asker, Door, key_in, look_through, named
from franked.doors.http.messages import MESSAGES
from franked.doors.http.problems import Problem, answer, problem_of
from franked.doors.http.shapes import Accepted, NewMessage
from franked.doors.http.taking import taken
from franked.doors.http.weighing import SMALL
from franked.store import StoreUnavailable

Headers = Mapping[bytes, bytes]

_read = msgspec.json.Decoder(NewMessage).decode
_written = msgspec.json.Encoder().encode


def express(app: ASGIApp, door: Door) -> ASGIApp:
    """`app`, and before it a lane of its own for `POST /v1/messages`."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers_of_a_plain_mail(scope)
        asker = await _asker(headers, door)
        if asker is None:
            return await app(scope, receive, send)
        body = await _whole(receive)
        if body is None:
            return None  # its sender has gone
        mail = _mail_in(body)
        if mail is None:
            return await app(scope, _again(body), send)
        try:
            accepted = await taken(mail, _text(headers, b"idempotency-key"), len(body), asker)
        except Exception as error:
            told = answer(problem_of(error, MESSAGES, door.world))
            told.headers["X-Request-Id"] = asker.request_id
            return await told.to_asgi_response(None, Request(scope))(scope, receive, send)
        return await _say(accepted, asker.request_id, send)

    return handle


def _headers_of_a_plain_mail(scope: Scope) -> Headers:
    """None of any other request, nor of one whose body may be large: many of those at once are weighed."""
    if scope["type"] != ScopeType.HTTP or scope["path"] != MESSAGES or scope["method"] != HttpMethod.POST:
        return {}
    given = list(scope["headers"])
    headers = dict(given)
    length = headers.get(b"content-length", b"")
    is_small = length.isdigit() and int(length) <= SMALL
    return headers if is_small and len(headers) == len(given) else {}


async def _asker(headers: Headers, door: Door) -> Asker | None:
    if not headers or door.stopping.is_set():
        return None
    try:
        key = await key_in(_text(headers, b"authorization") or "", door)
    except StoreUnavailable:
        return None  # the route says so
    return Asker(key, door, named(_text(headers, b"x-request-id") or "", door)) if key else None


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


async def _whole(receive: Receive) -> bytes | None:
    body = b""
    while True:
        event = await receive()
        if event["type"] != "http.request":
            return None
        body += event["body"]
        if not event["more_body"]:
            return body


def _mail_in(body: bytes) -> NewMessage | None:
    try:
        look_through(body)
        return _read(body)
    except (Problem, msgspec.DecodeError):
        return None


def _again(body: bytes) -> Receive:
    async def receive() -> ReceiveMessage:
        return HTTPRequestEvent(type="http.request", body=body, more_body=False)

    return receive


async def _say(accepted: Accepted, request_id: str, send: Send) -> None:
    body = _written(accepted)
    headers = [
        (b"content-type", b"application/json"),
        (b"x-request-id", request_id.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
