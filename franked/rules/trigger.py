"""The act of a person that asked for a mail."""

from datetime import datetime, timedelta

from msgspec import Struct

CLOCKS_DIFFER = timedelta(minutes=5)  # an application's clock may run ahead of ours


class Trigger(Struct, frozen=True):
    act: str  # "sign-up", "vote", "reset-request"
    by: str  # whose act, in the application's own terms: the account the mail belongs to
    at: datetime  # aware, UTC
    ref: str | None = None  # what the act was about, in the application's own terms


def recent(trigger: Trigger, within: timedelta, now: datetime) -> bool:
    return now - within <= trigger.at <= now + CLOCKS_DIFFER
