"""`python -m tests.faults.pace --messages 500`: a 14/s account that throttles and fails, in real time."""

import asyncio
import json
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from franked.backends.local import Fault, SendFault
from franked.doors.running import Running, running
from franked.enquiry import PutBack, Stop
from franked.formats.mail import MESSAGE_TAG
from franked.record import Added, Story
from franked.rules.draft import Draft
from franked.rules.message import State
from franked.rules.outcome import Delay
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.sending.replay import put_back
from franked.settings import Settings
from franked.wiring import Ses, system_clock
from tests.faults.windows import Window, worst
from tests.product import settings_in
from tests.states import states_in

RATE = 14.0
ALWAYS = 1_000_000  # sends
WEATHER = (
    Fault(SendFault.ERROR_503, times=ALWAYS, chance=0.05, seed=503),
    Fault(SendFault.RATE, times=ALWAYS, chance=0.01, seed=429),
)
CALLER = Caller("pace", "pace")
WITHIN = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Report:
    messages: int
    arrived_once: int
    unavailable: int  # answers 503
    throttled: int
    replayed: int  # three 503 met the same message, and a person put it back
    seconds: float
    worst: Window


async def run(messages: int, folder: Path) -> Report:
    started = time.monotonic()
    with (folder / "franked.log").open("w") as log:
        async with running(_settings(folder), Ses.SIMULATED, log_to=log) as franked:
            simulator = franked.wired.simulator
            assert simulator is not None
            for fault in WEATHER:
                simulator.plan(fault)
            stories, replayed = await _arrived(await _accepted(messages, franked), franked)
            seconds = round(time.monotonic() - started, 1)
            taken = simulator.taken()
    copies = Counter(mail.tags[MESSAGE_TAG] for mail in taken)
    answers = _answers(stories)
    return Report(
        messages=messages,
        arrived_once=sum(copies[story.id] == 1 for story in stories),
        unavailable=answers[Delay.SERVER],
        throttled=answers[Delay.RATE],
        replayed=replayed,
        seconds=seconds,
        worst=worst([mail.at for mail in taken], RATE),
    )


def _settings(folder: Path) -> Settings:
    return settings_in(folder, ("rate = 500", f"rate = {RATE}"), ('level = "debug"', 'level = "warning"'))


async def _accepted(messages: int, franked: Running) -> list[str]:
    """Codes: what met a 503 is tried again soon."""
    trigger = Trigger("sign-in", "account-1", system_clock())
    variables = {"code": "424242"}
    drafts = [Draft("sign-in-code", f"reader{n}@example.net", trigger, variables) for n in range(messages)]
    return [answer.id for answer in await accept(drafts, CALLER, franked.world) if isinstance(answer, Added)]


async def _arrived(ids: Sequence[str], franked: Running) -> tuple[list[Story], int]:
    """The stories once all are delivered, and how many of them a person had to put back."""
    replayed = 0
    async with asyncio.timeout(WITHIN):
        while not _is_over(states := await states_in(franked.world.store), len(ids)):
            print(f"{states.get(State.DELIVERED, 0)} of {len(ids)} delivered", file=sys.stderr, flush=True)
            await asyncio.sleep(2)
            replayed += await _replay(ids, franked) if states.get(State.DEAD) else 0
    return [story for story in await franked.world.store.find(ids) if story], replayed


def _is_over(states: Mapping[State, int], messages: int) -> bool:
    return states.get(State.DELIVERED, 0) == messages


async def _replay(ids: Sequence[str], franked: Running) -> int:
    stories = await franked.world.store.find(ids)
    dead = [story.id for story in stories if story and story.state is State.DEAD]
    await put_back([PutBack(id_, Stop.DEAD, CALLER.name) for id_ in dead], franked.world)
    return len(dead)


def _answers(stories: Sequence[Story]) -> Counter[Delay]:
    told = [attempt.detail for story in stories for attempt in story.attempts if attempt.outcome == "try_later"]
    return Counter(why for detail in told for why in Delay if detail.startswith(why.value))


def main() -> int:
    parser = ArgumentParser("python -m tests.faults.pace", description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    messages = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="franked-pace-") as folder:
        report = asyncio.run(run(messages, Path(folder)))
    print(json.dumps(asdict(report)))
    return 0 if report.arrived_once == messages and report.worst.excess <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
