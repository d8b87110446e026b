"""How AWS's REST APIs answer: JSON with a request id, and errors whose code stands in a header."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import msgspec
from aiohttp import web


@dataclass(frozen=True, slots=True)
class AwsError:
    """A no of the simulated account, in AWS's own code and words."""

    status: int
    code: str
    message: str


RATE_EXCEEDED = AwsError(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
QUOTA_EXCEEDED = AwsError(429, "TooManyRequestsException", "Daily message quota exceeded.")
SENDING_PAUSED = AwsError(400, "SendingPausedException", "Email sending is disabled for this account.")
UNKNOWN_SET = AwsError(404, "NotFoundException", "Configuration set <tx> does not exist.")
NOT_SIGNED = AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
UNKNOWN_OPERATION = AwsError(404, "UnknownOperationException", "The simulated account has no such operation.")
BROKEN = AwsError(500, "InternalFailure", "An internal failure happened.")
UNAVAILABLE = AwsError(503, "ServiceUnavailable", "Service is unavailable.")
SKEWED = AwsError(
    403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."
)
EXPIRED = AwsError(403, "ExpiredTokenException", "The security token included in the request is expired")


def bad_request(message: str) -> AwsError:
    return AwsError(400, "BadRequestException", message)


def rejected(message: str) -> AwsError:
    return AwsError(400, "MessageRejected", message)


def not_found(message: str) -> AwsError:
    return AwsError(404, "NotFoundException", message)


def set_paused(name: str) -> AwsError:
    return AwsError(400, "SendingPausedException", f"Email sending is disabled for the configuration set <{name}>.")


def already_exists(message: str) -> AwsError:
    return AwsError(400, "AlreadyExistsException", message)


def answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(payload),
        status=status,
        content_type="application/json",
        headers={"x-amzn-RequestId": str(uuid4()), **(headers or {})},
    )


def refusal(error: AwsError) -> web.Response:
    return answer({"message": error.message}, error.status, {"x-amzn-ErrorType": error.code})
