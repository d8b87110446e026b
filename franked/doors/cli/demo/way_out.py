"""The way out of the sandbox, played: for each product up to its letter, for one of them until AWS has granted it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from franked.access.request import NotAsked, Standing, ask, stand, watch
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.preparing import REVIEWER, WRITER, hear, prepare
from franked.doors.cli.demo.products import Product
from franked.doors.cli.start import Unusable
from franked.doors.running import Running, running
from franked.formats.request import case_reply, markdown
from franked.ports import World
from franked.rules.approval import Approval
from franked.rules.letter import Letter
from franked.rules.request import LOCKED_FOR, Line, What
from franked.settings import Settings, read
from franked.wiring import Ses, Simulator, Site, Zones, name_server, sees_dns, site

LETTERS = Path("demo/letters")
SANDBOX = 10.0, 200.0  # a faster sandbox than AWS's: one mail a second would only make people wait
GRANTED = 14.0, 50_000.0
REASON = "We could not determine how recipients opt out. Please explain."

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product in the sandbox, with nothing done yet; its records and its website are of this machine."""

    franked: Running
    settings: Settings
    zones: Zones
    website: Site

    @property
    def world(self) -> World:
        return self.franked.world

    @property
    def simulator(self) -> Simulator:
        assert self.franked.wired.simulator is not None
        return self.franked.wired.simulator


@asynccontextmanager
async def candidate(folder: Path, home: Path, clock: MovableClock) -> AsyncIterator[Candidate]:
    """`folder`: the product's. `home`: a folder for its record, which is there."""
    zones, said = Zones(), read(folder / "franked.toml", {})
    host = urlsplit(said.sender.website).hostname or ""
    async with name_server(zones) as names, site(home, host) as website:
        checks = replace(said.checks, resolvers=(names.address,), website_at=website.at, website_ca=website.ca)
        settings = replace(_settings(said, home), checks=checks)
        with (home / "franked.log").open("w") as log:
            async with running(settings, Ses.SIMULATED, clock, log, resolver=sees_dns(checks.resolvers)) as franked:
                yield Candidate(franked, settings, zones, website)


def _settings(settings: Settings, home: Path) -> Settings:
    rate, quota = SANDBOX
    return replace(
        settings,
        store=replace(settings.store, directory=home / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=False, rate=rate, quota=quota),
        templates=replace(settings.templates, approval=Approval.REQUIRED),
    )


async def write_letters(products: Sequence[Product], home: Path, to: Path) -> dict[str, Letter]:
    """Each is written to `to/<product>.md`, marked as a rehearsal. Raises Unusable where one is not complete."""
    letters = await asyncio.gather(*(_letter(one, _folder(home / "letters" / one.name)) for one in products))
    written = {product.name: letter for product, letter in zip(products, letters, strict=True)}
    for name, letter in written.items():
        (_folder(to) / f"{name}.md").write_text(markdown(letter), "utf-8")
    return written


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


async def _letter(product: Product, home: Path) -> Letter:
    clock = MovableClock()
    async with candidate(product.folder, home, clock) as it:
        await prepare(it.franked, it.settings, it.zones, clock, lambda _: None)
        letter = (await stand(it.world)).letter
    if letter.objections:
        raise Unusable(f"{product.name}: the letter is not complete: {letter.objections[0]}")
    return letter


async def play_access(product: Product, home: Path, say: Say) -> Standing:
    """Sandbox, checks, setup, DNS, canary, letter, request; PENDING, DENIED, mended, two weeks, GRANTED. Raises
    Unusable where a step does not lead to the next."""
    clock = MovableClock()
    async with candidate(product.folder, home, clock) as it:
        first = await stand(it.world)
        say(f"franked check: {len(first.objections)} things are missing before AWS can be asked")
        await prepare(it.franked, it.settings, it.zones, clock, say)
        await _ask(it, say)
        await _refused(it, say)
        await _locked(it, clock, say)
        return await _granted(it, say)


async def _ask(it: Candidate, say: Say) -> None:
    ready = await stand(it.world)
    say(f"franked letter: {len(ready.letter.sentences)} sentences, each proven; {len(ready.objections)} things to do")
    asked = await ask(WRITER, ready.digest, it.world)
    if isinstance(asked, NotAsked):
        raise Unusable(f"the request did not go: {asked.why[0]}")
    say(f"franked request send: {state_of(asked)}, case {_case(asked)}")
    again = await ask(WRITER, asked.digest, it.world)
    if not isinstance(again, NotAsked):
        raise Unusable("a request went out while one was under review")
    say(f"a second one is refused: {again.why[0]}")


async def _refused(it: Candidate, say: Say) -> None:
    it.simulator.review("DENIED", REASON)
    await watch(it.world)
    refused = await stand(it.world)
    say(f"AWS says no: {state_of(refused)}; {refused.objections[0]}")
    if not refused.objections:
        raise Unusable("a refusal locked nothing")


async def _locked(it: Candidate, clock: MovableClock, say: Say) -> None:
    """What AWS said and what was done are written down; two weeks pass; the canary, which is daily, flies again."""
    now = it.world.now()
    await it.world.store.note_access(
        [
            Line(now, What.REASON, WRITER, REASON),
            Line(now, What.MENDED, REVIEWER, "The page on leaving our mail names each kind of mail now."),
        ]
    )
    clock.move(LOCKED_FOR)
    await it.franked.refresh()
    say("two weeks pass; the canary flies again")
    await hear(it.world, say)


async def _granted(it: Candidate, say: Say) -> Standing:
    """After a refusal AWS takes an answer in the case, and no second request through its API."""
    before = await stand(it.world)
    if before.objections:
        raise Unusable(f"still locked after two weeks: {before.objections[0]}")
    again = await ask(WRITER, before.digest, it.world)
    if isinstance(again, NotAsked):
        say(again.why[0])
        reply = case_reply(before.letter, _case(before))
        await it.world.store.note_access([Line(it.world.now(), What.ANSWERED, WRITER, f"{len(reply)} characters")])
        say(f"franked letter --as case_reply: {len(reply):,} characters into case {_case(before)}")
    rate, quota = GRANTED
    it.simulator.review("GRANTED", "", rate, quota)
    await it.franked.refresh()
    await watch(it.world)
    standing = await it.world.store.standing(it.world.now())
    if standing.access is None or standing.access.rate != rate:
        raise Unusable("the pace was not raised")
    granted = await stand(it.world)
    limits = f"{standing.access.rate:g} a second, {standing.access.quota:,.0f} a day"
    say(f"{state_of(granted)}: {limits}, without a restart")
    return granted


def state_of(one: Standing) -> str:
    if one.account.production:
        return "GRANTED"
    return str(one.account.details.review) if one.account.details else "never asked"


def _case(one: Standing) -> str:
    return one.account.details.case if one.account.details else ""
