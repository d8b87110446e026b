"""The door for mail: `POST /v2/email/outbound-emails`."""

import re
from typing import Any

import msgspec
from aiohttp import web

from franked.backends.local.answers import BROKEN, NOT_SIGNED, AwsError, answer, refusal
from franked.backends.local.office import OFFICE, Office
from franked.backends.local.reading import letter_of
from franked.backends.local.suffering import suffer
from franked.backends.local.validation import request_fault

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")

NOT_JSON = AwsError(400, "SerializationException", "The request body is not JSON.")


async def send_email(request: web.Request) -> web.StreamResponse:
    office = request.app[OFFICE]
    if "Authorization" not in request.headers:
        return refusal(NOT_SIGNED)
    body = await request.read()
    fault = office.faults.next_send(_access_key(request.headers["Authorization"]))
    if fault is None:
        return await _accepted(body, office)
    return await suffer(fault, request, lambda: _accepted(body, office), office.closing)


def _access_key(authorization: str) -> str:
    found = _ACCESS_KEY.search(authorization)
    return found[1] if found else ""


async def _accepted(body: bytes, office: Office) -> web.Response:
    """The answer, once the events that are to come before it were posted."""
    answered = accept(body, office)
    await office.topic.post_early()
    return answered


def accept(body: bytes, office: Office) -> web.Response:
    wire = checked(body, "SendEmail")
    if isinstance(wire, AwsError):
        return refusal(wire)
    letter = letter_of(wire, office.stamp())
    if isinstance(letter, AwsError):
        return refusal(letter)
    try:
        refused = office.take(letter)
    except OSError:  # the disk is full: not taken
        return refusal(BROKEN)
    return refusal(refused) if refused else answer({"MessageId": letter.ses_id})


def checked(body: bytes, operation: str, service: str = "sesv2") -> dict[str, Any] | AwsError:
    """The body as JSON that keeps the model of the operation."""
    try:
        wire: Any = msgspec.json.decode(body or b"{}")
    except (ValueError, RecursionError):
        return NOT_JSON
    return request_fault(operation, wire, service) or dict(wire)
