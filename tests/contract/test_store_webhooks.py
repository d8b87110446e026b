"""The outbox: written with the change that it tells of, told or given up; and nothing where nobody asks."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec.structs import replace as changed
from sqlalchemy import event
from sqlalchemy.engine import Engine

from franked.enquiry import Cancel, Lift
from franked.rules.address import Address
from franked.rules.consent import Asked, Confirmation, Evidence, Statement, Step
from franked.rules.event import Kind
from franked.rules.outcome import Delay, Refused, Sent, TryLater, Unknown
from franked.rules.person import Erasure, Whose
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Hold
from franked.rules.webhook import (
    AT_ONCE,
    KEPT,
    LEASE,
    REST,
    Answer,
    Called,
    Endpoint,
    Notice,
    OfMail,
    Turn,
    alarm_of,
    due_after,
    wanted_by,
)
from franked.store import Store
from tests.contract.conftest import MovableClock, Post, Postgres, Sqlite

URL = "https://shop.example.com/"
SHOP = Endpoint("shop", URL)
ANA = Address.of_spelled("ana@example.net")


@pytest.fixture
async def store(backend: Sqlite | Postgres) -> AsyncIterator[Store]:
    """One that tells the shop everything."""
    async with backend.open(wanted=wanted_by([SHOP])) as store:
        yield store


async def notices(post: Post, endpoint: str = "shop") -> Sequence[Notice]:
    return await post.store.take_notices(endpoint, post.clock() + LEASE)


async def told(post: Post) -> list[tuple[str, str | None]]:
    """What the shop is told of, and in which word; all of it was taken then."""
    found = await notices(post)
    await finish(post, found)
    return sorted((one.event, one.word) for one in found)


async def finish(
    post: Post, found: Sequence[Notice], answer: Answer = Answer.TOLD, *, gives_up: bool = False
) -> list[Turn | None]:
    now = post.clock()
    due_at = None if answer is not Answer.FAILED or gives_up else now + (due_after(1, 0.5) or timedelta())
    return await post.store.finish_notices([Called(one, answer, now, due_at, "it answered 500") for one in found])


async def one_notice(post: Post) -> Notice:
    await post.store.suppress([Suppression("ana@example.net", Why.MANUAL, post.clock())])
    [notice] = await notices(post)
    return notice


# --- each change is told ----------------------------------------------------------------------------------------------


async def test_what_becomes_of_a_mail_is_told(post: Post) -> None:
    taken = await post.sent()
    assert await told(post) == [("message.sent", None)]
    await post.settle(post.event(Kind.SEND, taken), post.event(Kind.DELIVERY_DELAY, taken))
    await post.settle(post.event(Kind.DELIVERY, taken))
    assert await told(post) == [("message.delayed", None), ("message.delivered", None)]
    await post.settle(post.bounce(taken, subtype="NoEmail"))
    assert await told(post) == [("message.bounced", "Permanent/NoEmail"), ("suppression.added", "hard_bounce")]
    await post.settle(post.event(Kind.COMPLAINT, taken, feedback="abuse"))
    assert await told(post) == [("message.complained", "abuse"), ("suppression.added", "complaint")]


async def test_each_state_of_one_batch_is_told(post: Post) -> None:
    taken = await post.sent()
    await told(post)
    await post.settle(post.event(Kind.DELIVERY, taken), post.event(Kind.SEND, taken), post.bounce(taken))
    assert [event for event, _ in await told(post)] == ["message.bounced", "message.delivered", "suppression.added"]


async def test_the_event_that_comes_twice_is_told_once(post: Post) -> None:
    taken = await post.sent()
    bounce = post.bounce(taken)
    await told(post)
    await post.settle(bounce, bounce)
    await post.settle(bounce)
    assert [event for event, _ in await told(post)] == ["message.bounced", "suppression.added"]


async def test_the_event_before_our_own_record_is_told_once(post: Post) -> None:
    taken = await post.one_taken()
    await post.settle(post.event(Kind.DELIVERY, None, "ses-9"))
    await post.finish(taken, Sent("ses-9"))
    assert await told(post) == [("message.delivered", None), ("message.sent", None)]


async def test_what_we_decide_ourselves_is_told(post: Post) -> None:
    await post.finish(await post.one_taken(), Refused("bad_request", "no"))
    assert await told(post) == [("message.refused", "bad_request")]
    await post.finish(await post.one_taken(), TryLater(Delay.SERVER, "503"))
    assert await told(post) == [("message.dead", Delay.SERVER.value)]
    await post.finish(await post.one_taken(), Unknown("timed out"))
    post.clock.forward(hours=1)
    await post.sweep()
    assert await told(post) == [("message.held", "unknown_outcome")]
    [id_] = await post.added()
    await post.store.cancel([Cancel(id_, "key-1")])
    assert await told(post) == [("message.dropped", "cancelled")]
    await post.store.suppress([Suppression("bo@example.net", Why.MANUAL, post.clock())])
    await post.added("bo@example.net")
    assert await told(post) == [("message.dropped", "suppressed"), ("suppression.added", "manual")]


async def test_nothing_else_is_told(post: Post) -> None:
    """Accepted, queued, in a worker's hands, tried again: nobody can do anything about it."""
    taken = await post.one_taken()
    await post.finish(taken, TryLater(Delay.RATE, "slower"), due_in=1)
    assert await told(post) == []


async def test_a_lifted_suppression_is_told(post: Post) -> None:
    until = post.clock() + timedelta(days=30)
    await post.store.suppress([Suppression("ana@example.net", Why.SOFT_BOUNCES, post.clock(), until)])
    await post.store.lift([Lift("ana@example.net", "ops", "asked by phone")])
    found = {one.event: one for one in await notices(post)}
    assert set(found) == {"suppression.added", "suppression.lifted"}
    assert {(one.subject, one.word, one.until) for one in found.values()} == {
        ("ana@example.net", "soft_bounces", until)
    }


async def test_consents_are_told_and_questions_are_not(post: Post) -> None:
    said = Statement(ANA, "news", Step.ASKED, post.clock(), Evidence("shop"))
    await post.store.ask_consent([Asked(b"1" * 32, said, post.clock() + timedelta(hours=1))])
    assert await told(post) == []
    await post.store.confirm_consent([Confirmation(b"1" * 32, post.clock(), "", "", "confirm")])
    assert await told(post) == [("consent.confirmed", "news")]
    left = replace(said, step=Step.LEFT)
    await post.store.state([left, left, replace(said, step=Step.TURNED_ON)])
    assert await told(post) == [("consent.left", "news"), ("consent.turned_on", "news")]


async def test_what_is_told_of_a_mail_is_where_it_went_and_who_asked_for_it(post: Post) -> None:
    taken = await post.sent("Ana@Example.net")
    [notice] = await notices(post)
    assert (notice.subject, notice.at, notice.tries) == (taken.message.id, post.clock(), 0)
    assert notice.mail == OfMail("receipt", "Ana@Example.net", post.clock(), "account-1", "order-1")


async def test_an_endpoint_is_told_what_it_wants(backend: Sqlite | Postgres, clock: MovableClock) -> None:
    shop = Endpoint("shop", URL, ("message.bounced",), ("receipt",))
    list_ = Endpoint("list", URL, ("suppression",))
    async with backend.open(wanted=wanted_by([shop, list_])) as store:
        post = Post(store, clock)
        await post.account()
        await post.settle(post.bounce(await post.sent()))
        await post.settle(post.bounce(await post.sent("bo@example.net", "ses-2", stream="digest"), "ses-2"))
        assert [one.event for one in await notices(post)] == ["message.bounced"]
        assert [one.event for one in await notices(post, "list")] == ["suppression.added"] * 2


# --- the same transaction ---------------------------------------------------------------------------------------------


async def test_a_change_that_is_not_stored_is_not_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's line, the state and the notice: all or none."""
    taken = await post.sent()
    await told(post)

    def fail(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO outbox"):
            raise RuntimeError("the power fails")

    event.listen(Engine, "after_cursor_execute", fail)
    try:
        with pytest.raises(Exception, match="the power fails"):
            await post.settle(post.bounce(taken))
    finally:
        event.remove(Engine, "after_cursor_execute", fail)
    assert (await post.story(taken)).state.value == "sent"
    assert await post.store.suppressed(["ana@example.net"]) == [None]
    assert await told(post) == []


Statements = list[str]


@pytest.fixture
def asked() -> Iterator[Statements]:
    statements: Statements = []

    def keep(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    yield statements
    event.remove(Engine, "before_cursor_execute", keep)


async def round_trip(post: Post, name: str, asked: Statements) -> Statements:
    """What accept, take, finish and settle ask the database for."""
    asked.clear()
    taken = await post.sent(f"{name}@example.net", f"ses-{name}")
    await post.settle(post.event(Kind.SEND, taken, f"ses-{name}"), post.event(Kind.DELIVERY, taken, f"ses-{name}"))
    await post.settle(post.bounce(taken, f"ses-{name}"))
    return [one for one in asked if not one.startswith("SELECT pg_")]


async def test_a_house_without_webhooks_asks_for_nothing_more(
    backend: Sqlite | Postgres, clock: MovableClock, asked: Statements
) -> None:
    endpoints = {"first": [], "none": [], "idle": [Endpoint("list", URL, ("consent",))], "shop": [SHOP]}
    found: dict[str, Statements] = {}
    for name, declared in endpoints.items():
        async with backend.open(wanted=wanted_by(declared)) as store:
            post = Post(store, clock, iter(range(len(found) * 100, 1000)))
            await post.account()
            found[name] = await round_trip(post, name, asked)
    assert [one for one in found["none"] if "outbox" in one or "webhooks" in one] == []
    assert found["idle"] == found["none"]
    told = [one for one in found["shop"] if "outbox" in one]
    assert [one for one in found["shop"] if "outbox" not in one] == found["none"]
    assert {one.partition("(")[0].strip() for one in told} == {"INSERT INTO outbox"}
    assert len(told) == 4  # sent; delivered; the suppression; bounced


# --- the queue --------------------------------------------------------------------------------------------------------


async def test_who_takes_has_it_for_a_while(post: Post) -> None:
    notice = await one_notice(post)
    assert await notices(post) == []
    assert await post.store.next_notice("shop") == post.clock() + LEASE
    post.clock.forward(seconds=61)
    assert [one.id for one in await notices(post)] == [notice.id]  # its taker is no more: at least once


async def test_a_notice_keeps_its_id_until_it_is_told(post: Post) -> None:
    notice = await one_notice(post)
    await finish(post, [notice], Answer.FAILED)
    assert await notices(post) == []
    post.clock.forward(seconds=6)
    [again] = await notices(post)
    assert again == changed(notice, tries=1)
    await finish(post, [again])
    post.clock.forward(days=1)
    assert await notices(post) == []
    assert await post.store.next_notice("shop") is None


async def test_what_was_given_up_is_counted(post: Post) -> None:
    notice = await one_notice(post)
    await finish(post, [notice], Answer.FAILED, gives_up=True)
    [health] = await post.store.webhooks(["shop"])
    assert (health.given_up, health.told, health.waiting) == (1, 0, 0)
    assert (health.failing_since, health.why) == (post.clock(), "it answered 500")


async def test_one_that_fails_is_tried_with_one(post: Post) -> None:
    await post.added(*(f"p{n}@example.net" for n in range(AT_ONCE + 5)), judge=lambda _: by_hand())
    found = await notices(post)
    assert len(found) == AT_ONCE
    await finish(post, found[:1], Answer.FAILED)
    assert await post.store.next_notice("shop") == post.clock() + REST  # though others are due
    post.clock.forward(seconds=61)
    due = await post.store.next_notice("shop")
    assert due is not None and due < post.clock()
    [probe] = await notices(post)
    assert await finish(post, [probe]) == [Turn.WELL]
    assert len(await notices(post)) == AT_ONCE


def by_hand() -> Hold:
    return Hold("not_approved")


async def test_an_endpoint_that_failed_for_a_day_is_left_alone_until_a_person_enables_it(post: Post) -> None:
    notice = await one_notice(post)
    assert await finish(post, [notice], Answer.FAILED) == [Turn.FAILING]
    post.clock.forward(hours=23)
    assert await finish(post, await notices(post), Answer.FAILED) == [None]
    post.clock.forward(hours=2)
    assert await finish(post, await notices(post), Answer.FAILED) == [Turn.DISABLED]
    [alarm] = await post.store.alarms()
    assert alarm.key == alarm_of("shop")
    assert "franked webhooks enable shop" in alarm.text
    await post.store.lift([Lift("ana@example.net", "ops", "again")])  # what happens meanwhile waits
    post.clock.forward(hours=12)
    assert await notices(post) == []
    assert await post.store.next_notice("shop") is None
    [health] = await post.store.webhooks(["shop"])
    assert health.waiting == 2
    assert await post.store.enable_webhooks(["shop", "shop", "none"]) == [True, True, False]
    assert await post.store.alarms() == []
    assert [(one.event, one.tries) for one in await notices(post)] == [
        ("suppression.added", 0),
        ("suppression.lifted", 0),
    ]
    assert await post.store.enable_webhooks(["shop"]) == [False]


async def test_one_that_is_gone_is_left_alone_at_once_and_keeps_what_waits(post: Post) -> None:
    notice = await one_notice(post)
    assert await finish(post, [notice], Answer.GONE) == [Turn.DISABLED]
    assert "wants no more" in (await post.store.alarms())[0].text
    assert await notices(post) == []
    await post.store.enable_webhooks(["shop"])
    assert [one.id for one in await notices(post)] == [notice.id]


async def test_a_replay_tells_again_what_was_told_and_what_was_given_up(post: Post) -> None:
    old = await one_notice(post)
    await finish(post, [old])
    since = post.clock.forward(minutes=10)
    for n in range(5):
        await post.store.suppress([Suppression(f"p{n}@example.net", Why.MANUAL, post.clock())])
    found = await notices(post)
    await finish(post, found[:2])
    await finish(post, found[2:4], Answer.FAILED, gives_up=True)  # and the fifth is still under way
    first = await post.store.replay_notices("shop", since, "", 3)
    rest = await post.store.replay_notices("shop", since, first[-1], 3)
    assert (len(first), len(rest)) == (3, 1)
    assert sorted([*first, *rest]) == sorted(one.id for one in found[:4])
    assert await post.store.replay_notices("shop", since, rest[-1], 3) == []
    assert await post.store.replay_notices("other", since, "", 3) == []
    [probe] = await notices(post)
    await finish(post, [probe])
    assert {probe.id, *(one.id for one in await notices(post))} == {*first, *rest}


async def test_what_is_older_than_a_replay_reaches_is_forgotten(post: Post) -> None:
    await one_notice(post)
    post.clock.forward(days=KEPT.days)
    await post.store.lift([Lift("ana@example.net", "ops", "again")])
    assert await post.store.forget_notices(post.clock() - KEPT, 10) == 0
    post.clock.forward(seconds=1)
    assert await post.store.forget_notices(post.clock() - KEPT, 10) == 1
    assert [one.event for one in await notices(post)] == ["suppression.lifted"]


async def test_what_was_forgotten_under_way_stays_so(post: Post) -> None:
    notice = await one_notice(post)
    post.clock.forward(days=8)
    await post.store.forget_notices(post.clock() - KEPT, 10)
    await finish(post, [notice], Answer.FAILED)
    assert (await post.store.webhooks(["shop"]))[0].waiting == 0


async def test_a_person_is_handed_out_what_was_told_and_erased_from_it(post: Post) -> None:  # D8
    whose = Whose(ANA, frozenset({"receipt"}))
    taken = await post.sent()
    await post.settle(post.bounce(taken))
    rows = (await post.store.collect(whose))["webhooks"]
    assert sorted(str(row["event"]) for row in rows) == ["message.bounced", "message.sent", "suppression.added"]
    await post.added("ana@example.net", judge=lambda _: by_hand())
    await post.store.erase([Erasure(whose, "ops", "asked by letter")])
    found = {(one.event, one.word): one for one in await notices(post)}
    assert ("message.dropped", "erased") in found
    assert {event.partition(".")[0] for event, _ in found} == {"message"}  # an erasure is announced to nobody
    for one in found.values():
        assert one.mail is not None
        assert (one.mail.to, one.mail.by, one.mail.ref) == (None, None, None)
        assert "ana" not in repr(one)
