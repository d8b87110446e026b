"""What `add` promises: judged by the record, stored once, durable when it answers."""

import asyncio
from asyncio import gather
from dataclasses import replace
from datetime import timedelta

import pytest

from franked.record import Added, IdempotencyConflict, Spend
from franked.rules.message import State
from franked.rules.outcome import Sent
from franked.rules.stream import Limit
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Drop, Facts, Hold, Send, TurnedAway, Verdict
from franked.store import Store
from tests.contract.conftest import Bell, MovableClock, Post
from tests.states import states_in

HOURLY = Limit(2, timedelta(hours=1))


async def test_an_accepted_message_is_on_record_with_all_it_was_accepted_with(post: Post) -> None:  # E6, F4
    message = post.message("Ana.Example@Example.net", variables={"number": "R-7", "lines": [1, {"a": None}]})
    [answer] = await post.add(replace(post.candidate(), message=message))
    assert answer == Added(message.id, State.QUEUED, None)
    story = await post.story(message.id)
    for name in ("stream", "lane", "to", "sender", "template", "template_version", "locale", "variables", "trigger"):
        assert getattr(story, name) == getattr(message, name)
    for name in ("accepted_at", "due_at", "useful_until", "key_id", "request_id"):
        assert getattr(story, name) == getattr(message, name)
    assert await post.lines(message.id) == [("accepted", "", "key-1")]
    assert await post.counted() == {"accepted": 1}


async def test_what_nobody_knows_is_not_found(post: Post) -> None:
    [known] = await post.added()
    stories = await post.store.find(["m_nothing", known])
    assert [story and story.id for story in stories] == [None, known]


async def test_an_account_that_was_never_read_is_taken_to_be_in_the_sandbox(store: Store, clock: MovableClock) -> None:
    asked: list[Facts] = []

    def judge(facts: Facts) -> Verdict:
        asked.append(facts)
        return Send()

    await Post(store, clock).added(judge=judge)
    assert asked[0].in_sandbox
    assert asked[0].verified == frozenset()
    assert asked[0].now == clock()


async def test_the_facts_are_those_of_the_account_and_of_the_address(post: Post) -> None:
    suppression = Suppression("ana@example.net", Why.COMPLAINT, post.clock(), source="event 1")
    await post.store.suppress([suppression])
    await post.account(production=False, verified=frozenset({"example.com", "ops@example.net"}))
    asked: list[Facts] = []

    def judge(facts: Facts) -> Verdict:
        asked.append(facts)
        return Send()

    await post.added("Ana@Example.NET", "ben@example.net", judge=judge)
    assert [facts.suppression for facts in asked] == [suppression, None]
    assert all(facts.in_sandbox for facts in asked)
    assert asked[0].verified == {"example.com", "ops@example.net"}


async def test_a_suppressed_address_is_dropped_and_its_variables_are_not_kept(post: Post) -> None:  # D4, B6
    await post.store.suppress([Suppression("ana@example.net", Why.HARD_BOUNCE, post.clock())])
    [answer] = await post.add(post.candidate("ANA@example.net"))
    assert (answer.state, answer.reason) == (State.DROPPED, "suppressed")
    assert (await post.story(answer.id)).variables is None
    assert await post.lines(answer.id) == [("accepted", "", "key-1"), ("dropped", "suppressed", "key-1")]
    assert await post.counted() == {"accepted": 1, "dropped": 1}
    assert await post.taken() == ()


async def test_a_suppression_that_has_ended_says_nothing(post: Post) -> None:
    until = post.clock() + timedelta(days=30)
    await post.store.suppress([Suppression("ana@example.net", Why.SOFT_BOUNCES, post.clock(), until)])
    post.clock.forward(days=30)
    [answer] = await post.add(post.candidate())
    assert answer.state is State.QUEUED


async def test_a_hold_keeps_its_reason_and_its_end(post: Post) -> None:
    until = post.clock() + timedelta(hours=1)
    [answer] = await post.add(post.candidate(judge=lambda facts: Hold("not_approved", until)))
    assert answer == Added(answer.id, State.HELD, "not_approved")
    assert (await post.story(answer.id)).variables == {"number": "R-1"}
    assert await post.counted() == {"accepted": 1, "held": 1}


async def test_what_is_turned_away_leaves_no_trace(post: Post) -> None:
    turned_away = TurnedAway("not_allowed", "from", "no")
    limit = Spend("receipt|ana@example.net", HOURLY)
    answers = await post.add(
        post.candidate(judge=lambda facts: turned_away, spends=[limit], key="k"), post.candidate(key="k")
    )
    assert answers[0] == turned_away
    assert answers[1].state is State.QUEUED  # the key was not used up
    assert await post.counted() == {"accepted": 1}
    assert await states_in(post.store) == {State.QUEUED: 1}


# --- idempotency ------------------------------------------------------------------------------------------------------


async def test_the_same_draft_under_the_same_key_is_one_message(post: Post) -> None:
    [first] = await post.add(post.candidate(key="order-1"))
    [again] = await post.add(post.candidate(key="order-1"))
    assert again == Added(first.id, State.QUEUED, None, repeated=True)
    assert await states_in(post.store) == {State.QUEUED: 1}


async def test_a_repeat_tells_how_the_first_stands_now(post: Post) -> None:
    await post.added(key="order-1")
    [taken] = await post.taken()
    await post.finish(taken, Sent("ses-1"))
    [again] = await post.add(post.candidate(key="order-1"))
    assert again == Added(taken.message.id, State.SENT, None, repeated=True)


async def test_another_draft_under_a_used_key_is_a_conflict(post: Post) -> None:
    [first] = await post.add(post.candidate(key="order-1", canonical=b"one"))
    [other] = await post.add(post.candidate(key="order-1", canonical=b"two"))
    assert other == IdempotencyConflict(first.id)
    assert await post.counted() == {"accepted": 1}


async def test_keys_are_compared_within_one_batch_too(post: Post) -> None:
    answers = await post.add(
        post.candidate(key="a"),
        post.candidate(key="b"),
        post.candidate(key="a"),
        post.candidate(key="a", canonical=b"other"),
        post.candidate(),
        post.candidate(),
    )
    first = answers[0].id
    assert answers[2] == Added(first, State.QUEUED, None, repeated=True)
    assert answers[3] == IdempotencyConflict(first)
    assert await states_in(post.store) == {State.QUEUED: 4}


async def test_an_idempotency_key_belongs_to_one_api_key(post: Post) -> None:
    answers = await post.add(post.candidate(key="a", key_id="key-1"), post.candidate(key="a", key_id="key-2"))
    assert len({answer.id for answer in answers}) == 2
    assert not any(answer.repeated for answer in answers)


async def test_a_repeat_is_neither_judged_nor_limited_again(post: Post) -> None:
    spend = Spend("receipt|ana@example.net", Limit(1, timedelta(hours=1)))
    for _ in range(3):
        [answer] = await post.add(post.candidate(key="a", spends=[spend]))
        assert answer.state is State.QUEUED


async def test_a_hundred_callers_with_one_key_make_one_message(post: Post) -> None:
    answers = await asyncio.gather(*(post.add(post.candidate(key="order-1")) for _ in range(100)))
    assert len({answer.id for [answer] in answers}) == 1
    assert sum(not answer.repeated for [answer] in answers) == 1


# --- limits -----------------------------------------------------------------------------------------------------------


def hourly(mailbox: str = "ana@example.net") -> Spend:
    return Spend(f"receipt|{mailbox}", HOURLY)


async def test_past_the_limit_the_message_is_dropped(post: Post) -> None:  # A16
    answers = [*await post.add(post.candidate(spends=[hourly()]))]
    answers += await post.add(*(post.candidate(spends=[hourly()]) for _ in range(2)))
    assert [answer.reason for answer in answers] == [None, None, "rate_limited"]


async def test_the_window_opens_with_its_first_message(post: Post) -> None:
    await post.added("a@example.net", "a@example.net", spends=[hourly()])
    post.clock.forward(minutes=59)
    assert (await post.add(post.candidate(spends=[hourly()])))[0].reason == "rate_limited"
    post.clock.forward(minutes=1)
    answers = await post.add(*(post.candidate(spends=[hourly()]) for _ in range(3)))
    assert [answer.reason for answer in answers] == [None, None, "rate_limited"]


async def test_what_is_dropped_for_another_reason_spends_nothing(post: Post) -> None:
    await post.added(*["ana@example.net"] * 5, spends=[hourly()], judge=lambda facts: Drop("stale_trigger"))
    [answer] = await post.add(post.candidate(spends=[hourly()]))
    assert answer.state is State.QUEUED


async def test_of_two_limits_one_that_is_used_up_leaves_the_other_untouched(post: Post) -> None:
    tight, wide = Spend("key|1", Limit(1, timedelta(hours=1))), Spend("receipt|ana@example.net", HOURLY)
    first, second = await post.add(*(post.candidate(spends=[wide, tight]) for _ in range(2)))
    third, fourth = await post.add(*(post.candidate(spends=[wide]) for _ in range(2)))
    assert [answer.reason for answer in (first, second, third, fourth)] == [None, "rate_limited", None, "rate_limited"]


@pytest.mark.parametrize("at_once", [1, 10])
async def test_a_limit_holds_exactly_under_a_hundred_callers(post: Post, at_once: int) -> None:  # A16
    """Whatever way the address is spelled: the limit is the mailbox's."""
    spellings = ["Ana@Example.net", "ana+1@example.net", "ANA+x@EXAMPLE.NET", "ana@example.net"]
    candidates = [post.candidate(spellings[n % 4]) for n in range(100)]
    limited = [
        replace(one, spends=(Spend(f"code|{one.message.to.mailbox}", Limit(5, timedelta(hours=1))),))
        for one in candidates
    ]
    batches = [limited[start : start + at_once] for start in range(0, 100, at_once)]
    answers = [answer for some in await asyncio.gather(*(post.add(*batch) for batch in batches)) for answer in some]
    assert sum(answer.state is State.QUEUED for answer in answers) == 5
    assert await post.counted() == {"accepted": 100, "dropped": 95}


# --- the bell ---------------------------------------------------------------------------------------------------------


async def test_the_bell_rings_once_for_what_is_due(post: Post, bell: Bell) -> None:
    before = bell.rings
    await post.added("a@example.net", "b@example.net")
    assert bell.rings == before + 1


async def test_the_bell_is_silent_for_what_is_not(post: Post, bell: Bell) -> None:
    before = bell.rings
    await post.added(judge=lambda facts: Hold("sandbox"))
    await post.added(judge=lambda facts: Drop("left"))
    assert bell.rings == before


async def test_a_window_that_is_over_is_forgotten_a_few_at_a_time(post: Post) -> None:
    """Its name may hold a mailbox: it stays no longer than it limits."""
    mailboxes = [f"{number}@example.net" for number in range(3)]
    await post.store.spend([[hourly(mailbox)] for mailbox in mailboxes])
    later = post.clock.forward(hours=1)
    await post.store.spend([[hourly()], [hourly()]])
    assert [await post.store.forget_limits(later, 2) for _ in range(3)] == [2, 1, 0]
    assert await post.store.spend([[hourly()], [hourly(mailboxes[0])]]) == [False, True]


async def test_forgetting_beside_spending_loses_no_count(post: Post) -> None:
    for _ in range(20):
        spent, _ = await gather(post.store.spend([[hourly()]] * 3), post.store.forget_limits(post.clock(), 10))
        assert spent == [True, True, False]
        post.clock.forward(hours=1)
