"""A backup made under load, restored in another place: what it holds, what happens then, and what it never does."""

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.backends.sql.backup import STEP
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.feedback.receive import receive_queued
from franked.rules.message import State
from franked.settings import Settings, read
from franked.wiring import KEY, RECORD, NotBackedUp, Ses, WrongSettings, back_up
from tests.commandline import called, up
from tests.formats.test_ses_event import notice
from tests.product import MovableClock, settings_in
from tests.running import Product

SANDBOX = ("production = true\nrate = 500", "production = false\nrate = 500")
SLOW = ("rate = 500", "rate = 20")  # slower than it takes, on any machine


def untold(copied: int, pages: int) -> None:
    pass


async def made(product: Product, target: Path) -> Path:
    """Beside the process that writes, as the command does it."""
    settings = read(product.folder / "franked.toml", {})
    await asyncio.to_thread(back_up, settings, target, untold)
    return target


@asynccontextmanager
async def started(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    clock = MovableClock()
    async with running(settings_in(folder, *changes), Ses.SIMULATED, clock) as franked, aiohttp.ClientSession() as http:
        yield Product(franked, clock, http, franked.control_key, folder)


def restored(backup: Path, folder: Path, *changes: tuple[str, str]) -> AbstractAsyncContextManager[Product]:
    """As docs/backup.md says: both files into a new place, then start. Its simulated account knows of no mail yet."""
    shutil.copytree(backup, folder / ".franked")
    return started(folder, *changes)


def rows(record: Path, question: str) -> list[tuple[object, ...]]:
    """Asked of a file that nobody may write."""
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as plain:
        return plain.execute(question).fetchall()


# --- what it holds ----------------------------------------------------------------------------------------------------


async def test_under_load_everything_accepted_before_the_backup_is_in_it(tmp_path: Path) -> None:
    async with started(tmp_path / "first", SLOW) as product:
        ended, sent = asyncio.Event(), list[str]()

        async def customer(name: int) -> None:
            while not ended.is_set():
                sent.append((await product.send(f"reader{name}-{len(sent)}@example.net"))["id"])

        customers = [asyncio.create_task(customer(name)) for name in range(8)]
        while len(sent) <= 50:
            await asyncio.sleep(0.05)
        accepted = tuple(sent)
        backup = await made(product, tmp_path / "backup")
        ended.set()
        await asyncio.gather(*customers)
        assert 50 < len(accepted) < len(sent)

    assert rows(backup / RECORD, "PRAGMA integrity_check") == [("ok",)]
    kept = {str(id_): State(str(state)) for id_, state in rows(backup / RECORD, "SELECT id, state FROM messages")}
    assert set(accepted) <= set(kept) <= set(sent)
    assert {State.QUEUED, State.DELIVERED} <= set(kept.values())

    async with restored(backup, tmp_path / "second") as after:
        for message, state in kept.items():
            ends = () if state is State.QUEUED else (State.DELIVERED, State.UNKNOWN, State.SENT)
            story = await after.until(message, *(ends or (State.DELIVERED,)), within=30)
            if state is State.QUEUED:  # sent from here, though the first may have sent it as well
                assert story.state is State.DELIVERED
            else:  # in the air: nobody knows; gone before: as it was
                assert story.state is (State.UNKNOWN if state is State.SENDING else state)
        assert after.copies() == {message: 1 for message, state in kept.items() if state is State.QUEUED}


async def test_a_backup_holds_up_no_mail(tmp_path: Path) -> None:
    """A reader that rests between its steps: mail is accepted in the meantime, and the copy is as of its beginning."""
    async with started(tmp_path / "first") as product:
        await product.franked.world.store.keep_templates([("large", "v1", {"en.html": "x" * 3 * STEP * 4096})])
        before = [(await product.send(f"reader{n}@example.net"))["id"] for n in range(20)]
        settings, loop = read(product.folder / "franked.toml", {}), asyncio.get_running_loop()
        steps: list[int] = []

        def meanwhile(copied: int, pages: int) -> None:
            """In the copying thread, between two of its steps."""
            sending = asyncio.run_coroutine_threadsafe(product.send("late@example.net"), loop)
            steps.append(sending.result(5)["id"] not in before)

        await asyncio.to_thread(back_up, settings, tmp_path / "backup", meanwhile)
        assert len(steps) > 3 and all(steps)
        kept = {id_ for (id_,) in rows(tmp_path / "backup" / RECORD, "SELECT id FROM messages")}
        assert kept == set(before)


# --- what happens after -----------------------------------------------------------------------------------------------


async def test_what_was_in_the_air_is_not_sent_again_without_a_decision(tmp_path: Path) -> None:
    async with started(tmp_path / "first") as product:
        product.simulator.plan(Fault(SendFault.HANG, seconds=2))
        flying = (await product.send("ana@example.net"))["id"]
        await product.until(flying, State.SENDING)
        bounced = (await product.send("bounce+1@simulator.amazonses.com"))["id"]
        await product.until(bounced, State.BOUNCED)
        backup = await made(product, tmp_path / "backup")
    async with restored(backup, tmp_path / "second") as after:
        story = await after.until(flying, State.UNKNOWN)
        assert [attempt.outcome for attempt in story.attempts] == ["unknown"]
        again = await after.send("bounce+1@simulator.amazonses.com")
        assert (again["state"], again["reason"]) == ("dropped", "suppressed")
        after.clock.move(minutes=16)
        assert (await after.until(flying, State.HELD)).reason == "unknown_outcome"
        assert after.copies() == {}


async def test_an_event_of_the_first_proves_to_the_second_that_a_mail_was_sent(tmp_path: Path) -> None:
    async with started(tmp_path / "first", SANDBOX) as product:
        message = (await product.send("ana@example.net"))["id"]
        backup = await made(product, tmp_path / "backup")
        product.simulator.grant_production(rate=500)
        await product.franked.refresh()
        await product.until(message, State.DELIVERED)
    async with restored(backup, tmp_path / "second", SANDBOX) as after:
        assert (await after.story(message)).state is State.HELD
        tags = {"franked-message": [message], "franked-attempt": [f"{message}-1"]}
        await receive_queued(notice("Delivery", {"recipients": ["ana@example.net"]}, tags=tags), after.franked.world)
        after.simulator.grant_production(rate=500)
        await after.franked.refresh()
        assert (await after.story(message)).state is State.DELIVERED
        assert after.copies() == {}


async def test_an_idempotency_key_of_before_the_backup_makes_no_second_message(tmp_path: Path) -> None:
    async with started(tmp_path / "first") as product:
        shown, record = make_key("shop", frozenset(), frozenset(), product.clock())
        await product.franked.world.store.add_keys([record])
        known, later = product.draft("ana@example.net"), product.draft("bo@example.net")
        _, first = await product.post(known, key=shown, **{"Idempotency-Key": "order-1"})
        await product.until(first["id"], State.DELIVERED)
        backup = await made(product, tmp_path / "backup")
        _, second = await product.post(later, key=shown, **{"Idempotency-Key": "order-2"})
    async with restored(backup, tmp_path / "second") as after:
        _, again = await after.post(known, key=shown, **{"Idempotency-Key": "order-1"})
        assert again["id"] == first["id"]
        _, anew = await after.post(later, key=shown, **{"Idempotency-Key": "order-2"})
        assert anew["id"] != second["id"]  # the record knows nothing of what came after the backup
        assert (await after.get(f"/v1/messages/{second['id']}", key=shown))[0] == 404


async def test_old_mail_of_an_old_backup_is_dropped_and_not_sent(tmp_path: Path) -> None:
    async with started(tmp_path / "first", SANDBOX) as product:
        code = (await product.send("ana@example.net", "sign-in-code"))["id"]
        receipt = (await product.send("ana@example.net"))["id"]
        backup = await made(product, tmp_path / "backup")
    async with restored(backup, tmp_path / "second", SANDBOX) as after:
        after.clock.move(hours=1)
        after.simulator.grant_production(rate=500)
        await after.franked.refresh()
        assert (await after.until(code, State.DROPPED)).reason == "expired"
        assert (await after.until(receipt)).state is State.DELIVERED


async def test_without_its_key_a_record_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    async with started(tmp_path / "first", SANDBOX) as product:
        await product.send("ana@example.net")
        backup = await made(product, tmp_path / "backup")
    (backup / KEY).unlink()
    with pytest.raises(WrongSettings, match="put the file back"):
        async with restored(backup, tmp_path / "second", SANDBOX):
            pass
    assert not (tmp_path / "second" / ".franked" / KEY).exists()


# --- what it refuses --------------------------------------------------------------------------------------------------


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    settings = a_record(tmp_path / "product")
    target = tmp_path / "backup"
    back_up(settings, target, untold)
    seen = {path.name: path.read_bytes() for path in target.iterdir()}
    for place in (target, settings.store.directory, tmp_path / "product"):
        with pytest.raises(NotBackedUp, match="not empty"):
            back_up(settings, place, untold)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == seen
    (tmp_path / "file").write_text("")
    with pytest.raises(NotBackedUp, match="no backup was made"):
        back_up(settings, tmp_path / "file", untold)


def test_its_files_are_their_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = back_up(a_record(tmp_path / "product"), tmp_path / "backup", untold)
    finally:
        os.umask(before)
    assert made.record.parent.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in made.record.parent.iterdir()} == {
        RECORD: 0o600,
        KEY: 0o600,
    }


def test_what_is_missing_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = a_record(tmp_path / "product")
    (settings.store.directory / KEY).unlink()
    with pytest.raises(NotBackedUp, match=r"secret\.key is gone"):
        back_up(settings, tmp_path / "backup", untold)
    (settings.store.directory / RECORD).unlink()
    with pytest.raises(NotBackedUp, match="nothing to back up"):
        back_up(settings, tmp_path / "backup", untold)
    assert not (tmp_path / "backup").exists()


def test_a_backup_that_was_broken_off_leaves_nothing_behind(tmp_path: Path) -> None:
    def impatient(copied: int, pages: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(a_record(tmp_path / "product"), tmp_path / "backup", impatient)
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_damaged_record_is_not_passed_off_as_a_backup(tmp_path: Path) -> None:
    settings = a_record(tmp_path / "product")
    record = settings.store.directory / RECORD
    whole = bytearray(record.read_bytes())
    for page in range(4, 40):
        whole[page * 4096 : page * 4096 + 512] = b"\xff" * 512
    record.write_bytes(whole)
    with pytest.raises(NotBackedUp, match="damaged"):
        back_up(settings, tmp_path / "backup", untold)
    assert list((tmp_path / "backup").iterdir()) == []


def a_record(folder: Path) -> Settings:
    """Of a Franked that ran and ended."""

    async def once() -> None:
        async with started(folder) as product:
            await product.until((await product.send("ana@example.net"))["id"])

    asyncio.run(once())
    return read(folder / "franked.toml", {})


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_works_while_franked_runs_and_when_it_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    settings_in(folder)
    with up(folder) as started:
        message = started.send("ana@example.net", "receipt", number="R-1")
        running = called(folder, "backup", "../while-up")
        assert (running.status, running.err) == (0, "")
        assert str(tmp_path / "while-up" / RECORD) in running.out and str(tmp_path / "while-up" / KEY) in running.out
        assert started.stop() == 0
    stopped = called(folder, "backup", "../while-down", "--json")
    told = json.loads(stopped.out)
    assert (stopped.status, told["messages"], told["key"]) == (0, 1, str(tmp_path / "while-down" / KEY))
    again = called(folder, "backup", "../while-down")
    assert (again.status, again.out) == (2, "")
    assert "writes over nothing" in again.err
    kept = called(folder, "backup", "../no-key", FRANKED_STORE_SECRET="5e" * 32)
    assert "FRANKED_STORE_SECRET" in kept.out and not (tmp_path / "no-key" / KEY).exists()
    with up(folder, "--data", str(tmp_path / "while-up")) as restored:
        assert restored.ask(f"/v1/messages/{message}")["id"] == message
