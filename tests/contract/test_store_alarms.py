"""What the shelf of alarms promises about who is told, and when: once, each day, and once it is over."""

from asyncio import gather
from datetime import timedelta

from franked.enquiry import Lift
from franked.record import Alarm, Heard
from franked.rules.governor import Step
from franked.rules.lane import Lane
from franked.rules.rates import AwsRates
from tests.contract.conftest import MovableClock, Post, Postgres, Sqlite

DAY = timedelta(days=1)


async def opened(post: Post, key: str = "loop") -> Alarm:
    alarm = Alarm(key, "silent", post.clock())
    assert await post.store.open_alarms([alarm]) == [True]
    return alarm


async def claimed(post: Post, minutes: float = 5) -> list[str]:
    return [one.key for one in await post.store.claim_alarms(post.clock() + timedelta(minutes=minutes))]


async def told(post: Post) -> list[Alarm]:
    """Whoever is to be told is told."""
    found = await post.store.claim_alarms(post.clock() + timedelta(minutes=5))
    now = post.clock()
    assert all(await post.store.hear_alarms([Heard(one, now, now + DAY) for one in found]))
    return found


async def test_an_alarm_is_told_once_and_again_each_day(post: Post) -> None:
    await opened(post)
    [first] = await told(post)
    assert (first.key, first.told_at, first.tellings) == ("loop", None, 0)
    post.clock.forward(hours=23)
    assert await told(post) == []
    begin = post.clock.forward(hours=1)
    [second] = await told(post)
    assert (second.told_at, second.tellings) == (begin - DAY, 1)
    assert [(one.told_at, one.tellings) for one in await post.store.alarms()] == [(begin, 2)]


async def test_whoever_claims_it_has_it_alone_until_then(post: Post) -> None:
    await opened(post)
    several = await gather(*(claimed(post) for _ in range(4)))
    assert sorted(several, key=len) == [[], [], [], ["loop"]]
    post.clock.forward(minutes=4)
    assert await claimed(post) == []
    post.clock.forward(minutes=1)
    assert await claimed(post) == ["loop"]  # who had it never said that it was told


async def test_that_it_is_over_is_told_some_minutes_later_and_once(post: Post) -> None:
    await opened(post)
    await told(post)
    await post.store.close_alarms(["loop"])
    assert await told(post) == []
    closed_at = post.clock()
    post.clock.forward(minutes=10)
    [over] = await told(post)
    assert over.closed_at == closed_at
    post.clock.forward(days=3)
    assert await told(post) == []


async def test_of_what_nobody_ever_heard_nobody_hears_that_it_is_over(post: Post) -> None:
    await opened(post)
    await post.store.close_alarms(["loop"])
    post.clock.forward(days=3)
    assert await told(post) == []


async def test_what_opens_again_before_it_was_said_to_be_over_goes_on_as_it_was(post: Post) -> None:
    """A quota that trickles opens and closes with every mail."""
    first = await opened(post)
    await told(post)
    for _ in range(5):
        post.clock.forward(minutes=1)
        await post.store.close_alarms(["loop"])
        post.clock.forward(minutes=1)
        assert await post.store.open_alarms([Alarm("loop", "silent", post.clock())]) == [True]
        assert await told(post) == []
    assert [one.opened_at for one in await post.store.alarms()] == [first.opened_at]
    post.clock.forward(days=1)
    assert [one.tellings for one in await told(post)] == [1]


async def test_what_opens_later_is_another_alarm(post: Post) -> None:
    await opened(post)
    await told(post)
    await post.store.close_alarms(["loop"])
    post.clock.forward(minutes=10)
    await told(post)
    await opened(post)
    assert [(one.tellings, one.closed_at) for one in await told(post)] == [(0, None)]


async def test_what_is_over_while_it_is_told_is_said_to_be_over(post: Post) -> None:
    await opened(post)
    [one] = await post.store.claim_alarms(post.clock() + timedelta(minutes=5))
    await post.store.close_alarms(["loop"])
    assert await post.store.hear_alarms([Heard(one, post.clock(), post.clock() + DAY)]) == [True]
    post.clock.forward(minutes=10)
    assert [over.closed_at is not None for over in await told(post)] == [True]


async def test_who_tells_late_of_one_that_opened_anew_changes_nothing(post: Post) -> None:
    await opened(post)
    [old] = await post.store.claim_alarms(post.clock() + timedelta(minutes=5))
    await post.store.close_alarms(["loop"])
    post.clock.forward(hours=1)
    await opened(post)
    now = post.clock()
    heard = [Heard(one, now, now + DAY) for one in (old, Alarm("nobody", "", now))]
    assert await post.store.hear_alarms(heard) == [False, False]
    assert [one.tellings for one in await told(post)] == [0]


async def test_since_when_mail_is_due_is_told_by_lane(post: Post) -> None:
    assert await post.store.due_since() == {}
    begin = post.clock()
    await post.store.add([post.candidate("ana@example.org"), post.candidate("bo@example.org", lane=Lane.BULK)])
    post.clock.forward(minutes=5)
    await post.store.add([post.candidate("cy@example.org")])
    assert await post.store.due_since() == {Lane.NORMAL: begin, Lane.BULK: begin}


async def test_mail_to_the_admins_goes_though_the_governor_stops_all(
    backend: Sqlite | Postgres, clock: MovableClock
) -> None:
    async with backend.open(at_limit_all=True) as store:
        post = Post(store, clock)
        await post.account(quota=-1.0)
        assert (await store.learn_aws_rates(AwsRates(0.06, 0.0, clock()))).step is Step.STOP_ALL
        for stream in ("sign-in-code", "franked-alarms", "franked-confirmation", "franked-report"):
            await post.added(lane=Lane.URGENT, stream=stream)
        assert {one.message.stream for one in await post.taken()} == {"franked-alarms", "franked-report"}
        assert await post.taken() == ()


async def test_the_history_of_the_list_is_counted_by_day(post: Post) -> None:
    begin = post.clock()
    for to in ("ana@example.net", "bounce+1@simulator.amazonses.com"):
        await post.settle(post.bounce(await post.sent(to, f"ses-{to}"), f"ses-{to}"))
    post.clock.forward(days=1)
    await post.store.lift([Lift("ana@example.net", "bo", "she asked")])
    assert await post.store.count_history(begin, begin + DAY) == {"added": 1}
    assert await post.store.count_history(begin + DAY, begin + 2 * DAY) == {"lifted": 1}
