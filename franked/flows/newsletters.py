"""An issue goes to everybody who has agreed to its topic, and once to each.

It is written a stretch at a time: the mails first, then the place up to which they are written. Whoever is killed in
between writes the same stretch again, and the idempotency keys make the same mails of it.
"""

from collections.abc import Sequence

from franked.ports import World
from franked.record import Added, Alarm, Busy, IdempotencyConflict
from franked.rules.consent import Agreed
from franked.rules.draft import Draft
from franked.rules.message import State
from franked.rules.newsletter import Issue, Newsletter, Stretch, key_of, unfit
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller, TurnedAway
from franked.sending.accept import Answer, accept, turned_away

AT_ONCE = 500  # mails of one stretch: others commit in between
LINE_IS_FULL = 0.5  # seconds
_SAMPLE = "reader@example.com"  # nobody's: what is wrong with an issue is so for everybody


async def announce(
    newsletter_id: str, stream_name: str, issue: Issue, caller: Caller, request_id: str, world: World
) -> Newsletter | IdempotencyConflict | TurnedAway:
    """What is answered is durable: it is written by and by, whatever happens meanwhile. The same again is the same
    newsletter, another issue of this id a conflict."""
    stream = world.declared.streams.get(stream_name)
    if stream and caller.may_use(stream) and (why := unfit(stream)):
        return TurnedAway("no_newsletter", "stream", why)
    draft = Draft(stream_name, _SAMPLE, None, issue.variables, content=issue.content, request_id=request_id)
    if objection := turned_away(draft, caller, world):
        return objection
    assert stream is not None and stream.topic is not None  # or there was an objection
    new = Newsletter(newsletter_id, caller.key_id, caller.name, stream.name, stream.topic, world.now(), issue)
    [kept] = await world.store.add_newsletters([new])
    return kept


async def write_newsletters(world: World) -> None:
    """Those under way, to their ends. Raises StoreUnavailable; the next round goes on from there."""
    for one in await world.store.newsletters_under_way():
        if one.issue is None:
            await _stop(one, "it was sealed with another key than the one Franked has now", world)
        else:
            await _write(one, one.issue, world)


async def _write(newsletter: Newsletter, issue: Issue, world: World) -> None:
    after = newsletter.after
    while people := await world.store.agreed(newsletter.topic, after, AT_ONCE):
        answers = await _accepted([_draft(one, newsletter, issue) for one in people], newsletter, world)
        if objection := next((one for one in answers if isinstance(one, TurnedAway)), None):
            return await _stop(newsletter, objection.detail, world)
        after = await _advanced(newsletter, after, people, answers, world)
    done = Stretch(newsletter.id, after, after, 0, 0, world.now())
    if (await world.store.advance_newsletters([done]))[0]:
        world.log("newsletter_written", newsletter=newsletter.id, stream=newsletter.stream)
    await world.store.close_alarms([_alarm(newsletter)])
    return None


async def _accepted(drafts: Sequence[Draft], newsletter: Newsletter, world: World) -> list[Answer]:
    """In whatever order. Where the line of those that wait for a commit is full, the rest comes again."""
    caller = Caller(newsletter.key_id, newsletter.by, frozenset({newsletter.stream}))
    answers: list[Answer] = []
    while drafts:
        told = await accept(drafts, caller, world)
        answers += [one for one in told if not isinstance(one, Busy)]
        drafts = [draft for draft, one in zip(drafts, told, strict=True) if isinstance(one, Busy)]
        if drafts:
            await world.sleep(LINE_IS_FULL)
    return answers


def _draft(to: Agreed, newsletter: Newsletter, issue: Issue) -> Draft:
    """Its trigger is the consent."""
    return Draft(
        stream=newsletter.stream,
        to=to.address.spelled,
        trigger=Trigger("subscription", to.address.key, to.at, newsletter.id),
        variables=issue.variables,
        locale=to.locale,
        content=issue.content,
        idempotency_key=key_of(newsletter.id, to.address.key),
        request_id=f"newsletter-{newsletter.id}",
    )


async def _advanced(
    newsletter: Newsletter, before: str, people: Sequence[Agreed], answers: Sequence[Answer], world: World
) -> str:
    """Who subscribed anew while a stretch was written twice has the mail of the first time: a conflict, and no news."""
    dropped = sum(isinstance(one, Added) and one.state is State.DROPPED for one in answers)
    stretch = Stretch(newsletter.id, before, people[-1].address.key, len(answers) - dropped, dropped)
    await world.store.advance_newsletters([stretch])
    return stretch.after


async def _stop(newsletter: Newsletter, why: str, world: World) -> None:
    """Until it can go on, which each round tries; told once."""
    text = f"the newsletter {newsletter.id!r} can't be written on: {why}"
    if (await world.store.open_alarms([Alarm(_alarm(newsletter), text, world.now())]))[0]:
        world.log("newsletter_stopped", level="error", newsletter=newsletter.id, why=why)


def _alarm(newsletter: Newsletter) -> str:
    return f"newsletter {newsletter.id}"
