"""The consulting portal, whose governor stops all mail at AWS's limit: its admins, who read German, hear of it."""

import asyncio
from dataclasses import replace
from io import StringIO
from pathlib import Path

from franked.doors.running import running
from franked.ports import World
from franked.record import Added
from franked.reputation.alarms import tell
from franked.reputation.daily import Reporter
from franked.reputation.gauging import Publisher
from franked.reputation.watching import Watch
from franked.rules.draft import Draft
from franked.rules.governor import BrakeRelease, Step
from franked.rules.message import State
from franked.rules.rates import AwsRates
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.settings import read
from franked.wiring import Ses, Simulator
from tests.product import MovableClock

CONSULTING = Path(__file__).parents[2] / "examples" / "consulting" / "franked.toml"
APPLICATION = Caller("portal", "portal")


async def test_a15_c7_d7_the_portals_admins_hear_that_all_mail_is_stopped(tmp_path: Path) -> None:
    settings, clock = read(CONSULTING, {}), MovableClock()
    settings = replace(
        settings,
        store=replace(settings.store, directory=tmp_path),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=-1.0),
        report=replace(settings.report, hour=0),
    )
    async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked:
        world, played = franked.world, franked.wired.simulator
        assert played is not None
        [admin, *_] = [one.spelled for one in world.declared.admins]
        assert (await world.store.learn_aws_rates(AwsRates(0.06, 0.0, clock()))).step is Step.STOP_ALL
        stream = next(one for one in settings.streams.values() if one.content.value == "inline" or one.secret)
        template = world.templates.current(stream.template)
        given = template.sample("en") if template else {}
        draft = Draft(stream.name, "ana@example.net", Trigger("sign-in", "account-1", clock()), variables=given)
        [waiting] = await accept([draft], APPLICATION, world)
        assert isinstance(waiting, Added), waiting
        watch = Watch(world)
        await watch.look()
        await tell(world)
        await Publisher(world, watch).publish()
        [subject] = await mails_to(admin, 1, played)
        assert subject.startswith("Alarm: Rückläufer oder Beschwerden haben die Grenze von AWS erreicht: nichts")
        assert played.ids_to("ana@example.net") == []
        assert played.metric("DeadLetters") == 0.0
        assert "franked-ses-complaint-rate-limit" in played.alarms()
        released = BrakeRelease("Ana", "made-up addresses", "the form asks who one is", clock())
        await world.store.release_brake([released])
        await delivered(waiting.id, world)
        assert len(played.ids_to("ana@example.net")) == 1
        clock.move(days=1)
        await Reporter(world).report()
        subjects = await mails_to(admin, 2, played)
        assert subjects[-1].startswith("Postbericht vom ")
        text = played.text_of(played.ids_to(admin)[-1])
        assert "released, von Ana: made-up addresses (the form asks who one is)" in text
        assert f"{stream.name}: 1 gesendet" in text


async def delivered(message_id: str, world: World) -> None:
    async with asyncio.timeout(5):
        while True:
            [story] = await world.store.find([message_id])
            if story and story.state is State.DELIVERED:
                return
            await asyncio.sleep(0.01)


async def mails_to(admin: str, number: int, played: Simulator) -> list[str]:
    async with asyncio.timeout(5):
        while len(played.ids_to(admin)) < number:
            await asyncio.sleep(0.01)
    readings = [played.read(id_) for id_ in played.ids_to(admin)]
    return [dict(one.headers)["Subject"] for one in readings if one]
