"""What only a person moves on: where it stands, who brought it, and what putting it back does and does not do."""

from pathlib import Path

import pytest

from franked.backends.sql import replay
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate
from franked.enquiry import PutBack, Stop, Stopped
from franked.record import Moved, Swept
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Delay, Sent, TryLater, Unknown
from franked.rules.stream import IfUnknown
from franked.rules.verdict import Hold
from franked.store import Store
from tests.contract.conftest import LEASE, Bell, Post
from tests.states import states_in

WAIT = (LEASE.length + unknown_wait(Lane.NORMAL)).total_seconds()


async def dead(post: Post, to: str = "ana@example.net", **more: object) -> str:
    """After its last try, which no other is to follow."""
    taken = await post.one_taken(to, **more)
    await post.finish(taken, TryLater(Delay.SERVER, "HTTP 503"))
    return taken.message.id


async def held(post: Post, to: str = "ben@example.net", if_unknown: IfUnknown = IfUnknown.HOLD) -> str:
    [message] = await post.added(to)
    while await post.state(message) is not State.HELD:
        [taken] = await post.taken()
        await post.finish(taken, Unknown("timed out"))
        post.clock.forward(seconds=WAIT)
        await post.sweep(if_unknown)
    return message


async def ids(store: Store, stop: Stop, **more: object) -> list[str]:
    return [story.id for story in await store.stopped(Stopped(stop, **more))]  # type: ignore[arg-type]  # as given


async def test_each_stands_in_its_own_list_until_it_is_put_back(post: Post) -> None:
    died, unknown = await dead(post), await held(post)
    await post.added("cy@example.net", judge=lambda facts: Hold("sandbox"))
    assert await ids(post.store, Stop.DEAD) == [died]
    assert await ids(post.store, Stop.UNKNOWN_OUTCOME) == [unknown]
    assert await post.store.count_stopped() == {Stop.DEAD: 1, Stop.UNKNOWN_OUTCOME: 1}
    await post.store.put_back([PutBack(died, Stop.DEAD, "ann"), PutBack(unknown, Stop.UNKNOWN_OUTCOME, "ann")])
    assert await post.store.count_stopped() == {Stop.DEAD: 0, Stop.UNKNOWN_OUTCOME: 0}
    assert sorted(one.message.id for one in await post.taken()) == sorted([died, unknown])


async def test_a_batch_moves_what_can_move_and_says_so_of_each(post: Post, bell: Bell) -> None:
    died, unknown, queued = await dead(post), await held(post), (await post.added("cy@example.net"))[0]
    [sandboxed] = await post.added("di@example.net", judge=lambda facts: Hold("sandbox"))
    before = bell.rings
    answers = await post.store.put_back(
        [
            PutBack(died, Stop.DEAD, "ann", "SES is back"),
            PutBack(died, Stop.DEAD, "ben"),
            PutBack(unknown, Stop.DEAD, "ann"),
            PutBack(queued, Stop.DEAD, "ann"),
            PutBack(sandboxed, Stop.UNKNOWN_OUTCOME, "ann"),
            PutBack("m_nobody", Stop.DEAD, "ann"),
        ]
    )
    assert answers == [
        Moved(died, State.QUEUED, moved=True, request_id="request-1"),
        Moved(died, State.QUEUED, moved=False, request_id="request-1"),
        Moved(unknown, State.HELD, moved=False, request_id="request-1"),
        Moved(queued, State.QUEUED, moved=False, request_id="request-1"),
        Moved(sandboxed, State.HELD, moved=False, request_id="request-1"),
        None,
    ]
    assert bell.rings == before + 1
    assert [line for line in await post.lines(died) if line[0] == "replayed"] == [("replayed", "SES is back", "ann")]


async def test_without_a_persons_reason_the_ledger_keeps_the_one_it_stopped_for(post: Post) -> None:
    died, unknown = await dead(post), await held(post)
    await post.store.put_back([PutBack(died, Stop.DEAD, "ann"), PutBack(unknown, Stop.UNKNOWN_OUTCOME, "ann")])
    assert ("replayed", "server_error", "ann") in await post.lines(died)
    assert ("released", "unknown_outcome", "ann") in await post.lines(unknown)


async def test_a_dead_one_has_all_its_tries_again_and_its_variables(post: Post) -> None:
    died = await dead(post)
    await post.store.put_back([PutBack(died, Stop.DEAD, "ann")])
    [taken] = await post.taken()
    assert (taken.tries, taken.attempt, taken.message.variables) == (0, 2, {"number": "R-1"})


async def test_each_further_copy_of_what_may_have_arrived_is_a_persons_decision(post: Post) -> None:
    """Three went out; the fourth does because a person said so, and no fifth does by itself."""
    unknown = await held(post, if_unknown=IfUnknown.RESEND)
    assert len((await post.story(unknown)).attempts) == 3
    await post.store.put_back([PutBack(unknown, Stop.UNKNOWN_OUTCOME, "ann")])
    [taken] = await post.taken()
    await post.finish(taken, Unknown("timed out"))
    post.clock.forward(seconds=WAIT)
    assert await post.sweep(IfUnknown.RESEND) == Swept(held=1)


async def test_a_late_answer_to_the_first_is_no_news_of_the_second_but_proof(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, TryLater(Delay.SERVER, "HTTP 503"))
    await post.store.put_back([PutBack(taken.message.id, Stop.DEAD, "ann")])
    [again] = await post.taken()
    await post.finish(taken, Sent("ses-1"))
    assert (await post.state(again), again.attempt) == (State.SENT, 2)


async def test_pages_go_by_id_and_by_who_brought_it(post: Post) -> None:
    mine = [await dead(post, f"p{n}@example.net") for n in range(3)]
    theirs = await dead(post, "q@example.net", key_id="key-2")
    assert await ids(post.store, Stop.DEAD) == [*mine, theirs]
    assert await ids(post.store, Stop.DEAD, most=2) == mine[:2]
    assert await ids(post.store, Stop.DEAD, most=2, after=mine[1]) == [mine[2], theirs]
    assert await ids(post.store, Stop.DEAD, key_id="key-2") == [theirs]
    assert await ids(post.store, Stop.DEAD, key_id="key-3") == []


async def test_a_check_leaves_nothing_behind(post: Post) -> None:
    await post.store.check()
    assert await states_in(post.store) == {}
    [message] = await post.added()
    assert len((await post.story(message)).ledger) == 1


@pytest.mark.parametrize(("stop", "index"), [(Stop.DEAD, "messages_dead"), (Stop.UNKNOWN_OUTCOME, "messages_held")])
def test_the_few_that_stopped_are_found_among_millions_by_an_index(tmp_path: Path, stop: Stop, index: str) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    with engine.begin() as conn:
        for question in (replay._PAGES[stop], replay._COUNTS[stop]):
            asked = str(question.compile(engine))
            plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all()
            assert any(index in step.detail for step in plan), plan
            assert not any("TEMP B-TREE" in step.detail for step in plan)
    engine.dispose()
