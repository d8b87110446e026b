"""Which messages there are, newest first and page by page; and what is taken back before it went."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select

from franked.backends.sql import listing
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate
from franked.enquiry import Cancel, Enquiry, Page
from franked.record import Moved, Swept
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State, message_id
from franked.rules.outcome import Delay, Refused, Sent, TryLater, Unknown
from franked.rules.verdict import Hold
from franked.store import Store
from tests.contract.conftest import LEASE, START, Bell, Post

WAIT = (LEASE.length + unknown_wait(Lane.NORMAL)).total_seconds()


async def ids(store: Store, which: Enquiry) -> list[str]:
    return [item.id for item in (await store.enquire(which)).items]


async def pages(store: Store, **asked: object) -> list[Page]:
    """All of them, to the last."""
    found = [await store.enquire(Enquiry(**asked))]  # type: ignore[arg-type]  # as given
    while found[-1].next is not None:
        found.append(await store.enquire(Enquiry(below=found[-1].next, **asked)))  # type: ignore[arg-type]  # as given
    return found


# --- lists ------------------------------------------------------------------------------------------------------------


async def test_the_newest_comes_first_as_it_stands_now(post: Post) -> None:
    first = await post.sent("Ana@example.net")
    [second] = await post.added("ben@example.net", stream="digest")
    page = await post.store.enquire(Enquiry())
    assert [(item.id, item.stream, item.state) for item in page.items] == [
        (second, "digest", State.QUEUED),
        (first.message.id, "receipt", State.SENT),
    ]
    assert (page.items[1].to.spelled, page.items[1].to.key) == ("Ana@example.net", "ana@example.net")
    assert (page.items[1].reason, page.items[1].accepted_at, page.next) == (None, START, None)


async def test_each_filter_keeps_out_what_does_not_fit(post: Post) -> None:
    [mine] = await post.added("ana@example.net")
    [digest] = await post.added("ana@example.net", stream="digest")
    [theirs] = await post.added("ben@example.net", key_id="key-2")
    [held] = await post.added("cy@example.net", judge=lambda facts: Hold("sandbox"))
    asked = post.store
    assert await ids(asked, Enquiry(key_id="key-2")) == [theirs]
    assert await ids(asked, Enquiry(stream="digest")) == [digest]
    assert await ids(asked, Enquiry(state=State.HELD)) == [held]
    assert await ids(asked, Enquiry(state=State.HELD, reason="sandbox", key_id="key-1")) == [held]
    assert await ids(asked, Enquiry(state=State.HELD, reason="sandbox", key_id="key-2")) == []
    assert await ids(asked, Enquiry(reason="sandbox")) == [held]
    assert await ids(asked, Enquiry(address_key="ana@example.net")) == [digest, mine]
    assert await ids(asked, Enquiry(address_key="ana@example.net", stream="receipt", key_id="key-1")) == [mine]
    assert await ids(asked, Enquiry(address_key="ben@example.net", key_id="key-1")) == []
    assert await ids(asked, Enquiry(state=State.DEAD)) == []


async def test_the_dead_are_listed_of_a_key_too(post: Post) -> None:
    taken = await post.one_taken(key_id="key-2")
    await post.finish(taken, TryLater(Delay.SERVER, "HTTP 503"))
    assert await ids(post.store, Enquiry(state=State.DEAD, key_id="key-2")) == [taken.message.id]
    assert await ids(post.store, Enquiry(state=State.DEAD, key_id="key-1")) == []


async def test_pages_join_without_a_gap_and_without_a_copy(post: Post) -> None:
    everything = [(await post.added(f"p{n}@example.net"))[0] for n in range(7)]
    found = await pages(post.store, most=3)
    assert [len(page.items) for page in found] == [3, 3, 1]
    assert [item.id for page in found for item in page.items] == everything[::-1]


async def test_what_comes_meanwhile_moves_no_page(post: Post) -> None:
    older = [(await post.added(f"p{n}@example.net"))[0] for n in range(4)]
    first = await post.store.enquire(Enquiry(most=2))
    await post.added("new@example.net")
    assert first.next is not None
    assert await ids(post.store, Enquiry(below=first.next)) == older[1::-1]


async def test_a_time_is_met_to_the_millisecond(post: Post) -> None:
    """The id is made a little after the message was accepted."""
    made = []
    for minute in range(6):
        at = START + timedelta(minutes=minute)
        [id_] = await post.added(id=message_id(int(at.timestamp() * 1000) + 30, minute), accepted_at=at)
        made.append(id_)
    since, until = START + timedelta(minutes=2), START + timedelta(minutes=4)
    assert await ids(post.store, Enquiry(since=since, until=until)) == [made[3], made[2]]
    assert await ids(post.store, Enquiry(since=since + timedelta(milliseconds=1), until=until)) == [made[3]]
    assert await ids(post.store, Enquiry(until=since + timedelta(milliseconds=1))) == made[2::-1]
    assert await ids(post.store, Enquiry(since=until, below=made[5])) == [made[4]]
    assert await ids(post.store, Enquiry(since=until, until=since)) == []


async def test_what_fits_seldom_is_found_page_by_page(post: Post) -> None:
    [rare] = await post.added("rare@example.net", stream="digest")
    for n in range(9):
        await post.added(f"p{n}@example.net")
    found = await pages(post.store, stream="digest", most_looked_at=4)
    assert [[item.id for item in page.items] for page in found] == [[], [], [rare]]
    assert await pages(post.store, stream="none", most_looked_at=4) == [Page((), page.next) for page in found]
    [own] = await pages(post.store, address_key="rare@example.net", most_looked_at=4)
    assert [item.id for item in own.items] == [rare]


@pytest.mark.parametrize(
    ("which", "index"),
    [
        (Enquiry(), "sqlite_autoindex_messages_1 (id>? AND id<?)"),
        (Enquiry(state=State.BOUNCED, stream="receipt", since=START), "sqlite_autoindex_messages_1 (id>? AND id<?)"),
        (Enquiry(key_id="key-1"), "messages_of_key (key_id=? AND id>? AND id<?)"),
        (Enquiry(key_id="key-1", state=State.QUEUED), "messages_of_key (key_id=? AND id>? AND id<?)"),
        (Enquiry(key_id="key-1", address_key="a@b.c"), "messages_of_address (address_key=? AND id>? AND id<?)"),
        (Enquiry(key_id="key-1", state=State.DEAD), "messages_dead (id>? AND id<?)"),
        (Enquiry(state=State.HELD, reason="sandbox"), "messages_held (reason=? AND id>? AND id<?)"),
    ],
)
def test_every_page_is_a_walk_down_one_index(tmp_path: Path, which: Enquiry, index: str) -> None:
    def plan(question: Select[tuple[object, ...]]) -> list[str]:
        asked = question.compile(engine)
        values = tuple(asked.params[name] for name in asked.positiontup or ())
        return [step.detail for step in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)]

    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    with engine.begin() as conn:
        for question in (listing._end(which), listing._fitting(which, "m_1")):
            [step] = plan(question)
            assert step.endswith(index)
    engine.dispose()


# --- taken back -------------------------------------------------------------------------------------------------------


async def test_what_waits_is_taken_back_and_the_ledger_says_by_whom(post: Post, bell: Bell) -> None:
    [queued] = await post.added("ana@example.net")
    [held] = await post.added("ben@example.net", judge=lambda facts: Hold("sandbox", START + timedelta(minutes=1)))
    before = bell.rings
    answers = await post.store.cancel([Cancel(queued, "key-1"), Cancel(held, "ann")])
    assert answers == [
        Moved(queued, State.DROPPED, moved=True, request_id="request-1"),
        Moved(held, State.DROPPED, moved=True, request_id="request-1"),
    ]
    assert (await post.lines(queued))[-1] == ("dropped", "cancelled", "key-1")
    assert (await post.lines(held))[-1] == ("dropped", "cancelled", "ann")
    assert [(await post.story(id_)).reason for id_ in (queued, held)] == ["cancelled", "cancelled"]
    assert [(await post.story(id_)).variables for id_ in (queued, held)] == [None, None]
    assert (await post.counted())["dropped"] == 2
    post.clock.forward(hours=1)
    assert (await post.taken(), await post.sweep(), bell.rings) == ((), Swept(), before)


async def test_what_is_to_be_tried_again_can_be_taken_back(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, TryLater(Delay.SERVER, "HTTP 503"), due_in=60)
    [moved] = await post.store.cancel([Cancel(taken.message.id, "key-1")])
    assert moved is not None and moved.moved
    post.clock.forward(hours=1)
    assert await post.taken() == ()


async def test_nothing_else_is_taken_back(post: Post) -> None:
    sent = await post.sent("ana@example.net")
    refused = await post.one_taken("ben@example.net")
    await post.finish(refused, Refused("invalid_address", "no"))
    dead = await post.one_taken("cy@example.net")
    await post.finish(dead, TryLater(Delay.SERVER, "HTTP 503"))
    sending = await post.one_taken("di@example.net")
    ended = [sent, refused, dead, sending]
    answers = await post.store.cancel(
        [*(Cancel(one.message.id, "key-1") for one in ended), Cancel("m_nobody", "key-1")]
    )
    states = [State.SENT, State.REFUSED, State.DEAD, State.SENDING]
    assert answers == [
        *(
            Moved(one.message.id, state, moved=False, request_id="request-1")
            for one, state in zip(ended, states, strict=True)
        ),
        None,
    ]
    assert [await post.state(one) for one in ended] == states


async def test_what_may_have_arrived_is_not_taken_back(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, Unknown("timed out"))
    asked = [Cancel(taken.message.id, "ann")]
    assert await post.store.cancel(asked) == [
        Moved(taken.message.id, State.UNKNOWN, moved=False, request_id="request-1")
    ]
    post.clock.forward(seconds=WAIT)
    await post.sweep()
    assert await post.store.cancel(asked) == [Moved(taken.message.id, State.HELD, moved=False, request_id="request-1")]
    assert (await post.story(taken)).reason == "unknown_outcome"


async def test_who_takes_it_back_twice_takes_it_back_once(post: Post) -> None:
    [queued] = await post.added()
    answers = await post.store.cancel([Cancel(queued, "ann"), Cancel(queued, "ben")])
    answers += await post.store.cancel([Cancel(queued, "cy")])
    assert [answer.moved for answer in answers if answer] == [True, False, False]
    assert [line for line in await post.lines(queued) if line[0] == "dropped"] == [("dropped", "cancelled", "ann")]


async def test_proof_that_an_earlier_copy_arrived_stands_above_it(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, TryLater(Delay.SERVER, "HTTP 503"), due_in=60)
    await post.store.cancel([Cancel(taken.message.id, "ann")])
    await post.finish(taken, Sent("ses-1"))
    assert await post.state(taken) is State.SENT
