"""People are told of each alarm: once when it opens, each day as long as it is open, and once it is over.

By mail, by webhook and in the log. What one of them did not take is tried again; a mail that was taken is not doubled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from franked.formats.notice import JSON, notice
from franked.ports import GaugesUnreadable, Post, World
from franked.record import Added, Alarm, Busy, Heard
from franked.reputation.saying import language_of, mail_admins, words_in
from franked.rules.alarm import AGAIN_AFTER, ALARMS, FADES, GOVERNOR, TELLING_WITHIN, Says, Telling, is_of_rates
from franked.rules.rates import windows
from franked.rules.watch import sample

PATIENCE = timedelta(hours=1)  # so long a way that takes nothing is tried again
TEST = "test"


async def tell(world: World) -> None:
    """Raises StoreUnavailable: by then nobody was told, or all will be told again by the ways that forget nothing."""
    claimed = await world.store.claim_alarms(world.now() + TELLING_WITHIN)
    for alarm in claimed:
        if alarm.closed_at is None and alarm.told_at and alarm.key in FADES:
            await world.store.close_alarms([alarm.key])
        elif await _goes_on_as_another(alarm, world) or await _told(alarm, world):
            now = world.now()
            await world.store.hear_alarms([Heard(alarm, now, now + AGAIN_AFTER)])


async def _goes_on_as_another(alarm: Alarm, world: World) -> bool:
    """The governor has moved from one step to the next: nobody is told that it is over."""
    if alarm.closed_at is None or not alarm.key.startswith(GOVERNOR):
        return False
    return any(one.key.startswith(GOVERNOR) for one in await world.store.alarms())


async def _told(alarm: Alarm, world: World) -> bool:
    """By every way; or by some, and the others have had their time."""
    telling = await _telling(alarm, world)
    world.log("alarm", level="warning", alarm=alarm.key, says=telling.says.value, what=alarm.text)
    told = [await _mailed(telling, world), await _posted(telling, world)]
    return all(one is None for one in told) or world.now() - _due(alarm) >= PATIENCE


def _due(alarm: Alarm) -> datetime:
    """Since when it is to be told."""
    if alarm.closed_at is not None:
        return alarm.closed_at
    return alarm.opened_at if alarm.told_at is None else alarm.told_at + AGAIN_AFTER


async def _telling(alarm: Alarm, world: World) -> Telling:
    language = words_in(language_of(world))
    says = Says.OVER if alarm.closed_at else Says.OPEN if alarm.told_at else Says.OPENED
    return Telling(
        id=f"{alarm.key}|{alarm.opened_at.isoformat()}|{alarm.tellings}|{says}",
        key=alarm.key,
        says=says,
        product=world.declared.brand,
        words=language.of(alarm.key),
        what=alarm.text,
        since=alarm.opened_at,
        over_at=alarm.closed_at,
        sample=await _sample(world) if is_of_rates(alarm.key) else "",
        labels=language.labels,
    )


async def _sample(world: World) -> str:
    now = world.now()
    return sample(tuple(windows(await world.store.seen(now), now)))


async def _mailed(telling: Telling, world: World) -> str | None:
    """None: it is stored, and goes as soon as mail goes at all. Who has no room for it now is asked again."""
    variables = {"title": telling.title, "lines": telling.lines}
    answers = await mail_admins(ALARMS, "alarm", variables, telling.id, world)
    return "too much waits for a commit" if any(isinstance(one, Busy) for _, one in answers) else None


async def _posted(telling: Telling, world: World) -> str | None:
    """None: it was taken, or nobody asked for it."""
    webhook = world.declared.watching.webhook
    if webhook is None:
        return None
    body = msgspec.json.encode(notice(telling, webhook.chat))
    posted = await world.web.post(Post(webhook.url, JSON, body, webhook.allow))
    if posted.refusal:
        world.log("alarm_not_posted", level="error", alarm=telling.key, why=posted.refusal)
    return posted.refusal


# --- a test -----------------------------------------------------------------------------------------------------------


async def try_out(world: World) -> Sequence[tuple[str, str]]:
    """Each way, and what became of it: `told`, or why not. Nothing is kept of it but the mails."""
    now = world.now()
    language = words_in(language_of(world))
    telling = Telling(
        id=f"{TEST}|{now.isoformat()}",
        key=TEST,
        says=Says.TEST,
        product=world.declared.brand,
        words=language.of(TEST),
        what="franked alarms test",
        since=now,
        labels=language.labels,
    )
    variables = {"title": telling.title, "lines": telling.lines}
    mailed = await mail_admins(ALARMS, "alarm", variables, telling.id, world)
    ways = [(f"mail to {to}", _of_mail(answer)) for to, answer in mailed] or [("mail", "[sender] admins names nobody")]
    posted = (
        "[alarms] webhook names none"
        if world.declared.watching.webhook is None
        else await _posted(telling, world) or "told"
    )
    return [*ways, ("webhook", posted), ("CloudWatch", await _rung(world))]


def _of_mail(answer: object) -> str:
    match answer:
        case Added(id=id_, state=state, reason=reason):
            return f"{state}{f' ({reason})' if reason else ''}: {id_}"
        case _:
            return "not accepted"


async def _rung(world: World) -> str:
    if world.gauges is None or not world.declared.watching.to_cloudwatch:
        return "[alarms] cloudwatch is off"
    try:
        return await world.gauges.ring("dead-letters")
    except GaugesUnreadable as error:
        return str(error)
