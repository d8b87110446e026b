"""What stands in the letter's sentences: of the settings, of the record, of what the checks have seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from franked.access.checks.loop import origins_in_words
from franked.access.checks.product import domains_of, own_streams
from franked.ports import World
from franked.rules.approval import Step
from franked.rules.content import Content
from franked.rules.declared import Declared
from franked.rules.dns_needed import candidates
from franked.rules.finding import Evidence, Finding
from franked.rules.report import begin_of, last_of
from franked.rules.request import reviewed_at
from franked.rules.stream import Kind

LEAST_DAYS = 7  # of mail, before a volume is measured
_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Measured:
    """Mails of a stream: a day in the mean, over so many days, and on the busiest of them."""

    a_day: float
    days: int
    busiest: int


@dataclass(frozen=True, slots=True)
class Facts:
    declared: Declared
    domains: tuple[str, ...]
    findings: Sequence[Finding]
    now: datetime
    stops_all: bool = False
    measured: Mapping[str, Measured] = field(default_factory=dict)
    origins: str = ""
    imports: str = ""
    approvals: str = ""
    reviewed: str = ""

    @property
    def kinds(self) -> str:
        """Of the product's mail, in words."""
        kinds = {stream.kind for stream in own_streams(self.declared)}
        if kinds == {Kind.TRANSACTIONAL}:
            return "transactional mail only"
        words = {
            Kind.TRANSACTIONAL: "transactional mail",
            Kind.NOTIFICATION: "notifications that can be turned off",
            Kind.MARKETING: "news to readers who asked for it and confirmed it",
        }
        return _joined([words[kind] for kind in Kind if kind in kinds])

    @property
    def marketing(self) -> str:
        """Its topics, by title; empty: there is none."""
        topics = [one.topic for one in own_streams(self.declared) if one.kind is Kind.MARKETING and one.topic]
        known = self.declared.topics
        return _joined([known[one].title_in("en") if one in known else one for one in dict.fromkeys(topics)])

    @property
    def inline(self) -> Sequence[str]:
        return [one.name for one in own_streams(self.declared) if one.content is Content.INLINE]

    @property
    def limits(self) -> str:
        """As the check found them."""
        return next((one.found for one in self.findings if one.key == "rate_limits"), "")

    @property
    def tested(self) -> Mapping[str, Evidence]:
        """By stream."""
        return {one.of: one.evidence[0] for one in self.findings if one.key == "tested" and one.evidence}

    def canary(self, probe: str) -> Mapping[str, str]:
        seen = next((one for one in self.findings if one.id == f"canary:{probe}" and one.evidence), None)
        return {"message": seen.evidence[0].value, "at": _minute(seen.evidence[0].at)} if seen else {}

    def mail_from(self, domain: str) -> str:
        """Below itself, or below a parent that signs for it; empty: it has none."""
        known = [one.of for one in self.findings if one.key == "spf"]
        near = ([one for one in known if one.endswith(f".{name}")] for name in candidates(domain))
        return min(next(filter(None, near), [""]), key=len)


async def facts_of(findings: Sequence[Finding], world: World) -> Facts:
    """Raises StoreUnavailable."""
    store, now, declared = world.store, world.now(), world.declared
    counted = await store.count_origins()
    imports = {way: number for way, number in counted.items() if way.source}
    read_at = reviewed_at(await store.access_log())
    return Facts(
        declared=declared,
        domains=domains_of(declared),
        findings=findings,
        now=now,
        stops_all=declared.stops_all,
        measured=await _measured(world),
        origins=origins_in_words(counted),
        imports=origins_in_words(imports),
        approvals=await _approvals(world),
        reviewed=f"{read_at:%Y-%m-%d}" if read_at else "",
    )


async def _measured(world: World) -> Mapping[str, Measured]:
    """Of the last 30 days, where the record goes back a week; by whole days of UTC, of which today is none."""
    today = world.now().date()
    sent = [one.at.date() for one in await world.store.seen_since(begin_of(today - _BACK)) if one.sent]
    days = (today - min(sent, default=today)).days
    if days < LEAST_DAYS:
        return {}
    by_day = [await _sent_on(today - timedelta(days=back), world) for back in range(1, days + 1)]
    return {
        name: Measured(sum(counts) / days, days, max(counts))
        for name in world.declared.streams
        if any(counts := [one[name] for one in by_day])
    }


async def _sent_on(day: date, world: World) -> Counter[str]:
    """By stream, to whichever provider."""
    counted = Counter[str]()
    for part in await world.store.parts(begin_of(day), last_of(day)):
        if part.what == "sent":
            counted[part.stream] += part.n
    return counted


async def _approvals(world: World) -> str:
    """Each template, by whom and when it was approved."""
    names = dict.fromkeys(one.template for one in own_streams(world.declared) if one.content is Content.TEMPLATE)
    templates = [one for one in (world.templates.current(name) for name in names) if one]
    reviews = await world.store.reviewed([one.version for one in templates])
    return _joined(
        [
            f"{template.name} by {review.by} on {review.at:%Y-%m-%d}"
            for template, review in zip(templates, reviews, strict=True)
            if review and review.step is Step.APPROVED
        ]
    )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
