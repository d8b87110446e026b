"""SES's JSON about what became of a mail, both generations, into events: one per recipient."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG
from franked.rules.event import BounceType, Event, Kind

_KINDS = {
    "Send": Kind.SEND,
    "DeliveryDelay": Kind.DELIVERY_DELAY,
    "Delivery": Kind.DELIVERY,
    "Bounce": Kind.BOUNCE,
    "Complaint": Kind.COMPLAINT,
    "Reject": Kind.REJECT,
    "Rendering Failure": Kind.RENDERING_FAILURE,
    "Open": Kind.OPEN,
    "Click": Kind.CLICK,
    "Subscription": Kind.SUBSCRIPTION,
}
_BODY = {  # where the kind's own object stands
    Kind.SEND: "send",
    Kind.DELIVERY_DELAY: "deliveryDelay",
    Kind.DELIVERY: "delivery",
    Kind.BOUNCE: "bounce",
    Kind.COMPLAINT: "complaint",
    Kind.REJECT: "reject",
    Kind.RENDERING_FAILURE: "failure",
    Kind.OPEN: "open",
    Kind.CLICK: "click",
    Kind.SUBSCRIPTION: "subscription",
}
_RECIPIENTS = {
    Kind.BOUNCE: "bouncedRecipients",
    Kind.COMPLAINT: "complainedRecipients",
    Kind.DELIVERY: "recipients",
    Kind.DELIVERY_DELAY: "delayedRecipients",
}
_OFFSET = re.compile(r"\s*([+-]\d{2}):?(\d{2})$")
_REPEATED = {"headers", "commonHeaders", "destination"}
_LONGEST_DETAIL = 500
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_TIME_OF_AN_ID = 16  # characters: where it was made, and when


class NotAnEvent(Exception):
    """The text is no SES event. `str()` says what it looks like; such a text is acknowledged and logged."""


def parse(text: str | bytes, now: datetime) -> list[Event]:
    """The events of one SES notification, of event publishing or of an identity's feedback topic.

    `now` stands in for a timestamp that can't be read. Raises NotAnEvent. Source: shared facts on SES events; SES may
    add fields and kinds at any time, so only what is needed is looked at.
    """
    try:
        found = msgspec.json.decode(text)
        kept = _kept(found)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise NotAnEvent("not JSON") from error
    name = found.get("eventType") or found.get("notificationType") if isinstance(found, dict) else None
    mail = _mapping(found, "mail") if name else {}
    ses_id = mail.get("messageId")
    if not isinstance(name, str) or not isinstance(ses_id, str) or not ses_id:
        raise NotAnEvent("no eventType or notificationType with a mail.messageId")
    kind = _KINDS.get(name, Kind.OTHER)
    notice = _Notice(kind, name, _mapping(found, _BODY.get(kind, "")), mail, kept)
    return [_event(notice, recipient, now) for recipient in _recipients(notice)]


def _kept(found: Any) -> Mapping[str, Any]:
    """Without what SES repeats of the mail: a subject may hold a code, which the record keeps in no clear text."""
    mail = {name: value for name, value in _mapping(found, "mail").items() if name not in _REPEATED}
    kept = {**found, "mail": mail} if isinstance(found, dict) else {}
    msgspec.json.encode(kept)  # half of a surrogate pair could not be written again
    return kept


def is_event(text: str | bytes) -> bool:
    """Whether it looks like one, for whoever wonders why it comes without an envelope."""
    try:
        return bool(parse(text, _ANY_TIME))
    except NotAnEvent:
        return False


@dataclass(frozen=True, slots=True)
class _Notice:
    kind: Kind
    name: str  # as SES spells the kind
    body: Mapping[str, Any]  # the kind's own object
    mail: Mapping[str, Any]
    kept: Mapping[str, Any]

    def raw_for(self, recipient: object) -> str:
        """What is kept with one recipient's event: who else got the same mail does not belong there."""
        listed = _RECIPIENTS.get(self.kind)
        alone = {_BODY[self.kind]: {**self.body, listed: [recipient]}} if listed and self.body else {}
        return msgspec.json.encode({**self.kept, **alone}).decode()


def _event(notice: _Notice, recipient: object, now: datetime) -> Event:
    kind, body, mail = notice.kind, notice.body, notice.mail
    address = lenient_key(recipient.get("emailAddress") if isinstance(recipient, dict) else recipient)
    stamp = _text(body.get("timestamp")) or _text(mail.get("timestamp"))
    unique = _text(body.get("feedbackId")) or stamp
    return Event(
        key=_key(mail["messageId"], notice.name, address or "", unique, _text(body.get("link"))),
        kind=kind,
        ses_id=mail["messageId"],
        message_id=_tag(mail, MESSAGE_TAG),
        attempt_id=_tag(mail, ATTEMPT_TAG),
        recipient=address,
        at=_time(stamp) or now,
        bounce_type=_bounce_type(body.get("bounceType")) if kind is Kind.BOUNCE else None,
        subtype=_text(body.get("bounceSubType")) or _text(body.get("complaintSubType")) or None,
        feedback=_text(body.get("complaintFeedbackType")) or None,
        detail=_detail(body, recipient),
        raw=notice.raw_for(recipient),
    )


def _recipients(notice: _Notice) -> Sequence[object]:
    """A bounce is about its bounced recipients, never about the whole destination; one mail has one recipient."""
    if notice.kind not in _RECIPIENTS:
        destination = notice.mail.get("destination")
        return destination[:1] if isinstance(destination, list) and destination else [None]
    listed = notice.body.get(_RECIPIENTS[notice.kind])
    return listed if isinstance(listed, list) and listed else [None]


def _key(ses_id: str, *parts: str) -> str:
    """SES's ids begin with their time: what comes together lies together in an index, however many lie before it."""
    whole = hashlib.sha256("\x1f".join((ses_id, *parts)).encode("utf-8", "replace"))
    return f"{ses_id[:_TIME_OF_AN_ID]}-{whole.hexdigest()[:32]}"


def _tag(mail: Any, name: str) -> str | None:
    values = _mapping(mail, "tags").get(name)
    value = values[0] if isinstance(values, list) and values else None
    return value if isinstance(value, str) and value else None


def lenient_key(text: object) -> str | None:
    """A DSN's Final-Recipient comes as `rfc822;a@example.com`, `<a@example.com>` or with a name before it."""
    if not isinstance(text, str):
        return None
    bare = text.rpartition(";")[2].strip()
    bare = bare.rpartition("<")[2].partition(">")[0].strip()
    return bare.casefold() if "@" in bare else None


def _time(text: str) -> datetime | None:
    """`2026-03-04T10:15:07.120Z`, or as identity notifications have been seen: `2018-10-08T14:05:45 +0000`."""
    spelled = _OFFSET.sub(r"\1:\2", text.strip()).replace(" ", "")
    try:
        found = datetime.fromisoformat(spelled)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _bounce_type(text: object) -> BounceType:
    return next((kind for kind in BounceType if kind.value == text), BounceType.UNDETERMINED)


def _detail(body: Mapping[str, Any], recipient: object) -> str:
    """For people: what the other server, or SES, said."""
    said: list[str] = []
    if isinstance(recipient, dict):
        said += [_text(recipient.get("diagnosticCode")) or _text(recipient.get("status"))]
    said += [_text(body.get(name)) for name in ("smtpResponse", "reason", "errorMessage", "delayType")]
    return " ".join(part for part in said if part)[:_LONGEST_DETAIL]


def _mapping(found: Any, name: str) -> Mapping[str, Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
