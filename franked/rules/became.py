"""What became of one mail, in a sentence, with the receiving server's own words and what there is to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from franked.rules.address import Address
from franked.rules.event import BounceType, Event, state_of
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.pace import LaneWait
from franked.rules.remedy import hint


@dataclass(frozen=True, slots=True)
class MailTold:
    """One of the newest mails, as far as it explains something. `detail`: of its last attempt."""

    id: str
    stream: str
    lane: Lane
    state: State
    reason: str | None
    accepted_at: datetime
    detail: str = ""
    events: Sequence[Event] = ()


_NOTHING = "Nothing is to be done."


def became(mail: MailTold, to: Address, waiting: Mapping[Lane, LaneWait]) -> tuple[str, datetime, str, str]:
    """A word, when, the sentence's end, the way out."""
    event = _event(mail)
    at, words = (event.at, event.detail) if event else (mail.accepted_at, mail.detail)
    match mail.state:
        case State.DELIVERED:
            said = f"was delivered on {minute(at)}{colon(words)}."
            return "delivered", at, said, "The receiving server has it: look in the spam folder, and at its filters."
        case State.BOUNCED | State.SOFT_BOUNCED:
            return _bounced(event, at)
        case State.COMPLAINED:
            said = f"was called spam by its reader on {minute(at)}."
            return "complained", at, said, "Do not write to them again about it."
        case State.REJECTED:
            return "rejected", at, f"was not sent by SES{colon(words)}.", "What SES names must change."
        case State.DELAYED:
            said = f"is not through yet: the receiving server puts it off{colon(words)}."
            return "delayed", at, said, "SES goes on trying for half a day; nothing is to be done."
        case State.SENT:
            said = "was taken by SES, and nothing has come back yet."
            return "sent", at, said, "Wait; if it stays so, `franked canary` says whether events come back."
        case State.QUEUED | State.SENDING:
            waits = waiting.get(mail.lane)
            said = f"is on its way{colon(waits.why if waits else mail.detail)}."
            return mail.state.value, at, said, _NOTHING
        case _:
            return mail.reason or mail.state.value, mail.accepted_at, *_held_or_dropped(mail, to)


def _event(mail: MailTold) -> Event | None:
    """The one that its state is by; else the newest."""
    by = [one for one in mail.events if state_of(one) is mail.state]
    return max(by or mail.events, key=lambda one: one.at, default=None)


def _bounced(bounce: Event | None, at: datetime) -> tuple[str, datetime, str, str]:
    words = colon(bounce.detail) if bounce else ""
    if bounce is not None and bounce.bounce_type is BounceType.PERMANENT:
        said = f"bounced for good on {minute(bounce.at)}{words}."
        return "bounced", bounce.at, said, "The receiving server does not take it: ask for another address."
    at = bounce.at if bounce else at
    said = f"bounced for now on {minute(at)}{words}."
    return "soft_bounced", at, said, "Send it again later, as a new message; the mailbox may be full."


def _held_or_dropped(mail: MailTold, to: Address) -> tuple[str, str]:
    """In the words of its hint: the sentence before the colon, and the way out after it."""
    said = f"is {mail.state}" if mail.state in {State.HELD, State.DEAD, State.UNKNOWN} else f"was {mail.state}"
    why = f" ({mail.reason})" if mail.reason else ""
    means, _, way_out = (hint(mail.state, mail.reason, to.spelled, mail.id) or "").partition(": ")
    words = f"{means[:1].lower()}{means[1:]}" + (f" ({mail.detail})" if mail.detail else "")
    way_out = f"{way_out[:1].upper()}{way_out[1:]}" if way_out else _NOTHING
    return f"{said}{why}{colon(words)}.", way_out


def colon(words: str) -> str:
    return f": {words.rstrip('.')}" if words else ""


def minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
