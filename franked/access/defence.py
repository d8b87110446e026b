"""The record's own account of the last days, for a review by AWS. Nothing is in it that nobody counted."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from franked.access.facts import facts_of
from franked.access.letter import words_in
from franked.access.promises import promises
from franked.ports import World
from franked.rules.defence import PREVENTING, Defence
from franked.rules.finding import Finding
from franked.rules.promise import Broken, Kept, judge
from franked.rules.rates import HISTORY, windows
from franked.rules.report import begin_of, last_of, rows_of, trend_of
from franked.rules.request import What

DAYS = 14
MOST_LINES = 1000
NOTED = {What.REASON, What.MENDED}


async def defend(findings: Sequence[Finding], days: int, world: World) -> Defence:
    """Of so many days of UTC, of which today is the last. Raises StoreUnavailable."""
    facts, store, now = await facts_of(findings, world), world.store, world.now()
    today = now.date()
    since = today - timedelta(days=days - 1)
    begin, end = begin_of(since), last_of(today)
    seen = await store.seen_since(min(begin, now - HISTORY))
    total, streams = rows_of(await store.parts(begin, end))
    brake = await store.brake()
    judged = [one for one in judge(promises(facts), findings) if one.promise.section in PREVENTING]
    return Defence(
        at=now,
        since=since,
        company=facts.declared.asked.company,
        region=facts.declared.region,
        domains=facts.domains,
        windows=tuple(windows(seen, now)),
        days=trend_of(seen, today, days),
        total=total,
        streams=tuple(one for one in streams if one.of in facts.declared.streams),
        aws=brake.aws,
        brake=brake,
        braked=tuple(one for one in reversed(await store.brake_log(MOST_LINES)) if one.at >= begin),
        noted=tuple(one for one in await store.access_log() if one.what in NOTED and one.at >= begin),
        suppressed=await store.count_history(begin, now),
        prevents=tuple(_prevents(judged)),
        left_out=tuple(_left_out(judged)),
        rehearsal=facts.declared.is_rehearsal,
    )


def _prevents(judged: Sequence[Kept | Broken]) -> Iterator[str]:
    words = words_in("en")
    return (words.say(one.promise) for one in judged if isinstance(one, Kept))


def _left_out(judged: Sequence[Kept | Broken]) -> Iterator[str]:
    for one in judged:
        if isinstance(one, Broken):
            why = [*(f"{found.id} is {found.status}" for found in one.failed), *one.missing]
            yield f"{one.promise.key}: {', '.join(why)}"
