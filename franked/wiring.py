"""Settings in, World out: the only file that names a backend."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from franked.backends.aws.credentials import Chain, CredentialSource, Fixed, endpoint_for
from franked.backends.aws.feed import SqsFeed
from franked.backends.aws.place import SIMULATED, Place
from franked.backends.aws.ses import SesTransport
from franked.backends.bell import AsyncioBell
from franked.backends.dns import Resolvers
from franked.backends.ids import Ids
from franked.backends.local import Fault, SendFault, Share, Simulator, simulator
from franked.backends.local.clicking import Clicking
from franked.backends.local.mailbag import Mailbag
from franked.backends.local.seeing import sees_dns
from franked.backends.local.site import Site, site
from franked.backends.local.zones import NameFault, Zones, name_server
from franked.backends.logs import Log, heard, open_log
from franked.backends.sealing import NoKey, Seal, load_or_create_key
from franked.backends.sql.backup import BackedUp, NotBackedUp, Tell
from franked.backends.sql.backup import back_up as _back_up
from franked.backends.sql.engine import pooled, url_of
from franked.backends.sql.opening import agreed, open_shared_store, open_store
from franked.backends.sql.shared import SharedBell, SharedClock, sharing
from franked.backends.templates import FileTemplates, read_folder
from franked.backends.visiting import visiting
from franked.backends.web import AiohttpWeb
from franked.declaring import declare, keeps_contents, wants
from franked.formats.links import KEY_LENGTH as LINKS_KEY
from franked.formats.links import Links
from franked.formats.template import Template, TemplateFault
from franked.outside import Resolver
from franked.ports import Bell, World
from franked.rules.webhook import wanted_by
from franked.settings import Settings
from franked.settings.reputation import AtLimit
from franked.store import Store

__all__ = [
    "BackedUp",
    "Clock",
    "Fault",
    "Mailbag",
    "NameFault",
    "NotBackedUp",
    "Place",
    "Resolvers",
    "Role",
    "SendFault",
    "Ses",
    "Share",
    "Simulator",
    "Site",
    "Wired",
    "WrongSettings",
    "Zones",
    "back_up",
    "name_server",
    "opened",
    "place_of",
    "sees_dns",
    "simulator",
    "site",
    "system_clock",
    "templates_of",
    "wants",
]

Clock = Callable[[], datetime]
RECORD, KEY = "franked.db", "secret.key"
SIMULATED_TOPIC = "arn:aws:sns:{region}:000000000000:franked-events"


class Ses(StrEnum):
    SIMULATED = "simulated"
    AWS = "aws"


class Role(StrEnum):
    """What a process does. Several workers may share a record on PostgreSQL with whoever has the door."""

    ALL = "all"
    DOOR = "door"
    WORKER = "worker"


class WrongSettings(Exception):
    """Settings that don't go together. `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Wired:
    """The world, and what only the owner of the process touches."""

    world: World
    templates: FileTemplates
    simulator: Simulator | None
    is_shared: bool  # other processes may work at the same record


def system_clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened(
    settings: Settings,
    ses: Ses,
    now: Clock = system_clock,
    log_to: TextIO | None = None,
    role: Role = Role.ALL,
    url: str | None = None,
    resolver: Resolver | None = None,
) -> AsyncIterator[Wired]:
    """The world of one process. Whoever opens it holds the claim on the data directory (SQLite means one process).
    `url`: where its door is, for links, if the settings name no public one.
    `resolver`: the simulated account then begins with nothing, and its SES looks into this DNS.

    Raises WrongSettings, StoreUnavailable; OSError when the simulator's port is taken.
    """
    log = _log(settings, now, log_to)
    async with AsyncExitStack() as stack:
        stack.enter_context(heard("uvicorn.error", log))
        seal = _seal(settings, role)
        kept = await stack.enter_async_context(_kept(settings, seal, now, log, role))
        store, bell, now = kept.store, kept.bell, kept.now
        played = None
        if ses is Ses.SIMULATED:
            played = await stack.enter_async_context(_simulator(settings, now, log, resolver))
        declared = declare(settings, played.topic_arn if played else None)
        templates = FileTemplates(settings.templates.directory, declared.default_locale, store, log)
        await templates.open()
        if role is not Role.WORKER:
            _refuse_broken(templates, settings)
        place = place_of(settings, played.url if played else None)
        transport = SesTransport(*_endpoint(settings, played), now, declared.call_deadline)
        world = World(
            store=store,
            bell=bell,
            transport=await stack.enter_async_context(transport),
            account=Clicking(place.account(now), played) if played else place.account(now),
            templates=templates,
            web=AiohttpWeb(_rewrite(settings, played)),
            declared=declared,
            links=_links(settings, seal, url),
            now=now,
            monotonic=time.monotonic,
            sleep=asyncio.sleep,
            new_id=Ids(now),
            rand=secrets.SystemRandom().random,
            draw=secrets.randbelow,
            log=log,
            feed=_feed(settings, played),
            gauges=place.gauges(declared.sender.address.domain, now),
            suppression_list=place.suppression_list(),
            control=place.control(),
            dns=Resolvers(settings.checks.resolvers),
            visitor=visiting(settings.sender.website, settings.checks.stand_in if played else None),
        )
        yield Wired(world, templates, played, settings.store.url is not None)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the record is kept, the bell that its commits ring, and the clock that its times are by."""

    store: Store
    bell: Bell
    now: Clock


@asynccontextmanager
async def _kept(settings: Settings, seal: Seal, now: Clock, log: Log, role: Role) -> AsyncIterator[_Kept]:
    keeps = keeps_contents(settings)
    has_topic = {stream.name for stream in settings.streams.values() if stream.topic}.__contains__
    wanted = wanted_by(settings.webhooks.values())
    stops_all, asks = settings.governor.at_limit is AtLimit.ALL, settings.canary.enabled
    if settings.store.url is None:
        bell = AsyncioBell()
        file = settings.store.directory / RECORD
        of_it = seal, bell.ring, now, keeps, has_topic, wanted
        async with open_store(file, *of_it, at_limit_all=stops_all, asks_canary=asks) as store:
            yield _Kept(store, bell, now)
        return
    engine, clock, shared = pooled(url_of(settings.store.url)), SharedClock(now), SharedBell()
    try:
        migrates = role is not Role.WORKER
        ways = engine, seal, shared.ring_if_deaf, clock, keeps, has_topic, wanted
        opened = open_shared_store(*ways, at_limit_all=stops_all, asks_canary=asks, migrates=migrates)
        async with opened as store, sharing(engine, clock, shared, log):
            await agreed(engine, seal)
            yield _Kept(store, shared, clock)
    finally:
        await engine.dispose()


def back_up(settings: Settings, target: Path, tell: Tell) -> BackedUp:
    """The record and, where it is in a file, the key, whether or not somebody runs. Raises NotBackedUp."""
    if settings.store.url is not None:
        raise NotBackedUp("the record is on PostgreSQL: back it up there (pg_dump), and keep the key beside it")
    directory = settings.store.directory
    return _back_up(directory / RECORD, None if settings.store.secret else directory / KEY, target, tell)


def templates_of(settings: Settings) -> list[Template | TemplateFault]:
    """As they stand in the folder, whether or not somebody runs."""
    return read_folder(settings.templates.directory, settings.templates.default_locale)


def _refuse_broken(templates: FileTemplates, settings: Settings) -> None:
    """At start a mail that can't be written is told at once; later, a broken version leaves the one before it."""
    folder = settings.templates.directory
    if faults := [*templates.faults(), *templates.missed_by(settings.streams.values())]:
        raise WrongSettings("\n".join(f"{folder}/{fault}" for fault in faults))


def _seal(settings: Settings, role: Role) -> Seal:
    """A record whose key is gone is not given another: what waits in it could never be sent."""
    key, record = settings.store.directory / KEY, settings.store.directory / RECORD
    if role is Role.WORKER and settings.store.secret is None and not key.exists():
        raise WrongSettings(
            f"there is no {key}: bring a copy of the one that `franked up` made, or say the key as FRANKED_STORE_SECRET"
        )
    if settings.store.secret is None and record.exists() and not key.exists():
        raise WrongSettings(
            f"{key} is gone, and mail in {record} is sealed with it: put the file back, or say the key as "
            "FRANKED_STORE_SECRET; without it, move the record away to begin a new one"
        )
    try:
        return Seal(settings.store.secret or load_or_create_key(key))
    except NoKey as error:
        raise WrongSettings(str(error)) from error


def _links(settings: Settings, seal: Seal, url: str | None) -> Links:
    server = settings.server
    base = server.public_url or url or f"http://{server.host}:{server.port}"
    return Links(base.rstrip("/"), seal.key_for("franked links 1", LINKS_KEY))


def _log(settings: Settings, now: Clock, to: TextIO | None) -> Log:
    chosen = settings.log
    as_json, masked = chosen.format.value == "json", chosen.addresses.value == "masked"
    return open_log(now, level=chosen.level.value, as_json=as_json, masked=masked, to=to)


def _simulator(
    settings: Settings, now: Clock, log: Log, resolver: Resolver | None
) -> AbstractAsyncContextManager[Simulator]:
    """An account in which what the settings name exists: its senders are verified, its configuration sets made. With a
    resolver it has nothing: `franked setup` makes it."""
    chosen = settings.simulator
    senders = [settings.sender.from_, *(stream.sender for stream in settings.streams.values())]
    return simulator(
        settings.store.directory / "simulator",
        port=chosen.port,
        now=now,
        region=settings.ses.region,
        production=chosen.production,
        rate=chosen.rate,
        quota=chosen.quota,
        topic_arn=SIMULATED_TOPIC.format(region=settings.ses.region),
        verified=() if resolver else {sender.address.domain for sender in senders},
        configuration_sets=() if resolver else settings.configuration_sets.by_lane.values(),
        resolver=resolver,
        bare=resolver is not None,
        log=log,
    )


def _endpoint(settings: Settings, played: Simulator | None) -> tuple[str, str, CredentialSource]:
    region = settings.ses.region
    if played:
        return played.url, region, Fixed(SIMULATED)
    return settings.ses.endpoint or endpoint_for(region), region, Chain(time.monotonic)


def place_of(settings: Settings, played: str | None) -> Place:
    """`played`: the simulated account's URL. Who needs no record asks from here, whether or not a Franked runs."""
    return Place(settings.ses.region, played, settings.ses.endpoint)


def _rewrite(settings: Settings, played: Simulator | None) -> dict[str, str]:
    """The one place where SNS's real-looking name leads to loopback, and only while SES itself is played there."""
    return {f"https://sns.{settings.ses.region}.amazonaws.com": played.url} if played else {}


def _feed(settings: Settings, played: Simulator | None) -> SqsFeed | None:
    url = settings.feedback.queue_url
    return SqsFeed(url, settings.ses.region, os.environ.get("AWS_ENDPOINT_URL_SQS")) if url and not played else None
