"""The lost-update test: many accept, take, finish and settle at once, and in the end every number adds up."""

import asyncio
from collections import Counter

from franked.record import Finished
from franked.rules.event import Kind
from franked.rules.message import State, Taken
from franked.rules.outcome import Delay as DelayOf
from franked.rules.outcome import Outcome, Refused, Sent, TryLater
from franked.rules.suppression import consequences
from tests.contract.conftest import Post
from tests.states import states_in

MAILS = 600


def outcome_of(taken: Taken, number: int) -> Outcome:
    if taken.attempt == 1 and number % 5 == 0:
        return TryLater(DelayOf.CONNECTION, "refused")
    return Refused("bad_request", "") if number % 7 == 0 else Sent(f"ses-{taken.attempt_id}")


async def test_no_update_is_lost_in_a_crowd(post: Post) -> None:
    await post.account(rate=100_000.0, quota=-1.0)
    calls: Counter[str] = Counter()
    done: Counter[str] = Counter()

    async def accept(numbers: range) -> None:
        await post.add(*(post.candidate(f"p{n}@example.net", stream=f"s{n % 3}", key=f"order-{n}") for n in numbers))

    async def deliver() -> None:
        while done.total() < MAILS:
            haul = await post.haul(7)
            for taken in haul.taken:
                calls[taken.attempt_id] += 1
                await send(taken)
            if not haul.taken:
                post.clock.forward(milliseconds=20)
                await asyncio.sleep(0)

    async def send(taken: Taken) -> None:
        number = int(taken.message.id.removeprefix("m_"))
        outcome = outcome_of(taken, number)
        [moved] = await post.store.finish([Finished(taken, outcome, post.clock(), post.clock())])
        done[moved.id] += moved.state in {State.SENT, State.REFUSED, State.DELIVERED}
        if isinstance(outcome, Sent):
            await post.store.settle([post.event(Kind.DELIVERY, taken, outcome.ses_id)], consequences, post.clock())

    workers = [asyncio.create_task(deliver()) for _ in range(12)]
    await asyncio.gather(*(accept(range(start, start + 5)) for start in range(0, MAILS, 5)))
    async with asyncio.timeout(60):
        await asyncio.gather(*workers)

    assert set(calls.values()) == {1}  # no attempt was in two hands
    assert set(done.values()) == {1}
    await adds_up(post)


async def adds_up(post: Post) -> None:
    """The counters, the states and the quota say what a recount of the stories says."""
    stories = [story for story in await post.store.find([f"m_{n:026d}" for n in range(1, 4 * MAILS)]) if story]
    assert len(stories) == MAILS
    assert Counter(story.state for story in stories) == await states_in(post.store)
    lines = Counter((story.stream, entry.what) for story in stories for entry in story.ledger)
    lines += Counter((story.stream, "sent") for story in stories if story.state.taken_by_ses)
    counters = await post.store.counters()
    for (stream, what), n in counters.items():
        assert lines[stream, what] == n
    assert {what for _, what in counters} == {"accepted", "sent", "delivered"}
    outcomes = Counter(attempt.outcome for story in stories for attempt in story.attempts)
    assert None not in outcomes
    assert await post.used() == outcomes["sent"]
