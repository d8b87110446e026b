"""The recount: what must have been counted, of the seed alone. It knows no event, no parser and no record.

The rules are those of design.md: a counter moves once per (message, kind), when that is first heard of; a message's
state moves upwards in severity; mail to SES's mailbox simulator counts apart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.recount.plan import ANSWER, BEGIN, LASTS, Mail, plan_of

WORDS = {
    ANSWER: "sent",
    "send": "sent",
    "delay": "delayed",
    "delay again": "delayed",
    "soft bounce": "soft_bounced",
    "soft bounce again": "soft_bounced",
    "undetermined": "soft_bounced",
    "delivery": "delivered",
    "reject": "rejected",
    "rendering failure": "rejected",
    "bounce": "bounced",
    "bounced after all": "bounced",
    "echo": "echo",
    "left": "echo",
    "complaint": "complained",
    "complaint again": "complained",
    "praise": "not_spam",
    "unsigned": "auth_failure",
}  # all else counts nowhere
SEVERITY = ("sent", "delayed", "soft_bounced", "delivered", "rejected", "bounced", "complained")
STATES = {what: what for what in SEVERITY} | {"echo": "bounced"}
IN_FIGURES = ("sent", "delivered", "bounced", "soft_bounced", "complained", "rejected")
PROVIDERS = {"gmail.com": "gmail", "outlook.com": "microsoft", "web.de": "gmx and web.de"}
LANES = {"sign-in-code": "urgent", "receipt": "normal", "booking": "normal", "digest": "bulk", "offer": "bulk"}
DOMAINS = {"offer": "news.example.net", "booking": "travel.example.org"}
OURS = "backup.example.com"
OTHERS = "mail of others"
QUARTER = timedelta(minutes=15)

Three = tuple[int, int, int]  # sent, bounced, complained
Name = tuple[str, ...]


@dataclass(slots=True)
class Counts:
    """All that is compared, by name."""

    counters: Counter[Name] = field(default_factory=Counter)  # stream, what
    parts: Counter[Name] = field(default_factory=Counter)  # stream, provider, what
    states: Counter[Name] = field(default_factory=Counter)  # stream, state
    seen: dict[Name, Three] = field(default_factory=dict)  # quarter
    rates: dict[Name, Three] = field(default_factory=dict)  # by what, of what
    fresh: int = 0

    def flat(self) -> dict[Name, int | Three]:
        tables: dict[str, Mapping[Name, int | Three]] = {
            **{"counter": self.counters, "part": self.parts, "state": self.states},
            **{"quarter": self.seen, "rate": self.rates},
        }
        all_ = {(of, *name): value for of, table in tables.items() for name, value in table.items()}
        return {name: value for name, value in all_.items() if value and value != (0, 0, 0)} | {("fresh",): self.fresh}


def differing(found: Counts, wanted: Counts) -> list[tuple[Name, object, object]]:
    """Name, found, wanted."""
    one, other = found.flat(), wanted.flat()
    return [
        (name, one.get(name), other.get(name))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def recount(events: int, seed: int) -> Counts:
    counts, heard = Counts(), set[tuple[str, str, str]]()
    figures: Counter[tuple[str, str, datetime, str]] = Counter()
    states: dict[int, str] = {}
    plan = plan_of(events, seed)
    known = set[tuple[int, str]]()
    for now, arrivals in plan.batches:
        for mail, word in arrivals:
            if word != ANSWER and (mail.number, word) not in known:
                known.add((mail.number, word))
                counts.fresh += len(_about(mail, word))
            what = WORDS.get(word) if mail.is_answered or word != ANSWER else None
            if what is None:
                continue
            if state := STATES.get(what):
                states[mail.number] = max(states.get(mail.number, "sent"), state, key=SEVERITY.index)
            for to in _about(mail, word):
                counted = f"simulated_{what}" if to.endswith("@simulator.amazonses.com") else what
                if (str(mail.number), to, counted) not in heard:
                    heard.add((str(mail.number), to, counted))
                    counts.counters[_stream(mail), counted] += 1
                    figures[_stream(mail), _provider(to), now - (now - BEGIN) % QUARTER, counted] += 1
    for mail in plan.mails:
        if mail.is_ours:
            counts.states[mail.stream, states.get(mail.number, "unknown") if _is_known(mail) else "unknown"] += 1
    _sum_up(counts, figures)
    return counts


def _is_known(mail: Mail) -> bool:
    """Whose mail it is, tells a tag, or else SES's id, which the call's answer had."""
    return mail.is_ours and (mail.has_tags or mail.is_answered)


def _stream(mail: Mail) -> str:
    return mail.stream if _is_known(mail) else ""


def _about(mail: Mail, word: str) -> tuple[str, ...]:
    """These events name whom they are about; the others are about the first."""
    names = {"delivered", "delayed", "bounced", "soft_bounced", "complained", "echo", "not_spam", "auth_failure"}
    return mail.to if WORDS.get(word) in names else mail.to[:1]


def _provider(to: str) -> str:
    return PROVIDERS.get(to.partition("@")[2], "other")


# --- sums -------------------------------------------------------------------------------------------------------------


def _sum_up(counts: Counts, figures: Counter[tuple[str, str, datetime, str]]) -> None:
    rates: dict[Name, Counter[str]] = {}
    quarters: dict[datetime, Counter[str]] = {}
    for (stream, provider, quarter, what), n in figures.items():
        if what not in IN_FIGURES:
            continue
        counts.parts[stream, provider, what] += n
        counts.parts["*", "*", what] += n
        quarters.setdefault(quarter, Counter())[what] += n
        for name in _groups(stream, provider):
            rates.setdefault(name, Counter())[what] += n
    counts.seen = {(f"{quarter:%d %H:%M}",): _three(one) for quarter, one in quarters.items()}
    counts.rates = {name: _three(one) for name, one in rates.items()}
    counts.rates |= {("windows", name): three for name, three in _windows(quarters).items()}


def _groups(stream: str, provider: str) -> list[Name]:
    lane, domain = (LANES[stream], DOMAINS.get(stream, OURS)) if stream else ("unknown", "unknown")
    return [("streams", stream or OTHERS), ("lanes", lane), ("sender_domains", domain), ("providers", provider)]


def _windows(quarters: dict[datetime, Counter[str]]) -> dict[str, Three]:
    newest = sorted(quarters.items(), reverse=True)
    end = BEGIN + LASTS
    return {
        "24 hours": _three(_added(one for at, one in newest if at > end - timedelta(days=1) - QUARTER)),
        "7 days": _three(_added(one for _, one in newest)),
        **{f"last {most:,} sends": _three(_last(newest, most)) for most in (1_000, 10_000)},
    }


def _last(newest: list[tuple[datetime, Counter[str]]], most: int) -> Counter[str]:
    """Of the newest quarters, until there are so many sends."""
    total = Counter[str]()
    for _, one in newest:
        if total["sent"] >= most:
            break
        total.update(one)
    return total


def _added(some: Iterable[Counter[str]]) -> Counter[str]:
    total = Counter[str]()
    for one in some:
        total.update(one)
    return total


def _three(one: Counter[str]) -> Three:
    return one["sent"], one["bounced"], one["complained"]
