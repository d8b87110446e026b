"""What a rule makes of an answer: its status, in a sentence, with the lines that mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from franked.rules.dns import Answer, NoName, Unanswered
from franked.rules.finding import Status

LONGEST = 300
_ORDER = {status: place for place, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Opinion:
    status: Status
    found: str
    fix: tuple[str, ...] = ()


def unknown(name: str, answer: Unanswered) -> Opinion:
    return Opinion(Status.UNKNOWN, f"{shown(name)} could not be looked up: {answer.why}.")


def none_there(answer: Answer) -> str:
    """For a sentence of a name that has nothing."""
    return "there is no such name" if isinstance(answer, NoName) else "the name has no such record"


def together(opinions: Iterable[Opinion], if_ok: str) -> Opinion:
    """The worst status of all, with every sentence and every remedy of those that are not ok."""
    bad = [one for one in opinions if one.status is not Status.OK]
    if not bad:
        return Opinion(Status.OK, if_ok)
    worst = min((one.status for one in bad), key=_ORDER.__getitem__)
    found = " ".join(dict.fromkeys(one.found for one in bad))
    return Opinion(worst, found, tuple(dict.fromkeys(line for one in bad for line in one.fix)))


def shown(text: str, longest: int = LONGEST) -> str:
    """What a stranger published, as it may stand in a sentence or on a terminal."""
    plain = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[: longest + 1])
    return plain if len(plain) <= longest else f"{plain[:longest]}…"
