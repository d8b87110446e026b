"""What `settle` promises: an event is kept by its key, its consequences are drawn once, in whatever order they come."""

import random
from datetime import timedelta

import pytest

from franked.record import Settled
from franked.rules.event import BounceType, Kind
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Delay as DelayOf
from franked.rules.outcome import Refused, Sent, TryLater, Unknown
from franked.rules.stream import IfUnknown
from franked.rules.suppression import Why
from franked.rules.verdict import Drop, Hold
from tests.contract.conftest import Post
from tests.states import states_in


async def test_a_delivery_moves_its_message_and_its_counter(post: Post) -> None:
    taken = await post.sent()
    event = post.event(Kind.DELIVERY, taken, detail="250 2.0.0 OK", raw='{"eventType":"Delivery"}')
    assert await post.settle(event) == [Settled(event.key, True, taken.message.id, State.DELIVERED, "request-1")]
    story = await post.story(taken)
    assert (story.state, story.events) == (State.DELIVERED, (event,))
    assert ("delivered", "250 2.0.0 OK", "event") in await post.lines(taken)
    assert await post.counted() == {"accepted": 1, "sent": 1, "delivered": 1}


async def test_the_same_event_twice_is_one_event(post: Post) -> None:
    taken = await post.sent()
    event = post.bounce(taken)
    first, within, after = *await post.settle(event, event), *await post.settle(event)
    assert [one.fresh for one in (first, within, after)] == [True, False, False]
    assert after.state is State.BOUNCED
    assert len((await post.story(taken)).events) == 1
    assert (await post.counted())["bounced"] == 1


async def test_two_reports_of_one_bounce_count_once(post: Post) -> None:
    """Event publishing and identity notifications, both switched on."""
    taken = await post.sent()
    untagged = post.bounce(taken, message_id=None, attempt_id=None)
    settled = await post.settle(post.bounce(taken), untagged)
    assert [one.message_id for one in settled] == [taken.message.id] * 2
    assert all(one.fresh for one in settled)
    assert len((await post.story(taken)).events) == 2
    assert await post.counted() == {"accepted": 1, "sent": 1, "bounced": 1}
    assert await post.counted("") == {}


async def test_a_hard_bounce_suppresses_and_a_complaint_alarms_too(post: Post) -> None:  # A5, D4, E7
    bounced = await post.sent("ana@example.net", "ses-1")
    complained = await post.sent("ben@example.net", "ses-2")
    await post.settle(
        post.bounce(bounced), post.event(Kind.COMPLAINT, complained, "ses-2", detail="abuse, from ben's provider")
    )
    ana, ben, cleo = await post.store.suppressed(["ana@example.net", "ben@example.net", "cleo@example.net"])
    assert ana is not None
    assert ben is not None
    assert (ana.why, ben.why, cleo) == (Why.HARD_BOUNCE, Why.COMPLAINT, None)
    [alarm] = await post.store.alarms()
    assert (alarm.key, alarm.text) == ("complaint", "abuse, from ben's provider")
    [dropped] = await post.add(post.candidate("Ana@example.net"))
    assert dropped.reason == "suppressed"


async def test_an_echo_of_ses_s_list_is_news_only_where_ours_does_not_have_the_address(post: Post) -> None:  # E7
    """Two mails were under way as the address turned out to be gone: SES itself stops the second."""
    first, second = await post.sent(ses_id="ses-1"), await post.sent(ses_id="ses-2")
    await post.settle(post.bounce(first))
    await post.settle(post.bounce(second, "ses-2", subtype="OnAccountSuppressionList"))
    assert await post.store.alarms() == []
    stopped = await post.sent("ben@example.net", "ses-3")
    await post.settle(post.bounce(stopped, "ses-3", subtype="OnAccountSuppressionList"))
    assert [one.key for one in await post.store.alarms()] == ["suppression_out_of_sync"]


async def test_a_state_only_moves_upwards(post: Post) -> None:
    taken = await post.sent()
    kinds = [Kind.COMPLAINT, Kind.DELIVERY, Kind.SEND, Kind.DELIVERY_DELAY]
    for kind in kinds:
        await post.settle(post.event(kind, taken))
    assert await post.state(taken) is State.COMPLAINED
    assert await post.counted() == {"accepted": 1, "complained": 1, "delivered": 1, "sent": 1, "delayed": 1}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_order_events_come_in_the_end_is_the_same(post: Post, seed: int) -> None:
    taken = await post.one_taken()
    events = [
        post.event(Kind.SEND, taken),
        post.event(Kind.DELIVERY_DELAY, taken),
        post.event(Kind.DELIVERY, taken),
        post.bounce(taken, bounce_type=BounceType.TRANSIENT),
        post.event(Kind.COMPLAINT, taken, message_id=None, attempt_id=None),
        post.event(Kind.OPEN, taken),
    ]
    chance = random.Random(seed)
    arriving = events + chance.choices(events, k=4)
    chance.shuffle(arriving)
    cut = chance.randrange(len(arriving))
    for event in arriving[:cut]:
        await post.settle(event)
    await post.finish(taken, Sent("ses-1"))
    await post.settle(*arriving[cut:])
    assert await post.state(taken) is State.COMPLAINED
    assert len((await post.story(taken)).events) == 6
    once = {"accepted": 1, "sent": 1, "delayed": 1, "delivered": 1, "soft_bounced": 1, "complained": 1}
    assert await post.counted() == once
    assert await post.counted("") == {}


async def test_an_event_with_our_tag_proves_acceptance_from_anywhere(post: Post) -> None:
    held = await post.one_taken("held@example.net")
    dropped = await post.one_taken("dropped@example.net")
    dead = await post.one_taken("dead@example.net")
    refused = await post.one_taken("refused@example.net")
    unknown = await post.one_taken("unknown@example.net")
    queued = await post.one_taken("queued@example.net")
    sending = await post.one_taken("sending@example.net", lane=Lane.URGENT)
    await post.finish(held, Unknown(""))
    await post.finish(dead, TryLater(DelayOf.SERVER, ""))
    await post.finish(refused, Refused("bad_request", ""))
    await post.finish(queued, TryLater(DelayOf.RATE, ""), due_in=60)
    post.clock.forward(minutes=30)
    await post.sweep(IfUnknown.HOLD)
    all_of_them = [held, dropped, dead, refused, unknown, queued, sending]
    for number, taken in enumerate(all_of_them):
        [settled] = await post.settle(post.event(Kind.SEND, taken, f"ses-{number}"))
        assert settled.state is State.SENT
        story = await post.story(taken)
        assert (story.state, story.reason, story.variables) == (State.SENT, None, None)
        assert (story.ses_id, story.attempts[0].ses_id) == (f"ses-{number}", f"ses-{number}")
    post.clock.forward(days=1)
    assert await post.taken() == ()
    await post.sweep(IfUnknown.RESEND)
    assert await states_in(post.store) == {State.SENT: 7}


async def test_the_answer_of_a_call_whose_event_came_first_is_written_all_the_same(post: Post) -> None:
    taken = await post.one_taken()
    await post.settle(post.event(Kind.SEND, taken), post.event(Kind.DELIVERY, taken))
    moved = await post.finish(taken, Sent("ses-1"))
    assert (moved.state, moved.moved) == (State.DELIVERED, False)
    assert (await post.story(taken)).attempts[0].outcome == "sent"


async def test_an_answer_that_was_lost_takes_nothing_from_what_an_event_told(post: Post) -> None:
    taken = await post.one_taken()
    await post.settle(post.event(Kind.SEND, taken))
    await post.finish(taken, Unknown("timed out"))
    [settled] = await post.settle(post.bounce())  # no tags: found by the SES id that the first event told
    assert (settled.message_id, settled.state) == (taken.message.id, State.BOUNCED)


# --- events before our own record, and for mail of nobody -------------------------------------------------------------


async def test_an_event_that_comes_before_our_record_is_applied_when_that_comes(post: Post) -> None:
    taken = await post.one_taken()
    [early] = await post.settle(post.bounce(detail="550 5.1.1"))
    assert (early.fresh, early.message_id, early.state) == (True, None, None)
    assert await post.counted("") == {"bounced": 1}
    moved = await post.finish(taken, Sent("ses-1"))
    assert (moved.state, moved.moved) == (State.BOUNCED, True)
    story = await post.story(taken)
    assert (story.state, len(story.events), story.variables) == (State.BOUNCED, 1, None)
    assert ("bounced", "550 5.1.1", "event") in await post.lines(taken)
    assert await post.counted() == {"accepted": 1, "sent": 1, "bounced": 1}
    assert await post.counted("") == {}


async def test_an_early_event_and_its_tagged_twin_count_once(post: Post) -> None:
    taken = await post.one_taken()
    await post.settle(post.bounce())
    await post.settle(post.bounce(taken))
    await post.finish(taken, Sent("ses-1"))
    assert await post.counted() == {"accepted": 1, "sent": 1, "bounced": 1}
    assert await post.counted("") == {}
    assert len((await post.story(taken)).events) == 2


async def test_a_tag_tells_whose_events_came_before_it_though_the_answer_was_lost(post: Post) -> None:
    taken = await post.one_taken()
    await post.settle(post.event(Kind.DELIVERY))
    await post.finish(taken, Unknown("reset"))
    await post.settle(post.event(Kind.SEND, taken))
    assert await post.state(taken) is State.DELIVERED


async def test_an_early_event_waits_a_day_and_is_kept_for_good(post: Post) -> None:
    taken = await post.one_taken()
    event = post.event(Kind.DELIVERY)
    await post.settle(event)
    post.clock.forward(hours=24)
    await post.sweep()
    await post.finish(taken, Sent("ses-1"))
    assert await post.state(taken) is State.SENT
    assert [one.fresh for one in await post.settle(event)] == [False]


async def test_a_bounce_of_mail_we_never_sent_suppresses_and_counts_for_the_account(post: Post) -> None:
    settled = await post.settle(
        post.bounce(ses_id="other-1", recipient="ana@example.net"),
        post.bounce(ses_id="other-1", recipient="ben@example.net"),
        post.bounce(ses_id="other-2", recipient="cleo@example.net", message_id="m_of_somebody_else"),
    )
    assert [one.message_id for one in settled] == [None] * 3
    suppressed = await post.store.suppressed(["ana@example.net", "ben@example.net", "cleo@example.net"])
    assert [one and one.why for one in suppressed] == [Why.HARD_BOUNCE] * 3
    assert await post.counted("") == {"bounced": 3}


async def test_simulator_mail_counts_apart(post: Post) -> None:
    taken = await post.sent("bounce+1@simulator.amazonses.com")
    await post.settle(post.bounce(taken))
    assert await post.counted() == {"accepted": 1, "simulated_sent": 1, "simulated_bounced": 1}


async def test_an_event_of_a_kind_we_do_not_know_is_kept_without_consequence(post: Post) -> None:
    taken = await post.sent()
    [settled] = await post.settle(post.event(Kind.OTHER, taken))
    assert (settled.fresh, settled.state) == (True, State.SENT)
    assert await post.counted() == {"accepted": 1, "sent": 1}


async def test_a_mail_is_counted_as_sent_once_by_our_record_and_by_the_send_event(post: Post) -> None:
    first, second = await post.sent("ana@example.net"), await post.sent("ben@example.net")
    await post.settle(post.event(Kind.SEND, first), post.event(Kind.SEND, second))
    assert await post.counted() == {"accepted": 2, "sent": 2}


async def test_a_broken_attempt_tag_harms_nobody(post: Post) -> None:
    taken = await post.sent()
    for tag in ("", "m_other-1", f"{taken.message.id}-x", f"{taken.message.id}-99999999999999999999", "-1"):
        await post.settle(post.event(Kind.DELIVERY, taken, "ses-9", attempt_id=tag))
    assert await post.state(taken) is State.DELIVERED


# --- soft bounces -----------------------------------------------------------------------------------------------------


async def soft_bounce(post: Post, ses_id: str, days: float) -> None:
    post.clock.forward(days=days)
    taken = await post.sent(ses_id=ses_id)
    await post.settle(post.bounce(taken, ses_id, bounce_type=BounceType.TRANSIENT))


async def test_three_soft_bounces_over_a_week_rest_an_address(post: Post) -> None:
    await soft_bounce(post, "ses-1", 0)
    await soft_bounce(post, "ses-2", 4)
    assert await post.store.suppressed(["ana@example.net"]) == [None]
    await soft_bounce(post, "ses-3", 4)
    [suppression] = await post.store.suppressed(["ana@example.net"])
    assert suppression is not None
    assert (suppression.why, suppression.until) == (Why.SOFT_BOUNCES, post.clock() + timedelta(days=30))
    post.clock.forward(days=30)
    assert await post.store.suppressed(["ana@example.net"]) == [None]


async def test_a_delivery_in_between_wipes_the_slate(post: Post) -> None:
    await soft_bounce(post, "ses-1", 0)
    await soft_bounce(post, "ses-2", 4)
    post.clock.forward(hours=1)
    await post.settle(post.event(Kind.DELIVERY, await post.sent(ses_id="ses-0"), "ses-0"))
    await soft_bounce(post, "ses-3", 4)
    assert await post.store.suppressed(["ana@example.net"]) == [None]


async def test_one_message_that_bounces_softly_again_and_again_is_one(post: Post) -> None:
    taken = await post.sent()
    for days in (0, 4, 4, 4):
        post.clock.forward(days=days)
        await post.settle(post.bounce(taken, bounce_type=BounceType.TRANSIENT))
    assert await post.store.suppressed(["ana@example.net"]) == [None]
    assert (await post.counted())["soft_bounced"] == 1


async def test_a_message_that_never_went_is_proven_wrong_by_its_event(post: Post) -> None:
    [dropped] = await post.added(judge=lambda facts: Drop("left"))
    [held] = await post.added(judge=lambda facts: Hold("sandbox"))
    for message in (dropped, held):
        event = post.event(Kind.DELIVERY, ses_id=f"ses-{message}", message_id=message)
        [settled] = await post.settle(event)
        assert settled.state is State.DELIVERED
