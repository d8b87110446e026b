"""What the record promises a person: all of it in their hands, or none of it left."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from typing import Any

from msgspec.structs import replace
from sqlalchemy import inspect, text

from franked.backends.sql.engine import pooled, url_of
from franked.enquiry import Enquiry, Grounds, Lift, Suppressed
from franked.record import Spend
from franked.rules.address import Address, Sender
from franked.rules.consent import Asked, Evidence, Statement, Step
from franked.rules.event import BounceType, Kind
from franked.rules.invite import Attendee, begun
from franked.rules.message import State
from franked.rules.origin import of_import
from franked.rules.outcome import Delay, Sent, TryLater, Unknown
from franked.rules.person import AccountDeletion, Erased, Erasure, Whose
from franked.rules.stream import Limit
from franked.rules.suppression import Suppression, Why
from franked.rules.trigger import Trigger
from franked.rules.verdict import Drop, Facts, Verdict
from tests.contract.conftest import Post, Postgres, Sqlite, by_facts
from tests.rules.test_invite import MADE

ANA = "Ana@example.net"
KEY = "ana@example.net"
WHOSE = Whose(Address.of_spelled(ANA), frozenset({"receipt"}))


def erasure(to: str = ANA) -> Erasure:
    return Erasure(Whose(Address.of_spelled(to), frozenset({"receipt"})), "Ben", "asked by letter")


async def erase(post: Post, to: str = ANA) -> Erased:
    [done] = await post.store.erase([erasure(to)])
    return done


async def a_life(post: Post, to: str = ANA) -> list[str]:
    """Mail that went, bounced, waits, is held; an import; a list; a limit; a stranger's event."""
    spend = Spend(f"receipt|{Address.of_spelled(to).mailbox}", Limit(5, timedelta(hours=1)))
    await post.store.add([post.candidate(to, spends=[spend], key=f"order of {to}")])
    [taken] = await post.taken()
    await post.finish(taken, TryLater(Delay.CONNECTION, f"no way to {to}"), 0)
    [taken] = await post.taken()
    await post.finish(taken, Sent(f"ses-{to[:2]}"))
    words: dict[str, Any] = {"raw": f'{{"to": "{to}"}}', "detail": f"no mailbox {to}"}
    await post.settle(post.event(Kind.DELIVERY, taken, f"ses-{to[:2]}", **words))
    await post.settle(
        post.bounce(ses_id=f"alien-{to[:2]}", recipient=to.lower(), bounce_type=BounceType.TRANSIENT, **words)
    )
    await post.store.suppress(
        [Suppression(to.lower(), Why.MANUAL, post.clock(), source=f"shop: {to} rang")], Grounds("shop", f"{to} rang")
    )
    await post.store.lift([Lift(to.lower(), "shop", f"{to} wrote")])
    await an_interest(post, Address.of_spelled(to))
    [second] = await post.added(to, due_at=post.clock() + timedelta(hours=1))
    [third] = await post.added(to, due_at=post.clock() + timedelta(days=1))
    return [taken.message.id, second, third]


async def everything_stored(backend: Sqlite | Postgres) -> str:
    """Every cell of every table, as one text."""
    if isinstance(backend, Sqlite):
        with closing(sqlite3.connect(backend.file)) as db:
            return "\n".join(db.iterdump()).lower()
    engine = pooled(url_of(backend.url))
    try:
        async with engine.connect() as conn:
            tables: Sequence[str] = await conn.run_sync(lambda sync: inspect(sync).get_table_names())
            rows = [str(row) for table in tables for row in await conn.execute(text(f"SELECT t::text FROM {table} t"))]
            return "\n".join(rows).lower()
    finally:
        await engine.dispose()


async def an_interest(post: Post, address: Address) -> None:
    """Subscribed, confirmed, asked for another topic, invited, and answered to."""
    how = Evidence("shop", f"form of {address}", "198.51.100.9", "Browser/3", "Yes, news.", "1")
    await post.store.state([Statement(address, "news", Step.CONFIRMED, post.clock(), how)])
    wished = Statement(address, "tips", Step.ASKED, post.clock(), how)
    token = sha256(address.key.encode()).digest()
    await post.store.ask_consent([Asked(token, wished, post.clock() + timedelta(days=2))])
    other = Attendee(Address.of_spelled("cy@example.org"))
    invite = replace(
        MADE,
        id=f"i_{address.key[:2]}",
        reply_to=Sender("", address),
        attendees=(Attendee(address, "A. N. Other"), other),
    )
    assert await post.store.keep_invites([begun(invite)]) == [True]


async def test_everything_known_of_an_address_is_handed_out(post: Post) -> None:  # D8
    mails = await a_life(post)
    await a_life(post, "bo@example.net")
    found = await post.store.collect(WHOSE)
    assert [row["id"] for row in found["messages"]] == mails
    assert found["messages"][1]["variables"] == {"number": "R-1"}
    assert found["messages"][0]["variables"] is None
    assert found["messages"][0]["accepted_at"] == post.clock()
    assert [row["number"] for row in found["attempts"]] == [1, 2]
    assert [row["kind"] for row in found["events"]] == ["delivery"]
    assert [row["ses_id"] for row in found["events_of_other_mail"]] == ["alien-An"]
    assert [row["what"] for row in found["suppression_history"]] == ["added", "lifted"]
    assert [row["message_id"] for row in found["origins"]] == mails[:1]
    assert [(row["name"], row["used"]) for row in found["limits"]] == [(f"receipt|{KEY}", 1)]
    assert [row["key"] for row in found["idempotency_keys"]] == [f"order of {ANA}"]
    assert [(row["topic"], row["standing"]) for row in found["consents"]] == [("news", "confirmed")]
    assert [(row["topic"], row["what"]) for row in found["consent_log"]] == [("news", "confirmed"), ("tips", "asked")]
    assert [row["topic"] for row in found["consents_asked"]] == ["tips"]
    assert [row["id"] for row in found["invites"]] == ["i_an"]
    assert "bo@example.net" not in str(found)


async def test_nothing_is_known_of_a_stranger(post: Post) -> None:
    await a_life(post, "bo@example.net")
    assert not any((await post.store.collect(WHOSE)).values())


async def test_of_who_was_erased_nothing_is_left_but_a_hash(post: Post, backend: Sqlite | Postgres) -> None:  # D8
    mails = await a_life(post)
    others = await a_life(post, "bo@example.net")
    assert KEY in await everything_stored(backend)
    done = await erase(post)
    assert (done.messages, done.dropped, done.events) == (3, 2, 2)
    assert KEY not in await everything_stored(backend)
    for message in mails[1:]:
        story = await post.story(message)
        assert (story.state, story.reason, story.variables, story.to.key) == (
            State.DROPPED,
            "erased",
            None,
            done.stands_as,
        )
        assert (await post.lines(message))[-1] == ("dropped", "erased", "Ben")
    assert [await post.state(message) for message in others[1:]] == [State.QUEUED, State.QUEUED]
    found = await post.store.collect(WHOSE)
    assert found["messages"][0]["recipient"] == done.stands_as
    assert [(row["address_key"], row["ip"]) for row in found["consent_log"]] == [(done.stands_as, "")] * 2
    assert (found["consents"], found["consents_asked"], found["invites"]) == ([], [], [])
    [invite] = await post.store.find_invites(["i_an"])
    assert invite
    assert (len(invite.attendees), len(invite.due), invite.reply_to) == (1, 1, None)
    [untouched] = await post.store.find_invites(["i_bo"])
    assert untouched
    assert len(untouched.attendees) == 2


async def test_the_list_says_erased(post: Post) -> None:  # D8
    done = await erase(post)
    [found] = await post.store.suppressed([KEY])
    assert found
    assert (found.why, found.address_key, found.until) == (Why.ERASED, done.stands_as, None)
    assert await post.store.list_suppressions(Suppressed(address_key=KEY)) == [found]
    assert [line.address_key for line in await post.store.list_history(0, 10)] == [done.stands_as]
    assert done.stands_as == (await erase(post)).stands_as
    assert KEY not in done.stands_as


async def test_what_comes_later_is_dropped_and_leaves_no_trace(post: Post, backend: Sqlite | Postgres) -> None:  # D8
    await erase(post)
    act = Trigger("purchase", f"account of {KEY}", post.clock(), KEY)
    [added] = await post.added(ANA, trigger=act)
    assert (await post.story(added)).reason == "suppressed"
    imported = of_import(Address.of_spelled(ANA), "old shop", "key-1", "shop", post.clock())
    assert await post.store.import_people([imported]) == [False]
    assert await post.store.suppress([Suppression(KEY, Why.COMPLAINT, post.clock())]) == [False]
    await post.settle(post.bounce(ses_id="late", recipient=KEY, raw=f"to {KEY}", detail=KEY))
    assert KEY not in await everything_stored(backend)
    assert await post.store.origins([KEY]) == [None]


async def test_a_mail_in_a_workers_hands_is_not_tried_again(post: Post, backend: Sqlite | Postgres) -> None:
    taken = await post.one_taken(ANA)
    unknown = await post.one_taken(ANA)
    await post.finish(unknown, Unknown("timed out"))
    done = await erase(post)
    assert (done.messages, done.dropped) == (2, 1)
    await post.finish(taken, TryLater(Delay.SERVER, f"no {KEY} here"), 0)
    assert await post.taken() == ()
    assert [(await post.story(one)).reason for one in (taken, unknown)] == ["suppressed", "erased"]
    await post.settle(post.event(Kind.DELIVERY, taken, raw=f"to {KEY}"))
    assert await post.state(taken) is State.DELIVERED
    assert KEY not in await everything_stored(backend)


async def test_a_dead_mail_of_who_was_erased_waits_for_nobody(post: Post) -> None:
    taken = await post.one_taken(ANA)
    await post.finish(taken, TryLater(Delay.FAULT, ""))
    assert await post.state(taken) is State.DEAD
    await erase(post)
    assert await post.state(taken) is State.DROPPED


async def test_a_person_may_take_the_address_off_the_list_again(post: Post) -> None:
    """Whoever signs up anew is somebody new."""
    await erase(post)
    [lifted] = await post.store.lift([Lift(KEY, "shop", "signed up again")])
    assert lifted
    assert lifted.why is Why.ERASED
    [added] = await post.added(ANA)
    assert await post.state(added) is State.QUEUED
    page = await post.store.enquire(Enquiry(address_key=KEY))
    assert [item.id for item in page.items] == [added]


# --- accounts ---------------------------------------------------------------------------------------------------------


def unless_deleted(facts: Facts) -> Verdict:
    return Drop("account_deleted") if facts.account_deleted else by_facts(facts)


def deletion(post: Post, account: str = "account-1", *keep: str) -> AccountDeletion:
    return AccountDeletion(account, post.clock(), "shop", "asked", frozenset(keep))


async def test_a_deleted_account_gets_no_more_mail(post: Post) -> None:  # A8
    other = Trigger("purchase", "account-2", post.clock())
    later = post.clock() + timedelta(hours=1)
    queued, waiting = await post.added(ANA, KEY, due_at=later)
    [theirs] = await post.added("bo@example.net", trigger=other)
    [kept] = await post.added(ANA, stream="account-deleted")
    assert await post.store.delete_accounts([deletion(post, "account-1", "account-deleted")]) == [2]
    assert [(await post.story(one)).reason for one in (queued, waiting)] == ["account_deleted"] * 2
    [new] = await post.add(post.candidate(judge=unless_deleted))
    [farewell] = await post.add(post.candidate(judge=unless_deleted, stream="account-deleted"))
    assert (new.reason, farewell.state) == ("account_deleted", State.QUEUED)
    assert {one.message.id for one in await post.taken()} == {theirs, kept, farewell.id}


async def test_what_was_in_a_workers_hands_is_judged_again(post: Post) -> None:  # A8
    taken = await post.one_taken()
    assert await post.store.delete_accounts([deletion(post)]) == [0]
    await post.finish(taken, TryLater(Delay.CONNECTION, ""), 0)
    assert (await post.haul(judge=lambda due, facts: unless_deleted(facts))).taken == ()
    assert (await post.story(taken)).reason == "account_deleted"


async def test_a_deletion_can_be_taken_back(post: Post) -> None:
    await post.store.delete_accounts([deletion(post)])
    assert await post.store.reopen_accounts(["account-1", "account-1", "account-2"]) == [True, False, False]
    [new] = await post.add(post.candidate(judge=unless_deleted))
    assert new.state is State.QUEUED
