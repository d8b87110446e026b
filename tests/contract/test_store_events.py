"""Ten thousand events in any order, some twice, some early, some for mail of nobody: the end is as in order.

What SES says is made here in its own JSON, of both generations, and read by the parser that reads SES's.
"""

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from franked.formats import ses_event
from franked.record import Finished
from franked.rules.event import BounceType, Kind
from franked.rules.message import State, Taken
from franked.rules.outcome import Outcome, Sent, Unknown
from franked.rules.suppression import Why, consequences
from tests.contract.conftest import START, Bell, MovableClock, Post, Sqlite

NOW = START + timedelta(days=30)  # when everything comes in
LATEST = NOW - timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as SES knows it: `message_id` None for mail that we never sent."""

    ses_id: str
    to: str
    at: datetime
    message_id: str | None = None
    attempt: int = 1

    def notice(self, kind: str, body: Mapping[str, Any], *, tags: bool = True) -> str:
        """Event publishing, or, without tags, an identity's notification."""
        mail: dict[str, Any] = {"messageId": self.ses_id, "timestamp": told(self.at), "destination": [self.to]}
        if tags and self.message_id:
            attempt = f"{self.message_id}-{self.attempt}"
            mail["tags"] = {"franked-message": [self.message_id], "franked-attempt": [attempt]}
        name = "eventType" if tags else "notificationType"
        return json.dumps({name: kind, kind[:1].lower() + kind[1:]: body, "mail": mail})

    def bounce(self, at: datetime, kind: str = "Permanent", subtype: str = "General", number: int = 1) -> Iterator[str]:
        """Of both generations: the identity's own has no tags and another feedback id."""
        for tags in (True, False):
            body = {
                "bounceType": kind,
                "bounceSubType": subtype,
                "bouncedRecipients": [{"emailAddress": self.to.upper(), "diagnosticCode": "smtp; 550 5.1.1"}],
                "timestamp": told(at),
                "feedbackId": f"{self.ses_id}-{number}-{tags}",
            }
            yield self.notice("Bounce", body, tags=tags)

    def complaint(self, at: datetime, feedback: str = "abuse", *, tags: bool = True) -> str:
        body = {
            "complainedRecipients": [{"emailAddress": self.to}],
            "timestamp": told(at),
            "feedbackId": f"{self.ses_id}-c-{feedback}",
            "complaintFeedbackType": feedback,
        }
        return self.notice("Complaint", body, tags=tags)

    def delivery(self, at: datetime, *, tags: bool = True) -> str:
        return self.notice("Delivery", {"timestamp": told(at), "recipients": [self.to]}, tags=tags)

    def delay(self, at: datetime) -> str:
        return self.notice("DeliveryDelay", {"timestamp": told(at), "delayedRecipients": [{"emailAddress": self.to}]})


def told(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


FATES = ("delivered",) * 5 + ("complained", "praised", "hard", "echo", "soft", "away", "bounced late")
TIRED = ("soft",)  # a mailbox that has been full for weeks


def life(mail: Mail, chance: random.Random) -> Iterator[str]:
    """What SES says of one mail, in the order in which it came to pass."""
    at = mail.at
    yield mail.notice("Send", {})
    if chance.random() < 0.1:
        yield mail.delay(at + timedelta(seconds=30))
    fate = chance.choice(TIRED if "tired" in mail.to else FATES)
    if fate not in {"hard", "echo", "soft"}:
        yield mail.delivery(at + timedelta(minutes=1))
    match fate:
        case "complained":
            yield mail.complaint(at + timedelta(minutes=40))
            yield mail.complaint(at + timedelta(minutes=40), tags=False)
        case "praised":
            yield mail.complaint(at + timedelta(minutes=40), "not-spam")
        case "hard":
            yield from mail.bounce(at + timedelta(minutes=2))
        case "bounced late":
            yield from mail.bounce(at + timedelta(minutes=50))
        case "echo":
            yield from mail.bounce(at + timedelta(minutes=2), "Permanent", "OnAccountSuppressionList")
        case "soft" | "away":
            yield from mail.bounce(at + timedelta(minutes=3), "Transient", chance.choice(("General", "MailboxFull")))
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Course:
    """A run's input: the mails we sent, and SES's texts about them and about others in the order of their making."""

    ours: Sequence[Mail]
    texts: Sequence[str]


def course(events: int, seed: int) -> Course:
    """About three and a half events a mail. Four mails go to each address, days apart, so that soft bounces add up."""
    chance = random.Random(seed)
    ours: list[Mail] = []
    texts: list[str] = []
    while len(texts) < events:
        number = len(ours) + 1
        who = ("tired", "p", "q", "success+")[number // 4 % 4]
        domain = "simulator.amazonses.com" if who == "success+" else "example.net"
        days = 3 * chance.randrange(7) if who == "tired" else chance.randrange(6)
        at = LATEST - timedelta(days=days, minutes=chance.randrange(600))
        mail = Mail(f"ses-{number}", f"{who}{number // 4}@{domain}", at)
        if chance.random() < 0.06:
            texts += life(Mail(f"other-{number}", f"other{number // 8}@example.net", at), chance)
        ours.append(Mail(mail.ses_id, mail.to, mail.at, f"m_{number:026d}"))
        texts += life(ours[-1], chance)
    return Course(ours, texts[:events])


@dataclass(frozen=True, slots=True)
class End:
    """What is compared: everything but the words of the ledger, which tell of the order."""

    states: Mapping[str, State]
    counters: Mapping[tuple[str, str], int]
    suppressed: Mapping[str, tuple[str, datetime | None]]
    alarms: frozenset[str]
    events: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Run:
    post: Post
    course: Course
    taken: Mapping[str, Taken]

    def outcome(self, mail: Mail) -> Finished:
        """Every ninth answer was lost: only an event's tag tells that SES took the mail."""
        number = int(mail.ses_id.removeprefix("ses-"))
        outcome: Outcome = Unknown("reset") if number % 9 == 0 else Sent(mail.ses_id)
        return Finished(self.taken[mail.message_id or ""], outcome, self.post.clock())

    async def finish(self, mails: Sequence[Mail]) -> None:
        await self.post.store.finish([self.outcome(mail) for mail in mails])

    async def settle(self, texts: Sequence[str]) -> None:
        events = [event for text in texts for event in ses_event.parse(text, NOW)]
        await self.post.store.settle(events, consequences, self.post.clock())

    async def in_order(self) -> End:
        await self.finish(self.course.ours)
        for some in chunks(sorted(self.course.texts, key=when), 100):
            await self.settle(some)
        return await self.end()

    async def in_any_order(self, seed: int) -> End:
        """Each once to three times; our own record of a send may come after all that SES says of it."""
        chance = random.Random(seed)
        arriving = [text for text in self.course.texts for _ in range(chance.choice((1, 1, 2, 3)))]
        chance.shuffle(arriving)
        sends = list(self.course.ours)
        chance.shuffle(sends)
        rounds = 1 + len(arriving) // 50
        arriving_in = split(arriving, rounds, chance)
        for some, sent in zip(arriving_in, split(sends, rounds, chance), strict=True):
            await asyncio.gather(self.settle(some), self.finish(sent))
        return await self.end()

    async def end(self) -> End:
        store = self.post.store
        stories = [story for story in await store.find(list(self.taken)) if story]
        addresses = sorted(
            {address for text in self.course.texts for address in json.loads(text)["mail"]["destination"]}
        )
        standing = zip(addresses, await store.suppressed(addresses), strict=True)
        return End(
            {story.id: story.state for story in stories},
            await store.counters(),
            {address: (found.why.value, found.until) for address, found in standing if found},
            frozenset(alarm.key for alarm in await store.alarms()),
            {story.id: frozenset(event.key for event in story.events) for story in stories},
        )


def when(text: str) -> datetime:
    [event] = ses_event.parse(text, NOW)
    return event.at


def chunks(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def split(things: Sequence[Any], parts: int, chance: random.Random) -> list[Sequence[Any]]:
    """At random places: some parts are empty."""
    places = sorted(chance.randrange(len(things) + 1) for _ in range(parts - 1))
    return [things[start:end] for start, end in zip([0, *places], [*places, len(things)], strict=True)]


async def run(folder: Path, asked: Course, trip: Callable[[Run], Any]) -> End:
    clock = MovableClock(NOW)
    async with Sqlite(folder, clock, Bell()).open() as store:
        post = Post(store, clock)
        await post.account(rate=1e6, quota=-1.0)
        await post.add(*(post.candidate(mail.to, id=mail.message_id) for mail in asked.ours))
        taken = {one.message.id: one for one in await post.taken(len(asked.ours))}
        assert len(taken) == len(asked.ours)
        end: End = await trip(Run(post, asked, taken))
        return end


async def the_order_does_not_matter(folder: Path, events: int, seed: int) -> None:
    asked = course(events, seed)
    ordered = await run(folder / "ordered", asked, lambda one: one.in_order())
    shuffled = await run(folder / "shuffled", asked, lambda one: one.in_any_order(seed))
    assert shuffled.states == ordered.states
    assert shuffled.counters == ordered.counters
    assert shuffled.suppressed == ordered.suppressed
    assert shuffled == ordered


# --- what the shuffled runs found, one by one


async def soft_bounces(post: Post, *days: int) -> None:
    """One a mail, of the same mailbox, in the order in which they come in."""
    for day in days:
        event = post.bounce(ses_id=f"ses-{day}", bounce_type=BounceType.TRANSIENT)
        await post.settle(replace(event, at=START + timedelta(days=day)))


@pytest.mark.parametrize("order", list(permutations((0, 4, 8))))
async def test_three_soft_bounces_over_a_week_rest_an_address_in_any_order(post: Post, order: tuple[int, ...]) -> None:
    post.clock.forward(days=9)
    await soft_bounces(post, *order)
    [rest] = await post.store.suppressed(["ana@example.net"])
    assert rest is not None
    assert (rest.why, rest.until) == (Why.SOFT_BOUNCES, START + timedelta(days=8 + 30))


async def test_a_delivery_parts_the_soft_bounces_before_it_from_those_after_in_any_order(post: Post) -> None:
    post.clock.forward(days=20)
    delivered = post.event(Kind.DELIVERY, ses_id="ses-9")
    await post.settle(replace(delivered, at=START + timedelta(days=9)))
    await soft_bounces(post, 12, 4, 8, 0)
    [rest] = await post.store.suppressed(["ana@example.net"])
    assert rest is not None
    assert rest.until == START + timedelta(days=8 + 30)


async def test_a_delivery_that_comes_in_days_after_the_third_soft_bounce_does_not_end_the_rest(post: Post) -> None:
    """The one thing in which the order counts, on the careful side: the address rests for its 30 days."""
    post.clock.forward(days=9)
    await soft_bounces(post, 0, 4, 8)
    await post.settle(replace(post.event(Kind.DELIVERY), at=START + timedelta(days=6)))
    assert await post.store.suppressed(["ana@example.net"]) != [None]


async def test_a_rest_that_has_ended_as_it_comes_in_ends_no_other(post: Post) -> None:
    """A simulator address rests for a day: an older complaint, come late, leaves the bounce of today."""
    address = "bounce+1@simulator.amazonses.com"
    today = post.bounce(ses_id="ses-1", recipient=address)
    old = replace(post.event(Kind.COMPLAINT, ses_id="ses-2", recipient=address), at=START - timedelta(days=2))
    await post.settle(today)
    await post.settle(old)
    [rest] = await post.store.suppressed([address])
    assert rest is not None
    assert (rest.why, rest.until) == (Why.HARD_BOUNCE, START + timedelta(days=1))


# --- all together


async def test_ten_thousand_events_end_the_same_in_any_order(tmp_path: Path) -> None:
    await the_order_does_not_matter(tmp_path, 10_000, seed=1)
