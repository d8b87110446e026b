"""One product on its stage: its Franked, its simulated account and Region, its pages, in a folder of its own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import aiohttp

from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.day import Day
from franked.doors.cli.demo.products import Product
from franked.doors.cli.start import Unusable
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving, url_of
from franked.enquiry import Enquiry
from franked.rules.canary import CANARY, sentence
from franked.rules.message import State
from franked.settings import Settings, read
from franked.wiring import Ses, Simulator

SANDBOX = 1.0, 200.0
PAGE = 1000
CANARY_WITHIN = 60.0  # seconds: in the sandbox one mail goes a second
_UNDER_WAY = (State.QUEUED, State.SENDING, State.UNKNOWN)  # what is sent has its events on their way

Say = Callable[[str, str], None]  # which product, what it does


@dataclass(frozen=True, slots=True)
class Stage:
    product: Product
    franked: Running
    simulator: Simulator
    database: Path  # the product's own
    day: Day

    def handed_over(self) -> list[str]:
        """The ids of all messages that Franked gave the product, from the product's own record."""
        with closing(sqlite3.connect(self.database)) as db:
            return [row[0] for row in db.execute("SELECT message FROM mails ORDER BY message")]

    async def recorded(self) -> list[str]:
        """The ids of all messages that the record knows, but for Franked's own test of its ears."""
        ids: list[str] = []
        below: str | None = ""
        while below is not None:
            page = await self.franked.world.store.enquire(Enquiry(below=below, most=PAGE))
            ids += [item.id for item in page.items if item.stream != CANARY]
            below = page.next
        return ids

    async def hears(self) -> None:
        """Until a bounce and a complaint have come back: before, first mails would wait. Raises Unusable."""
        store, now = self.franked.world.store, self.franked.world.now
        self.day.say("its canary flies")
        try:
            async with asyncio.timeout(CANARY_WITHIN):
                while not (await store.canary()).is_proven(now()):  # noqa: ASYNC110 (no single event: events, steps)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            why = sentence(await store.canary(), now())
            raise Unusable(f"{self.product.name}: the canary did not come back. {why}") from None

    async def under_way(self) -> Sequence[int]:
        """How much mail is under way, by state, and how much is not written yet or not told."""
        store = self.franked.world.store
        waiting = await store.count_waiting()
        writing = len(await store.newsletters_under_way())
        return [*(waiting.get(state, 0) for state in _UNDER_WAY), writing, self.simulator.office.topic.outstanding]


@asynccontextmanager
async def staged(
    product: Product, folder: Path, seed: int, agenda: Agenda, *, full: bool, say: Say
) -> AsyncIterator[Stage]:
    clock, home = agenda.clock, folder / product.name
    home.mkdir()
    async with AsyncExitStack() as stack:
        log = stack.enter_context((home / "franked.log").open("w"))
        bound = stack.enter_context(closing(listening("127.0.0.1", 0)))
        site = url_of(bound)
        settings = _settings(product, home, site)
        franked = await stack.enter_async_context(running(settings, Ses.SIMULATED, clock, log_to=log))
        simulator = franked.wired.simulator
        assert simulator is not None
        keys = {"administrator": franked.control_key}  # for what only the staff does
        for name, streams in product.keys.items():
            keys[name], record = make_key(name, streams or frozenset(settings.streams), frozenset(), clock())
            await franked.world.store.add_keys([record])
        database = home / "product.db"
        app = product.create_app(franked.url, keys, database, clock, site)
        await stack.enter_async_context(serving(app, bound, ["127.0.0.1"]))
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        day = Day(
            name=product.name,
            url=site,
            franked=franked.url,
            http=http,
            random=Random(f"{seed} {product.name}"),  # noqa: S311 (chance that can be repeated, no secret)
            now=clock,
            full=full,
            agenda=agenda,
            simulator=simulator,
            look_again=franked.refresh,
            say=lambda what: say(product.name, what),
        )
        stage = Stage(product, franked, simulator, database, day)
        agenda.under_way.append(stage.under_way)
        agenda.bells.append(franked.world.bell.ring)
        yield stage


def _settings(product: Product, home: Path, site: str) -> Settings:
    """The product's own, in a place of its own, on free ports. Links that lead to the product lead to where it is."""
    settings = read(product.folder / "franked.toml", {})
    rate, quota = product.limits or SANDBOX
    streams = {
        name: replace(one, codes=replace(one.codes, leads_to=_moved(one.codes.leads_to, site))) if one.codes else one
        for name, one in settings.streams.items()
    }
    return replace(
        settings,
        streams=streams,
        store=replace(settings.store, directory=home / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=product.limits is not None, rate=rate, quota=quota),
    )


def _moved(url: str | None, site: str) -> str | None:
    return None if url is None else site + "/" + url.split("/", 3)[3]
