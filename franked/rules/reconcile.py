"""Two lists of whom not to mail, ours and SES's: what each has to learn from the other, address by address.

Ours says more (a person, an import, a rest after soft bounces), and is the one that decides. SES's is a net under it:
it holds hard bounces and complaints only, stops what any other program of the account sends, and adds by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from franked.rules.address import SIMULATOR_DOMAIN, Address, parse
from franked.rules.at_ses import Call, Conflict, Listed, Put, Reason, Remove, Stand
from franked.rules.person import is_erased
from franked.rules.suppression import EVERYWHERE, Suppression, Why

SOURCE = "SES's list"
_WHY = {Reason.BOUNCE: Why.HARD_BOUNCE, Reason.COMPLAINT: Why.COMPLAINT}
_REASON = {why: reason for reason, why in _WHY.items()}
OF_SES = frozenset(_REASON)  # what goes onto SES's list, and comes from it


@dataclass(frozen=True, slots=True)
class Sides:
    """What is known of one address. `lifted_at`: when a person last lifted a hard bounce or a complaint."""

    key: str
    ours: Suppression | None = None  # in force
    theirs: Sequence[Listed] = ()  # in one spelling, or in several
    lifted_at: datetime | None = None
    erased: bool = False
    vanished: bool = False  # SES had it, and has it no more


@dataclass(frozen=True, slots=True)
class Decision:
    calls: tuple[Call, ...] = ()
    take: Suppression | None = None  # onto ours
    conflict: Conflict | None = None
    said: str = ""


NOTHING = Decision()


def decide(sides: Sides) -> Decision:
    """Nothing that stops a mail is ever taken off a list, but by a person's word."""
    if _is_simulated(sides.key) or is_erased(sides.key):
        return NOTHING
    if sides.erased:  # a hash can't be put on SES's list, and the address has to go from it
        return Decision(tuple(Remove(one.spelled) for one in sides.theirs))
    if not sides.theirs:
        return _of_ours_alone(sides)
    if reason := _reason(sides.ours):
        return _of_both(sides, reason)
    return _of_theirs_alone(sides)


def _of_ours_alone(sides: Sides) -> Decision:
    reason = _reason(sides.ours)
    if reason is None or not isinstance(parse(sides.key), Address):
        return NOTHING
    calls = (Put(sides.key, reason),)
    if sides.vanished:
        return Decision(
            calls, None, Conflict.REMOVED_AT_SES, "it was taken off at SES, not by Franked: put there again"
        )
    return Decision(calls)


def _of_both(sides: Sides, ours: Reason) -> Decision:
    strongest = _strongest(sides.theirs)
    if strongest.reason is ours:
        return NOTHING
    said = f"here {ours.value}, at SES {strongest.reason.value}: the complaint counts"
    take = _taken(sides.key, strongest) if ours is Reason.BOUNCE else None
    return Decision((), take, Conflict.REASONS_DIFFER, said)


def _of_theirs_alone(sides: Sides) -> Decision:
    """Ours has nothing, or something that SES's list can't hold. What a person lifted here goes there too."""
    lifted = sides.lifted_at
    later = [one for one in sides.theirs if lifted is None or one.at > lifted]
    calls = tuple(Remove(one.spelled) for one in sides.theirs if one not in later)
    if not later:
        return Decision(calls)
    take = _taken(sides.key, _strongest(later))
    if lifted is None:
        return Decision((), take)
    said = f"lifted here on {lifted:%Y-%m-%d %H:%M}Z, listed by SES again on {take.at:%Y-%m-%d %H:%M}Z: not mailed"
    return Decision(calls, take, Conflict.RELISTED, said)


def is_of_ses(suppression: Suppression | None) -> bool:
    """Whether it belongs on SES's list."""
    return _reason(suppression) is not None and suppression is not None and not _is_simulated(suppression.address_key)


def _reason(ours: Suppression | None) -> Reason | None:
    """None: SES's list can't hold it (soft, a person's or an import's word, for a time, in one scope)."""
    if ours is None or ours.until is not None or ours.scope != EVERYWHERE:
        return None
    return _REASON.get(ours.why)


def _strongest(listed: Sequence[Listed]) -> Listed:
    return max(listed, key=lambda one: (one.reason is Reason.COMPLAINT, one.at))


def _taken(key: str, listed: Listed) -> Suppression:
    return Suppression(key, _WHY[listed.reason], listed.at, source=SOURCE)


def _is_simulated(key: str) -> bool:
    return key.endswith(f"@{SIMULATOR_DOMAIN}")


@dataclass(frozen=True, slots=True)
class Due:
    """A call that is to be made, and since when."""

    call: Call
    address_key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """It was made. `refused`: SES's words, where it will never take it."""

    due: Due
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What was learned, of which addresses is to be decided, and where it stands then; all of it, or nothing.

    `before`: the version that this step was taken at. `gone_most`: up to so many entries that the listing did not see
    are gone at SES.
    """

    before: int
    stand: Stand
    decide: Callable[[Sides], Decision] = decide
    listed: Sequence[Listed] = ()
    keys: Sequence[str] = ()
    called: Called | None = None
    gone_most: int = 0


@dataclass(frozen=True, slots=True)
class Stepped:
    stand: Stand
    gone: int  # entries that were forgotten
