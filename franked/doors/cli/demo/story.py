"""What happens in the demo, in order: the sandbox, AWS's yes a day later, then ordinary days."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.portal import Portal
from franked.doors.running import Running
from franked.record import Story
from franked.rules.message import State
from franked.wiring import Simulator

AWS_THINKS = timedelta(hours=20)
MEMBERS = 84  # people who sign up and confirm
FORGETFUL = 12  # of them ask for a new password
AT_ONCE = 12  # people at the portal at the same time
WITHIN = 50.0  # seconds for all of it
_UNDER_WAY = {State.QUEUED, State.SENDING, State.UNKNOWN, State.SENT, State.DELAYED}

Visit = Callable[[], Awaitable[object]]
Say = Callable[[str, int, int], None]  # what is going on, how much of it is done, of how much


@dataclass(frozen=True, slots=True)
class Scene:
    franked: Running
    simulator: Simulator
    portal: Portal
    clock: MovableClock
    say: Say


async def play(scene: Scene, within: float) -> list[Story | None]:
    """The stories of all messages, once each has an outcome; as they stand when the time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await _in_the_sandbox(scene)
            await _aws_says_yes(scene)
            await _ordinary_days(scene)
            await settled(scene, waiting_for_holds=True)
            await scene.simulator.quiet()
    return await scene.franked.world.store.find(scene.portal.handed_over())


async def _in_the_sandbox(scene: Scene) -> None:
    """One a second, verified recipients and the mailbox simulator only: the rest is held, not lost."""
    people = ["early@example.net", *_simulated("success+1", "bounce+1", "complaint+1")]
    for done, email in enumerate(people):
        scene.say("in the sandbox: one a second, and a stranger's mail is held", done, len(people))
        await scene.portal.sign_up("Early Bird", email)
    await settled(scene, waiting_for_holds=False)


async def _aws_says_yes(scene: Scene) -> None:
    scene.say("twenty hours later AWS lets the account out; what was held goes", 0, 1)
    scene.clock.move(AWS_THINKS)
    scene.simulator.grant_production(rate=14, quota=50_000)
    await scene.franked.refresh()
    await settled(scene, waiting_for_holds=True)


async def _ordinary_days(scene: Scene) -> None:
    members = [f"member{number}@example.org" for number in range(1, MEMBERS + 1)]
    odd = _simulated(*(f"bounce+{n}" for n in range(2, 7)), "complaint+2", "complaint+3", "ooto+1", "suppressionlist+1")
    again = _simulated("bounce+1", "complaint+1")  # they bounced, or complained, before
    visits = [partial(_join, email, scene) for email in members]
    visits += [partial(_strangers, email, scene) for email in [*odd, *again]]
    await _all(visits, "at 14 a second: people sign up and read their codes in the mail", scene)
    resets = [partial(scene.portal.forgot, email) for email in members[:FORGETFUL]]
    await _all(resets, "some forget their password", scene)


async def _join(email: str, scene: Scene) -> None:
    lang = "de" if len(email) % 2 else "en"
    code_id = await scene.portal.sign_up("Member", email, lang)
    await scene.portal.confirm(code_id, email)


async def _strangers(email: str, scene: Scene) -> None:
    await scene.portal.sign_up("Nobody", email)


async def _all(visits: Sequence[Visit], what: str, scene: Scene) -> None:
    door, done = asyncio.Semaphore(AT_ONCE), 0

    async def visit(one: Visit) -> None:
        nonlocal done
        async with door:
            await one()
        done += 1
        scene.say(what, done, len(visits))

    await asyncio.gather(*(visit(one) for one in visits))


async def settled(scene: Scene, *, waiting_for_holds: bool) -> None:
    """Until nothing is under way any more. What the record does not know is lost: nobody waits for it."""
    under_way = _UNDER_WAY | ({State.HELD} if waiting_for_holds else set())
    while True:
        ids = scene.portal.handed_over()
        stories = await scene.franked.world.store.find(ids)
        waiting = sum(story is not None and story.state in under_way for story in stories)
        if not waiting and len(ids) == scene.portal.asked:
            return
        scene.say("waiting for SES's events", len(ids) - waiting, scene.portal.asked)
        await asyncio.sleep(0.1)


def _simulated(*names: str) -> list[str]:
    return [f"{name}@simulator.amazonses.com" for name in names]
