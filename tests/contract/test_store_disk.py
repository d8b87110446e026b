"""A disk that is full, read only or held by another: nothing accepted is lost, whoever asks is told, and it goes on by
itself when it can."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import aiohttp
import pytest
from sqlalchemy import Engine

from franked.backends.local.faults import EventFault, Fault, SendFault
from franked.backends.sql.store import SqlStore
from franked.backends.sql.writer import Writer
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.rules.message import State
from franked.settings import read
from franked.wiring import RECORD, NotBackedUp, Ses, back_up
from tests.commandline import franked
from tests.formats.test_ses_event import bounce, notice
from tests.product import MovableClock, settings_in
from tests.running import Product


async def pragma(product: Product, words: str) -> Any:
    """On the writer's own connection, between two of its transactions."""
    store = product.franked.world.store
    assert isinstance(store, SqlStore)
    assert isinstance(store._writer, Writer)
    return await asyncio.to_thread(_asked, store._writer._engine, words)


def _asked(engine: Engine, words: str) -> Any:
    with closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA {words}")
        return next(iter(cursor.fetchone() or ()), None)


# --- disks ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Disk:
    """What can be done to the place of the record while Franked runs on it."""

    says: str  # what an operator reads
    spoil: Callable[[Product], Awaitable[object]]
    mend: Callable[[Product], Awaitable[object]]


@contextmanager
def limited_pages(folder: Path) -> Iterator[Disk]:
    """Full in SQLite's own words."""

    async def spoil(product: Product) -> None:
        pages = await pragma(product, "page_count")
        await pragma(product, f"max_page_count={pages}")

    yield Disk("the disk is full", spoil, lambda product: pragma(product, "max_page_count=1000000"))


@contextmanager
def small_volume(folder: Path) -> Iterator[Disk]:
    """A real one of 4 MB, with something else on it; where none can be mounted, SQLite's own limit says the same."""
    folder.mkdir(parents=True)
    if not mounted("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)):
        with limited_pages(folder) as disk:
            yield disk
        return
    ballast = folder / "ballast"

    async def spoil(product: Product) -> None:
        await asyncio.to_thread(fill, ballast)

    async def mend(product: Product) -> None:
        ballast.unlink()

    try:
        yield Disk("the disk", spoil, mend)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path) -> None:
    with pytest.raises(OSError, match="No space left"), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 1024)


@contextmanager
def read_only(folder: Path) -> Iterator[Disk]:
    yield Disk(
        "can't be written",
        lambda product: pragma(product, "query_only=ON"),
        lambda product: pragma(product, "query_only=OFF"),
    )


LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(folder: Path) -> Iterator[Disk]:
    """By another process."""
    others: list[subprocess.Popen[str]] = []

    async def spoil(product: Product) -> None:
        await pragma(product, "busy_timeout=100")
        others.append(await asyncio.to_thread(holding, folder / RECORD))

    async def mend(product: Product) -> None:
        end(others.pop())

    try:
        yield Disk("another process keeps the database locked", spoil, mend)
    finally:
        for other in others:
            end(other)


def holding(record: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOCK, str(record)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def end(process: subprocess.Popen[str]) -> None:
    with process:
        process.kill()


def mounted(*arguments: str) -> bool:
    return os.geteuid() == 0 and subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


DISKS = {"pages": limited_pages, "volume": small_volume, "read-only": read_only, "locked": locked}


@asynccontextmanager
async def on(folder: Path, log: TextIO | None = None) -> AsyncIterator[Product]:
    """The simulated account keeps its mail elsewhere: its disk is not ours."""
    place, elsewhere = folder / ".franked", folder / "elsewhere"
    settings = settings_in(folder)
    place.mkdir(exist_ok=True)
    elsewhere.mkdir(exist_ok=True)
    if not (place / "simulator").exists():
        (place / "simulator").symlink_to(elsewhere)
    clock = MovableClock()
    async with running(settings, Ses.SIMULATED, clock, log) as started, aiohttp.ClientSession() as http:
        shown, record = make_key("test", frozenset(), frozenset(), clock())
        await started.world.store.add_keys([record])
        yield Product(started, clock, http, shown, folder)


@dataclass(frozen=True, slots=True)
class Case:
    product: Product
    disk: Disk
    log: Path


@pytest.fixture(params=sorted(DISKS))
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    log = tmp_path / "franked.log"
    with DISKS[request.param](tmp_path / ".franked") as disk, log.open("w") as lines:
        async with on(tmp_path, lines) as product:
            yield Case(product, disk, log)
    assert "Traceback" not in log.read_text()
    assert {json.loads(line)["event"] for line in log.read_text().splitlines()}.isdisjoint({"fault"})


async def refused(product: Product, accepted: list[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and problem of the first post that is not accepted: a full disk may have room for some more."""
    headers = {"Authorization": f"Bearer {product.key}"}
    async with asyncio.timeout(20):
        while True:
            draft = product.draft(f"late{len(accepted)}@example.net", variables={"number": "R" * 20_000})
            async with product.http.post(f"{product.franked.url}/v1/messages", json=draft, headers=headers) as answer:
                said = await answer.json()
                if answer.status == 202:
                    accepted.append(said["id"])
                else:
                    assert answer.status == 503
                    return dict(answer.headers), said


def signed(product: Product, text: str) -> dict[str, str]:
    """As SNS posts it."""
    topic = product.simulator.office.topic
    return topic._seal(topic._fields("Notification", text))


async def told(product: Product, envelope: dict[str, str]) -> tuple[int, str | None]:
    async with product.http.post(f"{product.franked.url}/v1/events/sns", json=envelope) as answer:
        return answer.status, answer.headers.get("Retry-After")


# --- while it runs ----------------------------------------------------------------------------------------------------


async def test_who_posts_is_told_to_come_back_and_what_was_accepted_is_there(case: Case) -> None:
    product = case.product
    accepted = [(await product.send(f"early{n}@example.net"))["id"] for n in range(5)]
    await case.disk.spoil(product)
    headers, problem = await refused(product, accepted)
    assert (problem["code"], headers["Retry-After"]) == ("unavailable", "5")
    assert case.disk.says in problem["detail"]
    assert "sqlite" not in json.dumps(problem).lower()
    assert None not in await product.franked.world.store.find(accepted)
    await case.disk.mend(product)
    async with asyncio.timeout(10):
        while (await product.post(product.draft("again@example.net")))[0] != 202:
            await asyncio.sleep(0.1)
    for message in accepted:
        assert (await product.until(message, within=15)).state is State.DELIVERED
    assert set(product.copies().values()) == {1}


async def test_ready_says_that_no_mail_can_be_accepted_until_it_can(case: Case) -> None:
    product = case.product
    assert (await product.get("/readyz"))[0] == 200
    await case.disk.spoil(product)
    await refused(product, [])
    assert (await product.get("/readyz"))[0] == 503
    assert (await product.get("/livez"))[0] == 200
    await case.disk.mend(product)
    assert (await product.get("/readyz"))[0] == 200


async def test_sns_is_asked_to_send_its_event_again(case: Case) -> None:
    product = case.product
    await case.disk.spoil(product)
    await refused(product, [])
    addresses = [f"{'x' * 60}{n}@example.net" for n in range(30)]
    event = signed(product, notice("Bounce", bounce("Permanent", "General", *addresses), messageId="ses-9"))
    assert await told(product, event) == (503, "5")
    assert await product.franked.world.store.suppressed(addresses[:1]) == [None]
    await case.disk.mend(product)
    assert await told(product, event) == (200, None)
    assert (await product.franked.world.store.suppressed(addresses[:1]))[0] is not None


async def test_worker_sweep_and_account_go_on_by_themselves(case: Case) -> None:
    product = case.product
    await case.disk.spoil(product)
    await refused(product, accepted := list[str]())
    await asyncio.sleep(2.5)  # long enough for the worker and the sweep to fail, more than once where they can
    await case.disk.mend(product)
    message = ""
    async with asyncio.timeout(10):
        while not message:
            status, answer = await product.post(product.draft("ana@example.net"))
            message = answer["id"] if status == 202 else ""
            await asyncio.sleep(0.1)
    assert (await product.until(message, within=15)).state is State.DELIVERED
    product.simulator.plan(Fault(SendFault.RESET))
    unknown = (await product.send("bo@example.net"))["id"]
    await product.until(unknown, State.UNKNOWN)
    product.clock.move(hours=1)
    assert (await product.until(unknown, State.HELD)).reason == "unknown_outcome"
    product.simulator.grant_production(rate=77)
    await product.franked.refresh()
    access = (await product.franked.world.store.standing(product.clock())).access
    assert access is not None and access.rate == 77
    for one in accepted:
        assert (await product.story(one)).state is State.DELIVERED


@pytest.mark.parametrize("case", ["locked", "read-only"], indirect=True)
async def test_an_answer_that_could_not_be_recorded_at_once_is_recorded_when_it_can(case: Case) -> None:
    """SES took the mail and said so, and no event will come: forgetting the answer would leave it unknown for ever."""
    product = case.product
    product.simulator.plan(Fault(SendFault.SLOW, seconds=0.7))
    product.simulator.plan(Fault(EventFault.LOST, times=2))
    message = (await product.send("ana@example.net"))["id"]
    await product.until(message, State.SENDING)
    await case.disk.spoil(product)
    async with asyncio.timeout(10):
        while "outcome_not_recorded" not in case.log.read_text():
            await asyncio.sleep(0.05)
    await case.disk.mend(product)
    story = await product.until(message, State.SENT)
    assert [attempt.outcome for attempt in story.attempts] == ["sent"]
    product.clock.move(hours=1)
    await asyncio.sleep(1.2)
    assert (await product.story(message)).state is State.SENT


@pytest.fixture
def full() -> Iterator[TextIO]:
    """A log on a full disk."""
    with suppress(OSError), Path("/dev/full").open("w") as file:  # what was never written is complained of at the end
        yield file


async def test_a_log_that_can_not_be_written_stops_no_mail(tmp_path: Path, full: TextIO) -> None:
    async with on(tmp_path, full) as product:
        for n in range(20):
            message = (await product.send(f"reader{n}@example.net"))["id"]
            assert (await product.until(message)).state is State.DELIVERED


# --- at the start -----------------------------------------------------------------------------------------------------


@contextmanager
def made_read_only(folder: Path) -> Iterator[None]:
    """For root, who may write anywhere, it takes a mount; for others, the rights do."""
    place = str(folder)
    if mounted("--bind", place, place):
        assert mounted("-o", "remount,ro,bind", place)
        try:
            yield
        finally:
            subprocess.run(["umount", place], check=True)
    else:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)


async def test_a_start_on_a_disk_that_can_not_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with on(tmp_path) as product:
        message = (await product.send("ana@example.net"))["id"]
        await product.until(message)
    with made_read_only(tmp_path / ".franked"):
        said = await asyncio.to_thread(franked, tmp_path, "up")
        assert said.status == 2
        assert "franked.lock: Read-only file system" in said.err or "can't be written" in said.err
    async with on(tmp_path) as product:
        assert (await product.story(message)).state is State.DELIVERED


async def test_a_start_beside_a_process_that_holds_the_record_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with on(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / ".franked" / RECORD, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = await asyncio.to_thread(franked, tmp_path, "up")
    assert (said.status, "locked" in said.err) == (2, True)


async def test_a_record_of_a_newer_franked_is_refused_in_a_sentence_and_left_as_it_is(tmp_path: Path) -> None:
    async with on(tmp_path):
        pass
    record = tmp_path / ".franked" / RECORD
    with closing(sqlite3.connect(record, isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    before = record.read_bytes()
    said = await asyncio.to_thread(franked, tmp_path, "up")
    assert (said.status, "newer Franked" in said.err) == (2, True)
    assert record.read_bytes() == before


async def test_a_backup_that_can_not_be_written_is_none(tmp_path: Path) -> None:
    async with on(tmp_path) as product:
        await product.franked.world.store.keep_templates([("large", "v1", {"en.html": "x" * 6_000_000})])
    target = tmp_path / "target"
    with too_small(target):
        with pytest.raises(NotBackedUp, match="no backup was made"):
            back_up(read(tmp_path / "franked.toml", {}), target, lambda copied, pages: None)
        assert list(target.iterdir()) == []


@contextmanager
def too_small(folder: Path) -> Iterator[None]:
    """For a few megabytes, or where nothing can be mounted, for anything."""
    folder.mkdir()
    is_mounted = mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    folder.chmod(0o700 if is_mounted else 0o500)
    try:
        yield
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)
