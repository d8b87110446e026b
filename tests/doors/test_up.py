"""`franked up` in a process of its own: what it refuses to start on, how it stops, and what a crash leaves behind."""

import asyncio
import json
import shutil
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.doors.cli.start import settings_for
from franked.doors.running import Running, running
from franked.rules.message import State
from franked.wiring import Ses
from tests.commandline import Said, Up, called, in_turn, until, up
from tests.product import settings_in
from tests.running import Product

READER = "quiet.reader@example.net"
CODE = "918273"


@pytest.fixture(scope="module")
def shared_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    settings_in(folder)
    with up(folder) as started:
        yield started
        assert started.stop(SIGTERM) == 0


def sentence(said: Said) -> str:
    """The one with which it refused; above it there are log lines at most."""
    assert (said.status, said.out) == (2, "")
    *log, last = said.err.splitlines()
    assert all(json.loads(line)["event"] for line in log)
    return last


# --- what it does not start on ----------------------------------------------------------------------------------------


def test_settings_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    (tmp_path / "bad.toml").write_text('[ses]\nregion = "eu-central-1\n')
    (tmp_path / "folder").mkdir()
    asked = (("up", "folder"), ("up", "bad.toml"), ("config", "binary.toml"), ("config", "missing.toml"))
    *refused, aws = in_turn(tmp_path, *((name, "--config", file) for name, file in asked), ("up", "--ses", "aws"))
    folder, bad, binary, missing = (sentence(said) for said in refused)
    assert folder == "folder: cannot be read: Is a directory"
    assert binary == "binary.toml: is no UTF-8 text (byte 128)"
    assert missing == "missing.toml: cannot be read: No such file or directory"
    assert bad.startswith("bad.toml:2: is no TOML: ")
    assert sentence(aws).startswith("--ses aws needs your own franked.toml")
    assert not (tmp_path / ".franked").exists()


def test_a_file_of_one_s_own_may_lie_below_a_folder_named_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets as far as the record's key, which is gone: nothing is asked of AWS."""
    folder = tmp_path / "examples" / "shop"
    settings_in(folder)
    (folder / ".franked").mkdir()
    (folder / ".franked" / "franked.db").touch()
    said = sentence(called(tmp_path, "up", "--ses", "aws", FRANKED_CONFIG=str(folder / "franked.toml")))
    assert said.startswith(f"{folder / '.franked' / 'secret.key'} is gone")
    assert settings_for(folder / "franked.toml").own
    monkeypatch.chdir(folder)
    assert settings_for(None).own
    monkeypatch.chdir(tmp_path)
    assert not settings_for(None).own


def test_a_second_one_on_the_same_record_is_told_who_runs_there(shared_up: Up) -> None:
    said = called(shared_up.folder, "up")
    assert sentence(said) == (
        f"Franked is already running in {shared_up.record}: process {shared_up.process.pid} at {shared_up.url}"
    )


@pytest.mark.parametrize("variable", ["FRANKED_SERVER_PORT", "FRANKED_SIMULATOR_PORT"])
def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path, variable: str) -> None:
    settings_in(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = sentence(called(tmp_path, "up", **{variable: port}))
    assert f"127.0.0.1:{port}" in said
    assert "choose another port with" in said


def test_a_template_that_is_broken_is_named_with_its_line(tmp_path: Path) -> None:
    settings_in(tmp_path)
    broken = tmp_path / "mail" / "receipt" / "en.html"
    broken.write_text(broken.read_text().replace("{{ number }}</p>", "{{ number }</p>"))
    assert sentence(called(tmp_path, "up")).startswith(f"{broken}, line 5: ")


def test_a_record_whose_key_is_gone_gets_no_other(shared_up: Up, tmp_path: Path) -> None:
    settings_in(tmp_path)
    record = tmp_path / ".franked"
    record.mkdir()
    shutil.copy(shared_up.record / "franked.db", record)
    said = sentence(called(tmp_path, "up"))
    assert said.startswith(f"{record / 'secret.key'} is gone")
    assert "FRANKED_STORE_SECRET" in said
    assert not (record / "secret.key").exists()


# --- what it leaves lying about ---------------------------------------------------------------------------------------


def test_neither_a_code_nor_an_address_nor_a_key_is_written_down_in_the_clear(shared_up: Up) -> None:  # E6
    sent = shared_up.send(READER, "sign-in-code", code=CODE)
    until(lambda: shared_up.states([sent]) == ["delivered"])
    lines = [json.loads(line) for line in shared_up.log.read_text().splitlines()]
    assert {"time", "level", "event"} <= set.intersection(*(set(line) for line in lines))
    assert [line["to"] for line in lines if line.get("message") == sent and "to" in line] != []
    assert [word for word in (READER, CODE, shared_up.key[12:]) if word in shared_up.log.read_text()] == []
    kept = b"".join(file.read_bytes() for file in shared_up.record.glob("franked.db*"))
    assert sent.encode() in kept
    assert [word for word in (CODE, shared_up.key[12:]) if word.encode() in kept] == []


def test_the_record_is_its_owners_alone(shared_up: Up) -> None:
    paths = [shared_up.record, *shared_up.record.rglob("*")]
    assert {"first.key", "secret.key", "franked.db", "mails.jsonl"} <= {path.name for path in paths}
    assert [str(path) for path in paths if path.stat().st_mode & 0o077] == []


# --- how it ends ------------------------------------------------------------------------------------------------------


async def test_whoever_stops_it_waits_for_the_calls_under_way(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with up(tmp_path) as first:
        first.account("faults", {"what": "slow", "times": 6, "seconds": 2.5})
        ids = [first.send(f"reader{number}@example.net", "receipt", number=number) for number in range(6)]
        until(lambda: first.account("state")["faults"] == [])  # all six are under way, and none is answered
        assert set(first.states(ids)) == {"sending"}
        assert first.stop(SIGINT) == 0
    async with running(settings, Ses.SIMULATED) as second:
        assert set(await states(ids, second)) <= {State.SENT, State.DELIVERED}
        assert taken(second) == sorted(ids)


async def test_what_was_under_way_has_its_event_before_the_door_closes(tmp_path: Path) -> None:
    """The simulator ends with this process, and nobody posts its last events again."""
    settings = settings_in(tmp_path)
    with up(tmp_path) as first:
        first.account("faults", {"what": "slow", "times": 2, "seconds": 1.0})
        first.account("faults", {"what": "late", "times": 4, "seconds": 0.5})
        ids = [first.send(f"reader{number}@example.net", "receipt", number=number) for number in range(2)]
        until(lambda: "slow" not in [fault["what"] for fault in first.account("state")["faults"]])
        assert first.stop(SIGINT) == 0
    async with running(settings, Ses.SIMULATED) as second:
        assert await states(ids, second) == [State.DELIVERED] * 2


async def test_while_it_stops_mail_is_refused_and_events_are_taken(product: Product) -> None:
    product.simulator.plan(Fault(SendFault.SLOW, seconds=1.0))
    sent = await product.send(READER)
    await product.until(sent["id"], State.SENDING, State.SENT)
    product.franked.door.stopping.set()
    status, problem = await product.post(product.draft(READER))
    assert (status, problem["code"]) == (503, "stopping")
    assert (await product.get("/readyz"))[0] == 503
    assert (await product.get("/livez"))[0] == 200
    assert (await product.until(sent["id"])).state is State.DELIVERED


async def test_told_twice_it_ends_at_once_and_finds_everything_at_the_next_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with up(tmp_path) as first:
        first.account("faults", {"what": "hang", "when": "before"})
        sent = first.send(READER, "receipt", number=1)
        until(lambda: first.account("state")["faults"] == [])
        first.process.send_signal(SIGINT)
        assert first.process.stdout is not None
        said = next(line for line in first.process.stdout if line.startswith("Stopping"))
        assert "40 s at most. Ctrl-C again ends at once" in said
        assert first.stop(SIGINT) == 130
    async with running(settings, Ses.SIMULATED) as second, asyncio.timeout(10):
        while await states([sent], second) != [State.UNKNOWN]:
            await asyncio.sleep(0.02)


async def test_a_crash_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with up(tmp_path, FRANKED_SIMULATOR_RATE="0.2") as first:
        first.account("faults", {"what": "hang", "when": "after"})
        first.account("faults", {"what": "late", "times": 2, "seconds": 600})
        calling = first.send("reader@example.net", "receipt", number=1)
        until(lambda: len(first.account("taken")) == 1)  # and neither an answer nor an event tells
        waiting = [first.send(READER, "sign-in-code", code=f"{CODE}{number}") for number in range(5)]
        assert first.states([calling, *waiting]) == ["sending", *["queued"] * 5]
        assert CODE.encode() not in b"".join(file.read_bytes() for file in first.record.glob("franked.db*"))
        assert first.stop(SIGKILL) == -SIGKILL
    (first.record / "simulator" / "state.json").unlink()  # the account's rate is the settings' again
    async with running(settings, Ses.SIMULATED) as second, asyncio.timeout(10):
        while await states([calling, *waiting], second) != [State.UNKNOWN, *[State.DELIVERED] * 5]:
            await asyncio.sleep(0.02)
        assert taken(second) == sorted([calling, *waiting])


async def states(ids: Sequence[str], franked: Running) -> list[State]:
    return [story.state for story in await franked.world.store.find(ids) if story]


def taken(franked: Running) -> list[str]:
    """The message of each mail that the account took, before the restart and after."""
    assert franked.wired.simulator is not None
    return sorted(mail.tags["franked-message"] for mail in franked.wired.simulator.taken())


def test_a_stream_without_its_template_is_told_at_start(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    settings_in(folder)
    shutil.rmtree(folder / "mail" / "receipt")
    said = called(folder, "up")
    assert said.status == 2
    assert "mail/receipt: there is no such template, and the stream 'receipt' needs it" in said.err
