"""Each fault of the simulated account against a whole Franked: where the mail ends, and how many copies SES took."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from franked.backends.local import EventFault, Fault, SendFault, When
from franked.record import Story
from franked.rules.backoff import TRIES
from franked.rules.message import State
from franked.rules.outcome import Delay
from franked.sending.sweep import sweep
from tests.running import Product

in_one_franked = pytest.mark.asyncio(loop_scope="module")

LEASE = 10 + 30 + 30  # seconds: in which to call, the call's deadline, and some more
URGENT_WAIT = LEASE + 31  # then an event has had its time, and the stream's `if_unknown` decides
WAIT = LEASE + 15 * 60 + 1
MANY = TRIES + 2  # more often than there are tries
LOST = Fault(EventFault.LOST, times=2)  # Send and Delivery


@dataclass(frozen=True, slots=True)
class Row:
    """One mail meets `faults`; after its first, second … attempt the clock moves by so many seconds."""

    name: str
    faults: Sequence[Fault]
    waits: Sequence[float]
    state: State
    copies: int
    outcomes: Sequence[str]
    stream: str = "receipt"
    ledger: Sequence[str] = ("accepted",)  # what was decided, but for what events proved
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.stream}-{self.name}"


def before(what: SendFault, times: int = 1) -> Fault:
    return Fault(what, times)


def after(what: SendFault) -> Fault:
    return Fault(what, when=When.AFTER)


CODE, DIGEST = "sign-in-code", "digest"
LATER_OR_SENT = [*["try_later"] * MANY, "sent"]
RESENT = ("accepted", "unknown", "resend")
HELD: dict[str, Any] = {"state": State.HELD, "reason": "unknown_outcome", "ledger": ("accepted", "unknown", "held")}

NOTHING_WAS_TAKEN = [  # and no more than one copy can be
    Row("rate", [before(SendFault.RATE, MANY)], [1.0] * MANY, State.DELIVERED, 1, LATER_OR_SENT),
    Row("quota", [before(SendFault.QUOTA, MANY)], [301.0] * MANY, State.DELIVERED, 1, LATER_OR_SENT),
    Row("skewed", [before(SendFault.SKEWED, MANY)], [13.0] * MANY, State.DELIVERED, 1, LATER_OR_SENT),
    Row("expired", [before(SendFault.EXPIRED, MANY)], [13.0] * MANY, State.DELIVERED, 1, LATER_OR_SENT),
    Row("500", [before(SendFault.ERROR_500)], [31.0], State.DELIVERED, 1, ["try_later", "sent"]),
    Row(
        "503-twice",
        [before(SendFault.ERROR_503, 2)],
        [31.0, 145.0],
        State.DELIVERED,
        1,
        ["try_later", "try_later", "sent"],
    ),
    Row("slow", [Fault(SendFault.SLOW, seconds=0.2)], [], State.DELIVERED, 1, ["sent"]),
    Row("502", [before(SendFault.BAD_502)], [WAIT], copies=0, outcomes=["unknown"], **HELD),
    Row("reset", [before(SendFault.RESET)], [WAIT], copies=0, outcomes=["unknown"], **HELD),
    Row("half", [before(SendFault.HALF)], [WAIT], copies=0, outcomes=["unknown"], **HELD),
    *(
        Row(f"code-{what}", [before(what)], [URGENT_WAIT], State.DELIVERED, 1, ["unknown", "sent"], CODE, RESENT)
        for what in (SendFault.BAD_504, SendFault.RESET, SendFault.HALF)
    ),
    Row(
        "digest-504",
        [before(SendFault.BAD_504)],
        [WAIT],
        State.DROPPED,
        0,
        ["unknown"],
        DIGEST,
        ("accepted", "unknown", "dropped"),
        "unknown_outcome",
    ),
]

IT_WAS_TAKEN = [  # and the event says so
    *(
        Row(f"{what}-after", [after(what)], [], State.DELIVERED, 1, ["unknown"], stream)
        for what in (SendFault.BAD_502, SendFault.BAD_504, SendFault.RESET, SendFault.HALF)
        for stream in ("receipt", CODE, DIGEST)
    ),
    *(
        Row(f"{what}-after", [after(what)], [], State.DELIVERED, 1, ["try_later"])
        for what in (SendFault.ERROR_500, SendFault.ERROR_503)
    ),
    Row("event-before-the-answer", [Fault(EventFault.EARLY, times=2)], [], State.DELIVERED, 1, ["sent"]),
    Row(
        "event-before-the-answer-that-is-lost",
        [Fault(EventFault.EARLY, times=2), after(SendFault.RESET)],
        [],
        State.DELIVERED,
        1,
        ["unknown"],
    ),
    Row(
        "late-events-of-an-answer-that-is-lost",
        [Fault(EventFault.LATE, times=2, seconds=0.2), after(SendFault.RESET)],
        [],
        State.DELIVERED,
        1,
        ["unknown"],
        ledger=("accepted", "unknown"),
    ),
]

A_COPY_TOO_MANY = [  # SES took it, and neither answer nor event ever said so: the ledger has the decision
    Row(
        "code-reset-after",
        [after(SendFault.RESET), LOST],
        [URGENT_WAIT],
        State.DELIVERED,
        2,
        ["unknown", "sent"],
        CODE,
        RESENT,
    ),
    Row("500-after", [after(SendFault.ERROR_500), LOST], [31.0], State.DELIVERED, 2, ["try_later", "sent"]),
    Row("503-after", [after(SendFault.ERROR_503), LOST], [31.0], State.DELIVERED, 2, ["try_later", "sent"]),
]

NO_COPY_TOO_MANY = [  # the same, where a copy would be worse than a question
    Row("receipt-reset-after", [after(SendFault.RESET), LOST], [WAIT], copies=1, outcomes=["unknown"], **HELD),
    Row(
        "digest-reset-after",
        [after(SendFault.RESET), LOST],
        [WAIT],
        State.DROPPED,
        1,
        ["unknown"],
        DIGEST,
        ("accepted", "unknown", "dropped"),
        "unknown_outcome",
    ),
]

EVENTS_GO_WRONG = [
    Row("doubled", [Fault(EventFault.DOUBLED, times=2)], [], State.DELIVERED, 1, ["sent"]),
    Row("reordered", [Fault(EventFault.REORDERED)], [], State.DELIVERED, 1, ["sent"]),
    Row("late", [Fault(EventFault.LATE, times=2, seconds=0.2)], [], State.DELIVERED, 1, ["sent"]),
    Row("lost", [LOST], [], State.SENT, 1, ["sent"]),
]


@in_one_franked
@pytest.mark.parametrize(
    "row", [*NOTHING_WAS_TAKEN, *IT_WAS_TAKEN, *A_COPY_TOO_MANY, *NO_COPY_TOO_MANY, *EVENTS_GO_WRONG], ids=str
)
async def test_a_mail_meets_a_fault(shared: Product, row: Row) -> None:
    for fault in row.faults:
        shared.simulator.plan(fault)
    story = await the_end_of(shared, row)
    assert shared.simulator.office.faults.planned() == []
    assert (story.state, story.reason) == (row.state, row.reason)
    assert shared.copies().get(story.id, 0) == row.copies
    assert [attempt.outcome for attempt in story.attempts] == list(row.outcomes)
    decided = tuple(entry.what for entry in story.ledger if entry.by != "event")
    assert set(row.ledger) <= set(decided) <= {*row.ledger, "unknown"}
    if row.copies > 1:  # each copy has its attempt, and what let it go stands beside the first
        assert len(story.attempts) == row.copies
        assert "resend" in decided or story.attempts[0].detail.startswith("server_error")


async def the_end_of(product: Product, row: Row) -> Story:
    """Waits move the clock, once the attempt before them has ended."""
    sent = await product.send(f"{row}@example.net", row.stream)
    for number, seconds in enumerate(row.waits, 1):
        await attempted(product, sent["id"], number)
        await later(product, seconds)
    await attempted(product, sent["id"], len(row.outcomes))
    await product.until(sent["id"], row.state)
    await product.simulator.quiet()
    return await product.story(sent["id"])


async def attempted(product: Product, message_id: str, number: int) -> Story:
    """Once the record has the outcome of this attempt."""
    async with asyncio.timeout(5):
        while True:
            story = await product.story(message_id)
            if len(story.attempts) >= number and story.attempts[number - 1].outcome:
                return story
            await asyncio.sleep(0.01)


async def later(product: Product, seconds: float) -> None:
    product.clock.move(seconds=seconds)
    await sweep(product.franked.world)
    product.franked.world.bell.ring()


# --- what a row can't say


@in_one_franked
async def test_three_server_errors_end_in_the_box_of_the_dead(shared: Product) -> None:  # E5
    await shared.until((await shared.send("healthy@example.net"))["id"])
    shared.simulator.plan(before(SendFault.ERROR_503, TRIES))
    row = Row("dead", [], [31.0, 145.0], State.DEAD, 0, ["try_later"] * TRIES)
    story = await the_end_of(shared, row)
    assert (story.reason, shared.copies().get(story.id)) == (Delay.SERVER.value, None)


@in_one_franked
async def test_doubled_and_reordered_events_count_once(shared: Product) -> None:
    counters = shared.franked.world.store.counters
    old = await counters()
    shared.simulator.plan(Fault(EventFault.DOUBLED, times=2))
    shared.simulator.plan(Fault(EventFault.REORDERED))
    sent = [await shared.send(f"counted{number}@example.net") for number in range(2)]
    for one in sent:
        story = await shared.until(one["id"], State.DELIVERED)
    await shared.simulator.quiet()
    for one in sent:
        story = await shared.story(one["id"])
        assert sorted(event.kind.value for event in story.events) == ["delivery", "send"]
    new = await counters()
    assert {what: new["receipt", what] - old.get(("receipt", what), 0) for what in ("sent", "delivered")} == {
        "sent": 2,
        "delivered": 2,
    }


@in_one_franked
async def test_one_answer_in_ten_is_an_error_and_each_mail_arrives_once(shared: Product) -> None:
    """Events come doubled, late, early and in any order as well."""
    for seed, answer in enumerate((SendFault.ERROR_503, SendFault.RATE, SendFault.SKEWED)):
        shared.simulator.plan(Fault(answer, times=1000, chance=0.04, seed=seed))
    for seed, event in enumerate((EventFault.DOUBLED, EventFault.LATE, EventFault.EARLY)):
        shared.simulator.plan(Fault(event, times=1000, seconds=0.05, chance=0.2, seed=seed))
    sent = await asyncio.gather(*(shared.send(f"crowd{number}@example.net") for number in range(80)))
    ids = [one["id"] for one in sent]
    async with asyncio.timeout(10):
        while any(story.state is not State.DELIVERED for story in await find(shared, ids)):
            if all(attempt.outcome for story in await find(shared, ids) for attempt in story.attempts):
                await later(shared, 15)
            await asyncio.sleep(0.05)
    shared.simulator.clear_faults()
    assert {message: shared.copies()[message] for message in ids} == dict.fromkeys(ids, 1)
    outcomes = {attempt.outcome for story in await find(shared, ids) for attempt in story.attempts}
    assert {"try_later", "sent"} <= outcomes, "no fault hit"


async def find(product: Product, ids: Sequence[str]) -> list[Story]:
    return [story for story in await product.franked.world.store.find(ids) if story]


@in_one_franked
async def test_a_forged_event_changes_nothing(shared: Product) -> None:
    shared.simulator.plan(Fault(EventFault.FORGED, times=2))
    sent = await shared.send("forged@example.net")
    await shared.until(sent["id"], State.DELIVERED)
    story = await shared.story(sent["id"])
    assert {event.kind.value for event in story.events} == {"send", "delivery"}
    assert await shared.franked.world.store.suppressed(["forged@example.net"]) == [None]


@pytest.mark.settings(('region = "eu-central-1"', 'region = "eu-central-1"\ncall_deadline = "1s"'))
async def test_a_call_that_takes_too_long_is_unknown_until_an_event_or_the_stream_says_more(product: Product) -> None:
    """Not taken, taken, and taken only when nobody listened any more."""
    faults = (before(SendFault.HANG), after(SendFault.HANG), Fault(SendFault.SLOW, seconds=1.3))
    ids = []
    for number, fault in enumerate(faults):
        product.simulator.plan(fault)
        ids.append((await product.send(f"slow{number}@example.net", CODE))["id"])
        while product.simulator.office.faults.planned():
            await asyncio.sleep(0.01)
    for message in ids[1:]:
        await attempted(product, message, 1)
        story = await product.until(message, State.DELIVERED)
        assert ([attempt.outcome for attempt in story.attempts], product.copies()[message]) == (["unknown"], 1)
    assert (await attempted(product, ids[0], 1)).state is State.UNKNOWN
    await later(product, URGENT_WAIT)
    story = await product.until(ids[0], State.DELIVERED)
    assert ([attempt.outcome for attempt in story.attempts], product.copies()[ids[0]]) == (["unknown", "sent"], 1)
    assert "resend" in {entry.what for entry in story.ledger}
