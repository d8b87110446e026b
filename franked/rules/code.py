"""A code, or a link, that proves one thing: whoever has it reads the mail of an address, now.

It is a proof of an address, not an authenticator (NIST SP 800-63B): a mailbox is as safe as its owner's mail account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from franked.rules.stream import Limit

CLAIM_WITHIN = timedelta(minutes=15)  # after its button was pressed: a new password is thought of, and typed twice
WRITTEN = frozenset({"code", "url", "minutes"})  # the variables that Franked fills in, where the template has them
LONGEST_GUESS = 40  # characters, as a person pastes it


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many codes, of all streams together. None: as many as may be."""

    per_mailbox: Limit | None = None
    per_ip: Limit | None = None
    per_key: Limit | None = None


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was drawn. It exists in the clear here and in its mail; the record keeps keyed hashes.

    A newer one of the same stream, account (without one: address) and session takes its place.
    """

    id: str
    stream: str
    address_key: str
    account: str | None  # None: nobody's; it is never right, and never mailed
    session: str  # the caller's own; "" where the application names none
    code: str = field(repr=False)
    token: str = field(repr=False)
    most_guesses: int
    made_at: datetime
    resend_at: datetime  # before then a repeated request is the same request
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Guess:
    """What somebody typed, for the code `id` of this stream and session."""

    id: str
    stream: str
    session: str
    code: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was done with a link: its button was pressed (at Franked), or its proof was brought (by the application).
    `stream`: the application's word for what it is to prove; None: it has none yet."""

    token: str = field(repr=False)
    at: datetime
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """How a code stands."""

    id: str
    stream: str
    account: str | None
    made_at: datetime
    resend_at: datetime
    ends_at: datetime
    guesses_left: int
    confirmed_at: datetime | None = None  # by its link
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """May it be guessed at, or its link's button be pressed?"""
        return self.used_at is None and self.confirmed_at is None and now < self.ends_at

    def is_claimable(self, now: datetime) -> bool:
        """Its button was pressed, and the application has not asked for the proof yet."""
        if self.confirmed_at is None or self.used_at is not None:
            return False
        return now < max(self.ends_at, self.confirmed_at + CLAIM_WITHIN)

    def is_repeated_by_asking(self, now: datetime) -> bool:
        """A request that comes again so soon is the same one: its mail is under way."""
        return self.is_open(now) and now < self.resend_at


def code_id_of(message_id: str) -> str:
    """A code and the mail that brings it have one id, but for its first letter."""
    return f"c{message_id[1:]}"


def message_id_of(code_id: str) -> str:
    return f"m{code_id[1:]}"


def counted(code: Code, now: datetime) -> Code | None:
    """A guess is counted before anything is compared. None: it is not compared at all."""
    if not code.is_open(now) or code.guesses_left < 1:
        return None
    return replace(code, guesses_left=code.guesses_left - 1)


def used(code: Code, now: datetime) -> Code | None:
    """What the right code, or the proof of a pressed button, makes of it. None: of nobody's nothing comes."""
    return None if code.account is None else replace(code, used_at=now)


def pressed(code: Code, now: datetime) -> Code | None:
    """Pressed twice it stays pressed; None: it opens nothing any more."""
    if code.account is None:
        return None
    if code.is_claimable(now):
        return code
    return replace(code, confirmed_at=now) if code.is_open(now) else None


def claimed(code: Code, stream: str, now: datetime) -> Code | None:
    return used(code, now) if code.stream == stream and code.is_claimable(now) else None


def digits_of(text: str) -> str:
    """As people paste it: with blanks or dashes in it. ASCII digits only; "" for anything else."""
    plain = "".join(text.split()).replace("-", "") if len(text) <= LONGEST_GUESS else ""
    return plain if plain.isascii() and plain.isdigit() else ""


def written_over(variables: Mapping[str, object]) -> list[str]:
    """Of an application's variables those that Franked writes itself."""
    return sorted(WRITTEN & variables.keys())
