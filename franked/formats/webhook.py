"""A webhook's body and headers, as https://www.standardwebhooks.com has them. Nothing that a mail says is in it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from franked.rules.webhook import Notice

CONTENT_TYPE = "application/json"


def body(notice: Notice) -> bytes:
    """The same at each call, unless the address was erased in between."""
    return _body(notice.event, notice.at, _data(notice))


def test_body(endpoint: str, at: datetime) -> bytes:
    return _body("test", at, {"endpoint": endpoint})


def headers(id_: str, at: datetime, content: bytes, secrets: Sequence[bytes]) -> Mapping[str, str]:
    """One signature for each secret: whoever verifies has one of them, while they change."""
    seconds = str(int(at.timestamp()))
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signature(id_, seconds, content, secret) for secret in secrets),
    }


def signature(id_: str, seconds: str, content: bytes, secret: bytes) -> str:
    digest = hmac.new(secret, f"{id_}.{seconds}.".encode() + content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _body(event: str, at: datetime, data: Mapping[str, object]) -> bytes:
    return msgspec.json.encode({"type": event, "timestamp": _time(at), "data": data})


def _data(notice: Notice) -> Mapping[str, object]:
    group, _, word = notice.event.partition(".")
    match group:
        case "message":
            return {"id": notice.subject, "state": word, "reason": notice.word, "at": _time(notice.at), **_mail(notice)}
        case "suppression":
            until = _time(notice.until) if notice.until else None
            return {"address": notice.subject, "why": notice.word, "at": _time(notice.at), "until": until}
        case _:
            return {"address": notice.subject, "topic": notice.word, "at": _time(notice.at)}


def _mail(notice: Notice) -> Mapping[str, object]:
    mail = notice.mail
    if mail is None:
        return {}
    return {
        "stream": mail.stream,
        "to": mail.to,
        "accepted_at": _time(mail.accepted_at),
        "trigger": {"by": mail.by, "ref": mail.ref},
    }


def _time(at: datetime) -> str:
    """RFC 3339, whole milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
