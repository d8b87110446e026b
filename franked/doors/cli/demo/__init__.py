"""`franked demo`: a day of five products, and the count that nothing was lost."""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.day import DayFault
from franked.doors.cli.demo.outage import trouble
from franked.doors.cli.demo.products import NAMES, Product, products
from franked.doors.cli.demo.report import Report, Showing, most_telling, report
from franked.doors.cli.demo.stage import Stage, staged
from franked.doors.cli.demo.tally import Tally, tally
from franked.doors.cli.demo.way_out import LETTERS, play_access, state_of, write_letters
from franked.doors.cli.hosting import run, until_stopped
from franked.doors.cli.start import Unusable, said
from franked.wiring import Simulator

WITHIN = 170.0  # seconds for all of it
WITHIN_FULL = 1800.0
ACCESS, FIRST_OUT = "access", "marketplace"  # which has all kinds of mail
MORNING = 6  # the hour, UTC, at which the day begins

Trouble = Callable[[Simulator], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the demo. `names`: the products; none: all. `within`: seconds for all of it. `spoil`: what each
    account is to do wrong besides, for whoever tests the demo."""

    names: tuple[str, ...] = ()
    as_json: bool = False
    seed: int = 1
    full: bool = False
    stay: bool = False
    within: float | None = None
    spoil: Trouble = lambda simulator: None


def demo(wish: Wish) -> int:
    """The exit status."""
    return said(lambda: _demo(wish))


def _demo(wish: Wish) -> int:
    console = Console(stderr=wish.as_json, emoji=False, highlight=False)
    if wish.names == (ACCESS,):
        return _access(wish, console)
    chosen = products(wish.names or NAMES)
    folder = Path(tempfile.mkdtemp(prefix="franked-demo-"))
    found = run(lambda: _played(chosen, wish, folder, console))
    sums = found.sums
    if wish.as_json:
        sys.stdout.write(msgspec.json.encode(sums.as_dict(found.seconds)).decode() + "\n")
    elif not wish.stay:
        report(found, folder, console)
        console.print(f"Their letters to AWS, as rehearsals: {LETTERS}/", markup=False)
    if not sums.closed:
        sys.stderr.write(f"the loop did not close; the logs are in {folder}\n")
    elif wish.as_json or wish.stay:
        shutil.rmtree(folder)  # it holds mails and codes, and nobody looks at them
    return 0 if sums.closed else 1


def _access(wish: Wish, console: Console) -> int:
    """One product, from the sandbox until AWS has granted it."""
    [product] = products((FIRST_OUT,))
    folder, steps = Path(tempfile.mkdtemp(prefix="franked-demo-")), list[str]()

    def say(what: str) -> None:
        steps.append(what)
        console.print(what, markup=False, soft_wrap=True)

    granted = run(lambda: play_access(product, folder, say))
    if wish.as_json:
        told = {"product": product.name, "steps": steps, "state": state_of(granted)}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    shutil.rmtree(folder)
    return 0 if state_of(granted) == "GRANTED" else 1


async def _played(chosen: Sequence[Product], wish: Wish, folder: Path, console: Console) -> Report:
    started, clock = time.monotonic(), MovableClock()
    now = clock()
    clock.move((now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0) - now)
    agenda = Agenda(clock, clock(), len(chosen) + 1)
    async with AsyncExitStack() as stack:
        stack.enter_context(_heard(folder / "products.log"))
        with Showing(console) as showing:
            stages = [
                await stack.enter_async_context(staged(one, folder, wish.seed, agenda, full=wish.full, say=showing.say))
                for one in chosen
            ]
            await asyncio.gather(*(stage.hears() for stage in stages))
            for stage in stages:
                wish.spoil(stage.simulator)
            await _day(stages, agenda, wish.within or (WITHIN_FULL if wish.full else WITHIN))
        counted = {stage.product.name: await _counted(stage) for stage in stages}
        if not wish.as_json and not wish.stay:
            await write_letters(chosen, folder, LETTERS)
        found = Report(counted, time.monotonic() - started, await _story(stages[0]))
        if wish.stay:
            report(found, folder, console)
            await _stay(stages, console)
        return found


@contextmanager
def _heard(file: Path) -> Iterator[None]:
    """What the products log goes into a file of its own."""
    log, handler = logging.getLogger("product"), logging.FileHandler(file)
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = True
        handler.close()


async def _day(stages: Sequence[Stage], agenda: Agenda, within: float) -> None:
    """What is not done when the time is over is counted as it stands. Raises Unusable where a product did not do what
    its people expect."""
    try:
        async with asyncio.timeout(within), asyncio.TaskGroup() as group:
            group.create_task(agenda.conduct())
            group.create_task(_until_over(trouble(stages, agenda), agenda))
            for stage in stages:
                group.create_task(_until_over(stage.product.play(stage.day), agenda))
    except TimeoutError:
        return
    except ExceptionGroup as faults:
        said, others = faults.split(DayFault)
        if said is None or others is not None:
            raise
        raise Unusable(str(_first(said))) from None


def _first(faults: BaseExceptionGroup[DayFault]) -> BaseException:
    one: BaseException = faults
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one


async def _until_over(play: Awaitable[None], agenda: Agenda) -> None:
    await play
    agenda.leave()


async def _counted(stage: Stage) -> Tally:
    ids = sorted({*stage.handed_over(), *await stage.recorded()})
    stories = await stage.franked.world.store.find(ids)
    taken = [mail.tags["franked-message"] for mail in stage.simulator.taken() if "franked-message" in mail.tags]
    return tally(ids, stories, taken)


async def _story(stage: Stage) -> dict[str, Any] | None:
    """One message's, as whoever may see all of them is told it."""
    stories = await stage.franked.world.store.find(stage.handed_over())
    example = most_telling([story for story in stories if story is not None])
    if example is None:
        return None
    headers = {"Authorization": f"Bearer {stage.franked.control_key}"}
    async with stage.day.http.get(f"{stage.franked.url}/v1/messages/{example}", headers=headers) as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def _stay(stages: Sequence[Stage], console: Console) -> None:
    stopped = until_stopped()
    for stage in stages:
        console.print(f"\n{stage.product.name}: {stage.day.url}   its mail: {stage.simulator.url}", markup=False)
    console.print("They stay until Ctrl-C; their clock is ahead by a day.")
    await stopped.wait()
