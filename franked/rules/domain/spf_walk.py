"""What evaluating an SPF record costs: ten look-ups at most, two of them for nothing (RFC 7208, 4.6.4).

A walk asks by `yield` and is sent the answer: it decides alone, and whoever leads it does the asking.
"""

from collections.abc import Generator
from dataclasses import dataclass, field

from franked.rules.dns import Answer, Found, Type, Unanswered
from franked.rules.domain.spf import ASKING, NoSpf, Spf, Term, parse, records_of

MOST_LOOK_UPS, MOST_VOID, MOST_MX = 10, 2, 10
GIVEN_UP = 25  # look-ups: nobody evaluates so far
SES = "amazonses.com"

Question = tuple[str, Type]


@dataclass(slots=True)
class Tally:
    """What a walk has seen. `texts`: SPF records of the domain itself. `faults`: sentences' ends, for which receivers
    take the record for none. `silent`: what was not answered, so that nothing behind it is known."""

    texts: tuple[str, ...] = ()
    near: bool = False  # something that was meant to be SPF
    look_ups: int = 0
    voids: int = 0
    faults: list[str] = field(default_factory=list)
    lets_ses: bool = False
    lets_all: bool = False
    silent: tuple[str, Unanswered] | None = None

    @property
    def is_over(self) -> bool:
        return self.silent is not None or self.look_ups > GIVEN_UP


Walk = Generator[Question, Answer, Tally]
_Step = Generator[Question, Answer, None]


def walk(domain: str) -> Walk:
    tally = Tally()
    answer = yield domain, Type.TXT
    if isinstance(answer, Unanswered):
        tally.silent = domain, answer
        return tally
    texts = answer.records if isinstance(answer, Found) else ()
    tally.texts = tuple(records_of(texts))
    tally.near = any("v=spf1" in text.casefold() for text in texts)
    if len(tally.texts) == 1:
        yield from _record(domain, parse(tally.texts[0]), tally, (domain,), counts=True)
    return tally


def _record(at: str, spf: Spf | NoSpf, tally: Tally, path: tuple[str, ...], *, counts: bool) -> _Step:
    """`path`: from the domain to this record. `counts`: what passes here passes at the top."""
    if isinstance(spf, NoSpf):
        tally.faults.append(f"at {at} {spf.why}")
        return
    tally.lets_all = tally.lets_all or (counts and spf.all == "+")
    for term in spf.terms:
        if term.name in ASKING and not tally.is_over:
            tally.look_ups += 1
            yield from _term(at, term, tally, path, counts=counts and term.qualifier in {"+", ""})


def _term(at: str, term: Term, tally: Tally, path: tuple[str, ...], *, counts: bool) -> _Step:
    if term.has_macro or term.name == "ptr":
        return  # what it asks depends on who sends
    target = term.target or at
    match term.name:
        case "include" | "redirect":
            yield from _included(term, tally, path, counts=counts)
        case "mx":
            answer = yield from _asked(target, Type.MX, tally)
            if isinstance(answer, Found) and len(answer.records) > MOST_MX:
                tally.faults.append(f"{target} has more than {MOST_MX} MX records")
        case _:
            yield from _asked(target, Type.A, tally)


def _included(term: Term, tally: Tally, path: tuple[str, ...], *, counts: bool) -> _Step:
    if term.target in path:
        tally.faults.append(f"{term} leads back to itself")
        return
    tally.lets_ses = tally.lets_ses or (counts and term.target == SES)
    answer = yield from _asked(term.target, Type.TXT, tally)
    if isinstance(answer, Unanswered):
        return
    found = records_of(answer.records) if isinstance(answer, Found) else []
    if len(found) != 1:
        tally.faults.append(f"{term} leads to {len(found) or 'no'} SPF record{'s' if found else ''}")
        return
    yield from _record(term.target, parse(found[0]), tally, (*path, term.target), counts=counts)


def _asked(name: str, type: Type, tally: Tally) -> Generator[Question, Answer, Answer]:
    answer = yield name, type
    if isinstance(answer, Unanswered):
        tally.silent = name, answer
    elif not isinstance(answer, Found):
        tally.voids += 1
    return answer
