"""A second factor that is no mail: an authenticator app's codes (TOTP, RFC 6238), and recovery codes beside it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

RECOVERY_CODES = 10
FREE_FAILURES = 5  # in a row; after that each next guess has to wait
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A secret that was drawn for an account; it counts once a code of it was confirmed."""

    account: str
    secret: str = field(repr=False)  # base32


@dataclass(frozen=True, slots=True)
class Proof:
    """What was typed for an account. `recovery`: confirm what was enrolled, and keep these; None: it was confirmed."""

    account: str
    typed: str = field(repr=False)
    at: datetime
    recovery: tuple[str, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Factor:
    """How an account's factor stands."""

    account: str
    confirmed_at: datetime | None = None
    last_step: int = 0  # the newest time step whose code was taken: none is taken twice
    failures: int = 0  # since the last right one
    failed_at: datetime | None = None
    recovery_left: int = 0


def rests_until(factor: Factor) -> datetime | None:
    """Each failure doubles the rest, up to an hour: 24 guesses a day for whoever goes on."""
    over = factor.failures - FREE_FAILURES
    if over < 0 or factor.failed_at is None:
        return None
    return factor.failed_at + min(FIRST_REST * (1 << min(over, 10)), LONGEST_REST)


def counted(factor: Factor, at: datetime) -> Factor | None:
    """A guess counts as a failure before it is compared. None: it is not compared, the factor rests."""
    until = rests_until(factor)
    if until is not None and at < until:
        return None
    return replace(factor, failures=factor.failures + 1, failed_at=at)


def proven(factor: Factor, at: datetime, step: int | None, recovery_left: int) -> Factor:
    """After a right code. `step`: None of a recovery code."""
    return replace(
        factor,
        confirmed_at=factor.confirmed_at or at,
        last_step=factor.last_step if step is None else step,
        failures=0,
        failed_at=None,
        recovery_left=recovery_left,
    )


def recovery_of(typed: str) -> str:
    """As it is compared: people leave out the dash, or write capitals."""
    return "".join(typed.split()).replace("-", "").lower()
