"""What comes back from SES about one recipient of one mail, in our own words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from franked.rules.message import State

NO_COMPLAINT = {"not-spam", "auth-failure"}  # a person's praise; a word about our signatures


class Kind(StrEnum):
    SEND = "send"
    DELIVERY_DELAY = "delivery_delay"
    DELIVERY = "delivery"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering_failure"
    OPEN = "open"
    CLICK = "click"
    SUBSCRIPTION = "subscription"
    OTHER = "other"  # SES may add kinds at any time: kept, shown, without consequence


class BounceType(StrEnum):
    PERMANENT = "Permanent"
    TRANSIENT = "Transient"
    UNDETERMINED = "Undetermined"


@dataclass(frozen=True, slots=True)
class Event:
    key: str  # sha256 over kind, ses_id, recipient and feedback id or time: the same event twice has the same key
    kind: Kind
    ses_id: str
    message_id: str | None  # from our tag; None when SES sent no tags (identity notifications) or the mail is not ours
    attempt_id: str | None
    recipient: str | None  # address key, leniently read: it may differ from what we sent to
    at: datetime
    bounce_type: BounceType | None = None
    subtype: str | None = None  # bounceSubType, complaintSubType; open strings
    feedback: str | None = None  # complaintFeedbackType: abuse, not-spam, …
    detail: str = ""  # diagnostic code, reason, SMTP answer: for people
    raw: str = ""  # the SES JSON, but for the mail's headers

    @property
    def cause(self) -> str:
        """SES's own words for what kind of bounce or complaint it is."""
        return "/".join(word for word in (self.bounce_type, self.subtype or self.feedback) if word)


def state_of(event: Event) -> State | None:
    """The state this event proves, None when it proves nothing."""
    match event.kind:
        case Kind.SEND:
            return State.SENT
        case Kind.DELIVERY_DELAY:
            return State.DELAYED
        case Kind.DELIVERY:
            return State.DELIVERED
        case Kind.BOUNCE:
            return State.BOUNCED if event.bounce_type is BounceType.PERMANENT else State.SOFT_BOUNCED
        case Kind.COMPLAINT:
            return None if event.feedback in NO_COMPLAINT else State.COMPLAINED
        case Kind.REJECT | Kind.RENDERING_FAILURE:
            return State.REJECTED
        case Kind.OPEN | Kind.CLICK | Kind.SUBSCRIPTION | Kind.OTHER:
            return None
