"""What a transport said about one call. Will trying again help? The transport answers; nobody asks twice."""

from dataclasses import dataclass
from enum import StrEnum


class Delay(StrEnum):
    """Why SES did not take a mail that it may well take later."""

    RATE = "rate_throttled"
    QUOTA = "daily_quota"
    LANE = "lane_stopped"  # this lane's configuration set is unknown or paused
    ACCOUNT = "account_stopped"  # sending paused, account suspended
    SENDER = "sender_stopped"  # the sender's MAIL FROM domain is broken
    SERVER = "server_error"  # AWS's own error envelope on a 500 or 503
    CONNECTION = "not_connected"  # no byte left this machine
    CREDENTIALS = "credentials"  # expired, skewed or wrong: nothing was accepted
    FAULT = "our_fault"  # a mistake of Franked's own, before the call
    LATE = "too_late_to_call"  # `call_by` had passed before the first byte

    @property
    def costs_a_try(self) -> bool:
        return self in {Delay.SERVER, Delay.FAULT}

    @property
    def stops(self) -> bool:
        """A person should look: no try is spent on it, so nothing else would ever say it (rules.trouble)."""
        return self in {Delay.QUOTA, Delay.LANE, Delay.ACCOUNT, Delay.SENDER, Delay.CREDENTIALS}


@dataclass(frozen=True, slots=True)
class Sent:
    ses_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A permanent no for this payload."""

    why: str  # one word: template_error, message_rejected, not_verified, bad_request, too_large
    detail: str


@dataclass(frozen=True, slots=True)
class TryLater:
    why: Delay
    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A byte left this machine and no answer that can be read came back: SES may have taken the mail."""

    detail: str


Outcome = Sent | Refused | TryLater | Unknown


def word(outcome: Outcome) -> str:
    """What the story, the log and the docs call it."""
    match outcome:
        case Sent():
            return "sent"
        case Refused():
            return "refused"
        case TryLater():
            return "try_later"
        case Unknown():
            return "unknown"
