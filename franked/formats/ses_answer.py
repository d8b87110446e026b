"""What SES's answer to SendEmail means for the mail. The same code can mean two things: the text decides.

Codes and texts: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
A mail may be sent a second time only if SES surely did not take it; where nobody knows, the answer is Unknown.
"""

import re

import msgspec

from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater, Unknown

ERROR_TYPE = "x-amzn-ErrorType"

_LONGEST_DETAIL = 400
_ADDRESS = re.compile(r"([^\s<>,;:\"']?)[^\s<>,;:\"'@]*@")
_DAILY = ("daily message quota exceeded", "daily sending quota exceeded")
_NO_ANSWER = (408, 502, 504)  # of whoever stood between us and SES and may have passed the mail on
_AWS_TROUBLE = (500, 503)
_NOT_LET_IN = (401, 403)
_CREDENTIALS = {
    *("ExpiredToken", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignature"),
    *("UnrecognizedClient", "InvalidClientTokenId", "IncompleteSignature", "MissingAuthenticationToken"),
    "AccessDenied",
}


class _Answer(msgspec.Struct):
    message_id: str | None = msgspec.field(default=None, name="MessageId")
    message: str | None = None
    capital_message: str | None = msgspec.field(default=None, name="Message")
    type: str | None = msgspec.field(default=None, name="__type")
    code: str | None = None


_DECODER = msgspec.json.Decoder(_Answer)


def outcome(status: int, error_type: str | None, body: bytes) -> Outcome:
    """`error_type`: the header x-amzn-ErrorType. `body`: what of the answer could be read, whole or not."""
    answer = _read(body)
    if status == 200:
        return _taken(answer)
    if not 400 <= status <= 599 or status in _NO_ANSWER:
        return Unknown(f"HTTP {status}, which SES itself does not answer")
    code = _code(error_type or answer.type or answer.code or "")
    text = answer.message or answer.capital_message or ""
    if not code and not text:
        return _without_envelope(status)
    return _by_code(code, text, _detail(status, code, text)) or _by_status(status, text, _detail(status, code, text))


def _read(body: bytes) -> _Answer:
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Answer()


def _taken(answer: _Answer) -> Outcome:
    return Sent(answer.message_id) if answer.message_id else Unknown("HTTP 200 without a MessageId that can be read")


def _code(raw: str) -> str:
    """`ns#BadRequestException:http://…` → `BadRequest`: one word for both APIs' spellings."""
    return raw.partition(":")[0].rpartition("#")[2].strip().removesuffix("Exception")


def _detail(status: int, code: str, text: str) -> str:
    """For an operator; SES repeats addresses in its texts, and this line ends in logs."""
    masked = _ADDRESS.sub(r"\1…@", text[: 5 * _LONGEST_DETAIL])  # before the cut, which could halve an address
    return f"HTTP {status} {code[:80]}: {masked}"[:_LONGEST_DETAIL]


def _without_envelope(status: int) -> Outcome:
    """No word from AWS: something between us and SES spoke. A 4xx of it means that SES never saw the mail, and says
    nothing against the mail (but for its size), so it waits until someone has looked at what stands between."""
    if status >= 500:
        return Unknown(f"HTTP {status} without AWS's error envelope")
    if status == 413:
        return Refused("too_large", "HTTP 413: the mail is larger than what lies between here and SES lets through")
    if status == 429:
        return TryLater(Delay.RATE, "HTTP 429 without AWS's error envelope")
    return TryLater(Delay.ACCOUNT, f"HTTP {status} without AWS's error envelope: a proxy, or not SES's endpoint?")


def _by_code(code: str, text: str, detail: str) -> Outcome | None:
    match code:
        case "Throttling" | "TooManyRequests" | "LimitExceeded":
            return _throttled(text, detail)
        case "MessageRejected":
            return Refused("not_verified" if "not verified" in text.lower() else "message_rejected", detail)
        case "BadRequest":
            return Refused("bad_request", detail)
        case "NotFound":  # an unknown set is the lane's trouble: it makes the lane wait and does not cost the mail
            return TryLater(Delay.LANE, detail) if _of_a_set(text) else Refused("bad_request", detail)
        case "RequestEntityTooLarge":
            return Refused("too_large", detail)
        case "SendingPaused":
            return TryLater(Delay.LANE if _of_a_set(text) else Delay.ACCOUNT, detail)
        case "ConfigurationSetDoesNotExist" | "ConfigurationSetSendingPaused":
            return TryLater(Delay.LANE, detail)
        case "MailFromDomainNotVerified":
            return TryLater(Delay.SENDER, detail)
        case "AccountSendingPaused" | "AccountSuspended":
            return TryLater(Delay.ACCOUNT, detail)
        case _ if code in _CREDENTIALS:
            return TryLater(Delay.CREDENTIALS, detail)
        case _:
            return None


def _by_status(status: int, text: str, detail: str) -> Outcome:
    """A code this table does not know: AWS adds some at any time."""
    if status in _AWS_TROUBLE:
        return TryLater(Delay.SERVER, detail)
    if status >= 500:
        return Unknown(detail)
    if status == 429:
        return _throttled(text, detail)
    if status in _NOT_LET_IN:
        return TryLater(Delay.CREDENTIALS, detail)
    return Refused("too_large" if status == 413 else "bad_request", detail)


def _throttled(text: str, detail: str) -> TryLater:
    return TryLater(Delay.QUOTA if any(daily in text.lower() for daily in _DAILY) else Delay.RATE, detail)


def _of_a_set(text: str) -> bool:
    return "configuration set" in text.lower() or "configurationset" in text.lower()
