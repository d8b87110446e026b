"""Who agreed to what: the same questions to both backends, with the log and the verdict's facts."""

import asyncio
from datetime import timedelta
from hashlib import sha256

from franked.rules.address import Address
from franked.rules.consent import (
    EVERY,
    Agreed,
    Asked,
    Confirmation,
    Evidence,
    Standing,
    Statement,
    Step,
    standing_of,
)
from franked.rules.message import Due, State
from franked.rules.verdict import Drop, Facts, Send, Verdict
from tests.contract.conftest import Post, Postgres, Sqlite

ANA, BEN = Address.of_spelled("Ana@example.net"), Address.of_spelled("ben@example.net")
PAGE = Evidence("page /u/leave", "the page's button", "198.51.100.7", "Browser/1")
FORM = Evidence("shop", "footer form", "198.51.100.8", "Browser/2", "Send me the news once a week.", "3")


def said(post: Post, step: Step, topic: str = "news", of: Address = ANA, how: Evidence = PAGE) -> Statement:
    return Statement(of, topic, step, post.clock(), how, "de")


def asked(post: Post, token: str, of: Address = ANA) -> Asked:
    statement = said(post, Step.ASKED, of=of, how=FORM)
    return Asked(sha256(token.encode()).digest(), statement, post.clock() + timedelta(hours=48))


def pressed(post: Post, token: str) -> Confirmation:
    return Confirmation(sha256(token.encode()).digest(), post.clock(), "198.51.100.9", "Browser/3", "page /u/confirm")


def judge(facts: Facts) -> Verdict:
    return Drop("left") if standing_of(facts.consents, "news") is Standing.LEFT else Send()


def judge_at_take(_: Due, facts: Facts) -> Verdict:
    return judge(facts)


async def steps(post: Post, of: Address | None = None) -> list[tuple[str, str, str]]:
    lines = await post.store.list_consents(0, 100, of.key if of else None)
    return [(line.statement.step.value, line.statement.topic, line.statement.evidence.by) for line in lines]


async def test_who_left_is_dropped_at_accept_and_at_take(post: Post) -> None:  # D6
    [before] = await post.added("ana@example.net", judge=judge)
    assert await post.store.state([said(post, Step.LEFT)]) == [True]
    [after] = await post.added("ana@example.net", judge=judge)
    [other] = await post.added("ben@example.net", judge=judge)
    assert [await post.state(after), await post.state(before)] == [State.DROPPED, State.QUEUED]
    assert [taken.message.id for taken in await post.taken(judge=judge_at_take)] == [other]
    assert await post.state(before) is State.DROPPED
    assert (await post.lines(before))[-1] == ("dropped", "left", "take")


async def test_a_stream_without_a_topic_has_no_consents_read(backend: Sqlite | Postgres) -> None:
    """They bear on nothing there: its mail costs no look."""
    async with backend.open(has_topic=lambda stream: stream == "digest") as store:
        post = Post(store, backend.clock)
        await post.account()
        await store.state([said(post, Step.LEFT)])
        [receipt] = await post.added("ana@example.net", judge=judge)
        [digest] = await post.added("ana@example.net", judge=judge, stream="digest")
        assert [await post.state(receipt), await post.state(digest)] == [State.QUEUED, State.DROPPED]
        assert [taken.message.id for taken in await post.taken(judge=judge_at_take)] == [receipt]


async def test_what_changes_nothing_has_no_line(post: Post) -> None:
    assert await post.store.state([said(post, Step.LEFT), said(post, Step.LEFT)]) == [True, False]
    assert await post.store.state([said(post, Step.LEFT)]) == [False]
    assert await post.store.state([said(post, Step.TURNED_ON)]) == [True]
    assert await steps(post) == [("left", "news", "page /u/leave"), ("turned_on", "news", "page /u/leave")]
    assert await post.store.state([]) == []


async def test_leaving_all_leaves_what_there_is_and_what_will_be(post: Post) -> None:  # D3, D6
    await post.store.state([said(post, Step.CONFIRMED), said(post, Step.CONFIRMED, of=BEN)])
    assert await post.store.state([said(post, Step.LEFT, EVERY)]) == [True]
    assert await post.store.state([said(post, Step.LEFT, EVERY)]) == [False]
    [ana, ben, nobody] = await post.store.consents([ANA.key, BEN.key, "cy@example.net"])
    assert (ana, ben, nobody) == (
        {"news": Standing.LEFT, EVERY: Standing.LEFT},
        {"news": Standing.CONFIRMED},
        {},
    )
    assert standing_of(ana, "anything new") is Standing.LEFT
    await post.store.state([said(post, Step.CONFIRMED)])
    [ana] = await post.store.consents([ANA.key])
    assert (standing_of(ana, "news"), standing_of(ana, "offers")) == (Standing.CONFIRMED, Standing.LEFT)


async def test_a_token_confirms_once_and_in_its_time(post: Post) -> None:  # D5
    await post.store.ask_consent([asked(post, "one"), asked(post, "two"), asked(post, "late", BEN)])
    assert await post.store.consents([ANA.key]) == [{}]
    post.clock.forward(hours=1)
    [before, again, unknown] = await post.store.confirm_consent(
        [pressed(post, "one"), pressed(post, "one"), pressed(post, "forged")]
    )
    assert before is not None and before.confirmed_at is None and before.statement.evidence == FORM
    assert again is not None and again.confirmed_at == post.clock()
    assert unknown is None
    assert await post.store.consents([ANA.key]) == [{"news": Standing.CONFIRMED}]
    post.clock.forward(hours=47)
    [late] = await post.store.confirm_consent([pressed(post, "late")])
    assert late is not None
    assert await post.store.consents([BEN.key]) == [{}]
    assert [one and one.confirmed_at is None for one in await post.store.asked_consent([late.token_hash])] == [True]


async def test_the_log_keeps_who_when_how_and_by_which_words(post: Post) -> None:  # D5, D8
    await post.store.ask_consent([asked(post, "one")])
    at = post.clock.forward(minutes=5)
    await post.store.confirm_consent([pressed(post, "one")])
    [first, second] = await post.store.list_consents(0, 10)
    assert first.statement == Statement(ANA, "news", Step.ASKED, at - timedelta(minutes=5), FORM, "de")
    how = Evidence("page /u/confirm", "footer form", "198.51.100.9", "Browser/3", FORM.wording, FORM.wording_version)
    assert second.statement == Statement(ANA, "news", Step.CONFIRMED, at, how, "de")
    assert await post.store.list_consents(first.line, 10) == [second]
    assert await post.store.list_consents(0, 1) == [first]
    assert await steps(post, BEN) == []
    assert len(await steps(post, ANA)) == 2


async def test_a_confirmation_renews_what_we_know(post: Post) -> None:
    await post.store.ask_consent([asked(post, "one"), asked(post, "two")])
    for token in ("one", "two"):
        await post.store.confirm_consent([pressed(post, token)])
    assert [step for step, _, _ in await steps(post)] == ["asked", "asked", "confirmed", "confirmed"]


async def test_a_button_pressed_many_times_at_once_confirms_once(post: Post) -> None:
    await post.store.ask_consent([asked(post, "one")])
    answers = await asyncio.gather(*(post.store.confirm_consent([pressed(post, "one")]) for _ in range(8)))
    assert sum(answer is not None and answer.confirmed_at is None for [answer] in answers) == 1
    assert [step for step, _, _ in await steps(post)] == ["asked", "confirmed"]


async def test_statements_of_one_person_at_once_end_in_one_of_them(post: Post) -> None:
    """A lost update would leave a line in the log and another standing."""
    both = [said(post, Step.LEFT), said(post, Step.CONFIRMED)]
    await asyncio.gather(*(post.store.state([both[number % 2]]) for number in range(10)))
    last = (await post.store.list_consents(0, 100))[-1].statement.step
    [ana] = await post.store.consents([ANA.key])
    assert ana["news"] is last.standing


async def test_readers_come_in_order_and_none_who_left(post: Post) -> None:
    people = [Address.of_spelled(f"Reader{number}@example.net") for number in range(5)]
    await post.store.state([said(post, Step.CONFIRMED, of=one) for one in people])
    await post.store.state([said(post, Step.LEFT, of=people[1]), said(post, Step.CONFIRMED, "offers", of=BEN)])
    assert await post.store.count_agreed("news") == 4
    first = await post.store.agreed("news", "", 2)
    assert first == [Agreed(one, "de", post.clock()) for one in (people[0], people[2])]
    assert [one.address for one in await post.store.agreed("news", first[-1].address.key, 9)] == people[3:]


async def test_what_was_never_confirmed_is_forgotten_and_its_line_stays(post: Post) -> None:
    await post.store.ask_consent([asked(post, f"token {number}") for number in range(3)])
    now = post.clock()
    assert await post.store.forget_asked(now + timedelta(hours=48), 9) == 0
    assert await post.store.forget_asked(now + timedelta(hours=49), 2) == 2
    assert await post.store.forget_asked(now + timedelta(hours=49), 2) == 1
    assert len(await steps(post)) == 3
