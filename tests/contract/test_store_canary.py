"""What the shelf of the canary promises, and what a verdict is told of it, in one look for a whole batch."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from franked.record import Spend
from franked.rules.address import Address
from franked.rules.canary import Canary, Run, Step, begun
from franked.rules.diagnosis import Fault, Finding
from franked.rules.event import Kind
from franked.rules.origin import of_import
from franked.rules.stream import Limit
from franked.rules.verdict import Facts, Hold, Send, Verdict
from tests.contract.conftest import MovableClock, Post, Postgres, Sqlite


@pytest.fixture
async def asking(backend: Sqlite | Postgres, clock: MovableClock) -> AsyncIterator[Post]:
    """A store whose first mails wait for the canary."""
    async with backend.open(asks_canary=True) as store:
        post = Post(store, clock)
        await post.account()
        yield post


def by_canary(facts: Facts) -> Verdict:
    return Hold("loop_not_proven") if facts.first_contact and not facts.loop_proven else Send()


async def states(post: Post, *tos: str) -> list[str]:
    answers = await post.store.add([post.candidate(to, by_canary) for to in tos])
    return [getattr(one, "state", "") for one in answers]


async def passed(post: Post, hours: float = 25) -> None:
    canary = await post.store.canary()
    until = post.clock() + timedelta(hours=hours)
    assert await post.store.keep_canary(replace(canary, version=canary.version + 1, proven_until=until))


async def test_of_two_who_read_the_same_one_writes(post: Post) -> None:
    assert await post.store.canary() == Canary()
    one, other = (begun(Canary(), name, post.clock()) for name in ("one", "other"))
    assert one is not None and other is not None
    assert [await post.store.keep_canary(new) for new in (one, other)] == [True, False]
    assert await post.store.canary() == one


async def test_a_flight_is_kept_whole(post: Post) -> None:
    run = Run("r", post.clock(), Step.FAILED, ("m_1", "m_2"), (), post.clock(), (), (Finding(Fault.REFUSED, "no"),))
    kept = Canary(1, None, run, post.clock(), post.clock())
    assert await post.store.keep_canary(kept)
    assert await post.store.canary() == kept


async def test_before_it_has_passed_first_mails_wait_and_others_do_not(asking: Post) -> None:
    await passed(asking)
    await asking.sent("known@example.net")
    asking.clock.forward(hours=26)
    await asking.store.import_people(
        [of_import(Address.of_spelled("brought@example.net"), "a list", "k", "k", asking.clock())]
    )
    tos = "known@example.net", "new@example.net", "brought@example.net", "new@example.net"
    assert await states(asking, *tos) == ["queued", "held", "held", "held"]
    assert await states(asking, "new@example.net") == ["held"]  # the one before has not gone
    await passed(asking)
    assert await states(asking, "newer@example.net") == ["queued"]


async def test_it_is_asked_at_take_too(asking: Post) -> None:
    await passed(asking)
    await asking.added("new@example.net")
    asking.clock.forward(hours=26)
    haul = await asking.haul(judge=lambda due, facts: by_canary(facts))
    assert haul.taken == ()
    await passed(asking)
    assert await asking.store.release("loop_not_proven", 10) == 1
    assert len(await asking.taken(judge=lambda due, facts: by_canary(facts))) == 1


async def test_where_it_is_switched_off_nothing_waits_for_it(post: Post) -> None:
    assert await states(post, "new@example.net") == ["queued"]
    [facts] = await post.store.facts(["new@example.net"])
    assert (facts.first_contact, facts.loop_proven) == (False, True)


async def test_a_mail_that_bounced_was_a_contact(asking: Post) -> None:
    await passed(asking)
    taken = await asking.sent("known@example.net")
    await asking.settle(asking.event(Kind.DELIVERY, taken))
    asking.clock.forward(hours=26)
    assert [one.first_contact for one in await asking.store.facts(["known@example.net", "new@example.net"])] == [
        False,
        True,
    ]


async def test_a_limit_tells_until_when_it_has_no_room(post: Post) -> None:
    spend, other = Spend("receipt|ana", Limit(2, timedelta(hours=1))), Spend("digest|ana", Limit(1, timedelta(days=1)))
    opened = post.clock()
    assert await post.store.used_up([spend, other], post.clock()) == [None, None]
    await post.store.spend([[spend], [spend], [other]])
    assert await post.store.used_up([spend, other], post.clock()) == [
        opened + timedelta(hours=1),
        opened + timedelta(days=1),
    ]
    post.clock.forward(hours=1)
    assert await post.store.used_up([spend, other], post.clock()) == [None, opened + timedelta(days=1)]
