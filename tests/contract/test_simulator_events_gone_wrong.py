"""Events that come twice, late, early, out of order, forged or not at all, because a test asked for it."""

from pathlib import Path

import msgspec
import pytest
from botocore.exceptions import ConnectionClosedError

from franked.backends.local import EventFault, Fault, Pacing, SendFault, When
from franked.formats import sns
from tests.contract.test_simulator import playing
from tests.contract.test_simulator_events import confirm, endpoint, key_of, listening


async def test_a_doubled_event_is_the_same_message_twice(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.DOUBLED))
        await played.send()
        await taking.until(3)
        assert sorted(event["eventType"] for event in taking.events) == ["Delivery", "Send", "Send"]
        assert len({one.message_id for one in taking.notifications}) == 2


async def test_a_reordered_event_comes_after_the_next(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.REORDERED))
        await played.send()
        assert [event["eventType"] for event in await taking.until(2)] == ["Delivery", "Send"]


async def test_a_reordered_event_comes_even_without_a_next(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.REORDERED, times=2, seconds=0.05))
        await played.send()
        await taking.until(2)


async def test_a_late_event_is_late_alone(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.LATE, seconds=0.15))
        await played.send()
        assert [event["eventType"] for event in await taking.until(2)] == ["Delivery", "Send"]


async def test_an_event_that_is_lost_never_comes(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.LOST))
        await played.send()
        await taking.until(1)
        await played.simulator.quiet()
        assert [event["eventType"] for event in taking.events] == ["Delivery"]


async def test_an_early_event_is_there_before_the_answer(tmp_path: Path) -> None:
    async with listening(tmp_path, pacing=Pacing(event_delay=0.2, confirm_after=0.02)) as (played, taking):
        played.simulator.plan(Fault(EventFault.EARLY))
        await played.send()
        assert [event["eventType"] for event in taking.events] == ["Send"]
        await taking.until(2)


async def test_an_early_event_is_there_though_the_answer_is_lost(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.EARLY, times=2))
        played.simulator.plan(Fault(SendFault.RESET, when=When.AFTER))
        with pytest.raises(ConnectionClosedError):
            await played.send()
        assert [event["eventType"] for event in taking.events] == ["Send", "Delivery"]


async def test_an_early_event_waits_for_a_subscription_and_for_an_endpoint_like_all_others(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=100) as played, endpoint() as taking:
        played.simulator.plan(Fault(EventFault.EARLY, times=3))
        await played.simulator.subscribe(taking.url)
        await played.send()
        assert taking.notifications == []
        await confirm(played, taking)
        await taking.until(2)
        taking.refusals = 1
        await played.send()
        await taking.until(5)
        await played.simulator.quiet()


async def test_events_go_wrong_by_chance(tmp_path: Path) -> None:
    async with listening(tmp_path, rate=1000) as (played, taking):
        played.simulator.plan(Fault(EventFault.LOST, times=100, chance=0.3, seed=1))
        for _ in range(20):
            await played.send()
        await played.simulator.quiet()
        assert 20 < len(taking.notifications) < 36


async def test_a_forged_event_bears_a_signature_that_does_not_hold(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.FORGED))
        await played.send()
        await taking.until(3)
        key = await key_of(played, taking.notifications[0])
        judged = {msgspec.json.decode(one.message)["eventType"]: sns.verify(one, key) for one in taking.notifications}
        assert judged == {"Complaint": False, "Send": True, "Delivery": True}


async def test_faults_that_were_cleared_do_not_happen(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.plan(Fault(EventFault.DOUBLED, times=10))
        played.simulator.clear_faults()
        await played.send()
        await taking.until(2)
        await played.simulator.quiet()
        assert len(taking.notifications) == 2
