"""The commands in processes of their own: what they print, where, and with which exit status."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
import typer

from franked.doors.cli import cli
from franked.doors.cli.up import curl, first_key
from franked.doors.running import running as launched
from franked.wiring import Ses
from tests.commandline import Said, Up, called, in_turn, together, up
from tests.product import TOML, settings_in

BOUNCE = "bounce+{}@simulator.amazonses.com"
SUCCESS = "success@simulator.amazonses.com"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("cli")
    settings_in(folder)
    with up(folder) as started:
        yield started


def send(to: str, stream: str = "receipt", *more: str) -> tuple[str, ...]:
    return "send", "--to", to, "--stream", stream, *(more or ("--var", "number=R-1"))


def commands() -> Iterator[tuple[str, ...]]:
    """Every command, and every one below it."""
    root = typer.main.get_command(cli)
    assert isinstance(root, typer.core.TyperGroup)
    for name, command in root.commands.items():
        yield (name,)
        if isinstance(command, typer.core.TyperGroup):
            yield from ((name, below) for below in command.commands)


def test_every_command_has_its_help(tmp_path: Path) -> None:
    named = list(commands())
    assert {"up", "demo", "send", "config", "keys"} <= {name for name, *_ in named}
    [whole] = together(tmp_path, ("--help",))
    for name in named:
        said = called(tmp_path, *name, "--help")
        assert (said.status, said.err) == (0, "")
        assert f"franked {' '.join(name)} [OPTIONS]" in said.out
        assert name[0] in whole.out
    assert list(tmp_path.iterdir()) == []


def test_help_pays_for_no_room_that_it_does_not_enter() -> None:
    """It answers about as fast as a bare Typer program: `python -m tests.helptime` says how fast, side by side."""
    script = "import sys, franked.doors.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "typer" in loaded
    assert (
        loaded & {"sqlalchemy", "litestar", "uvicorn", "aiohttp", "boto3", "botocore", "jinja2", "cryptography"}
        == set()
    )


def test_config_shows_what_applies_and_where_it_came_from_but_no_secret(running: Up) -> None:
    said = {"FRANKED_LOG_LEVEL": "warning", "FRANKED_STORE_SECRET": "5e" * 32}
    table, as_json = in_turn(running.folder, ("config",), ("config", "--json"), **said)
    assert (table.status, as_json.status, table.err + as_json.err) == (0, 0, "")
    found = json.loads(as_json.out)
    assert found["log.level"] == {"value": "warning", "origin": "FRANKED_LOG_LEVEL"}
    assert found["server.port"]["origin"].endswith("franked.toml:13")
    assert [name for name in found if name not in table.out] == []
    assert "5e5e5e" not in table.out + as_json.out


def test_a_wrong_file_is_answered_with_its_lines_and_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "franked.toml").write_text('[ses]\nregoin = "eu-central-1"\n[log]\nlevel = "loud"\n')
    for said in in_turn(tmp_path, ("config",), ("config", "--json"), ("keys",), send(SUCCESS)):
        assert (said.status, said.out) == (2, "")
        assert re.search(r"^\S*franked\.toml:2: .*did you mean .*region", said.err, re.MULTILINE)
        assert re.search(r'^\S*franked\.toml:4: \[log\] level: "loud" is not', said.err, re.MULTILINE)


def test_a_key_opens_its_streams_until_it_is_revoked(running: Up) -> None:
    made, as_json, never = in_turn(
        running.folder,
        ("keys", "create", "shop", "--stream", "receipt", "--sender", "billing@backup.example.com"),
        ("keys", "create", "desk", "--json"),
        ("keys", "create", "none", "--stream", "nope"),
        **running.by_url,
    )
    office = called(running.folder, "keys", "create", "office", "--administrator", **running.by_url).out.strip()
    assert called(running.folder / "mail", "keys", FRANKED_URL=running.url, FRANKED_KEY=office).status == 0
    key, desk = made.out.strip(), json.loads(as_json.out)
    assert re.fullmatch(r"fk_[a-z0-9]{8}_[a-z0-9]{32}", key)
    assert "once" in made.err
    assert (desk["name"], desk["key"][3:11]) == ("desk", desk["id"])
    assert (never.status, never.err.count("\n")) == (2, 1)
    assert [sent_with(key, running).status, sent_with(key, running, "sign-in-code").status] == [0, 2]

    table = called(running.folder, "keys")
    listed = called(running.folder, "keys", "--json", **running.by_url)
    assert key not in table.out + listed.out
    shop = next(one for one in json.loads(listed.out) if one["name"] == "shop")
    assert (shop["streams"], shop["senders"]) == (["receipt"], ["billing@backup.example.com"])
    assert shop["id"] in table.out

    revoke = "keys", "revoke", str(shop["id"])
    assert [called(running.folder, *revoke, **running.by_url).status for _ in range(2)] == [0, 2]
    assert sent_with(key, running).status == 2
    assert called(running.folder / "mail", "keys", FRANKED_URL=running.url, FRANKED_KEY=key).status == 2


def sent_with(key: str, running: Up, stream: str = "receipt") -> Said:
    """From a folder without any settings, by URL and key."""
    return called(running.folder / "mail", *send(SUCCESS, stream), FRANKED_URL=running.url, FRANKED_KEY=key)


def test_a_mail_is_sent_and_its_story_told(running: Up) -> None:
    running.send(BOUNCE.format("before"), "receipt", number="R-1")
    delivered = called(running.folder, *send(SUCCESS))
    others = (*send(BOUNCE.format("now")), "--json"), send(BOUNCE.format("before"))
    bounced, dropped = in_turn(running.folder, *others, **running.by_url)
    assert (delivered.status, bounced.status, dropped.status) == (0, 0, 1)
    for word in ("accepted", "attempt 1: sent", "event: delivery", f"receipt to {SUCCESS}: delivered"):
        assert word in delivered.out
    story = json.loads(bounced.out)
    assert (story["state"], story["attempts"][0]["outcome"]) == ("bounced", "sent")
    assert "dropped (suppressed)" in dropped.out  # A5


def test_what_can_not_be_asked_is_a_sentence(running: Up) -> None:
    asked = in_turn(
        running.folder,
        send(SUCCESS, "recipt"),
        send(SUCCESS, "receipt", "--var", "colour=red"),
        send("nobody"),
        send(SUCCESS, "receipt", "--var", "number"),
        send("nobody", "receipt", "--var", "colour=red"),
        **running.by_url,
    )
    assert [(said.status, said.out, said.err.count("\n")) for said in asked] == [(2, "", 1)] * 5
    unknown, unfit, no_address, no_pair, all_three = (said.err for said in asked)
    assert "@-sign" in all_three
    assert "also variables/number: " in all_three
    assert "also variables/colour: " in all_three
    assert "there is no stream 'recipt'; this key may use: digest, note, receipt, sign-in-code" in unknown
    assert "'number'" in unfit
    assert "no address" in no_address
    assert "'number' is not NAME=VALUE" in no_pair


def test_where_nobody_runs_that_is_said(tmp_path: Path) -> None:
    settings_in(tmp_path)
    for said in in_turn(tmp_path, send(SUCCESS), ("keys",)):
        assert (said.status, said.out) == (2, "")
        assert said.err == f"no Franked runs on {tmp_path / '.franked'}: start it with `franked up`\n"
    assert not (tmp_path / ".franked").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "{inbox}/?"], ids=["closed", "no-url", "another"])
def test_a_url_that_leads_to_no_franked_is_said(running: Up, url: str) -> None:
    said = called(running.folder, "keys", FRANKED_URL=url.format(inbox=running.inbox), FRANKED_KEY="fk_x")
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "is `franked up` running" in said.err


def test_the_curl_line_works_as_it_is_printed(running: Up) -> None:
    answer = pasted(running.curl)
    assert (answer["state"], answer["reason"]) == ("queued", None)
    assert running.ask(f"/v1/messages/{answer['id']}")["to"] == SUCCESS


async def test_the_curl_line_shows_a_mail_that_its_stream_takes(tmp_path: Path) -> None:
    """The first stream may be one whose mails come in their callers' own words, or all may be."""
    note = TOML[TOML.index("[streams.note]") :]
    rest = TOML[TOML.index("[streams.sign-in-code]") : TOML.index("[streams.note]")]
    for folder, streams, stream in (("first", note + rest, "sign-in-code"), ("only", note, "note")):
        settings = settings_in(tmp_path / folder, (rest + note, streams))
        async with launched(settings, Ses.SIMULATED) as franked:
            line = curl(franked, await first_key(franked, settings.store.directory))
            answer = await asyncio.to_thread(pasted, line)
            [story] = await franked.world.store.find([answer["id"]])
            assert story is not None
            assert (answer["state"], story.stream) == ("queued", stream)


def pasted(line: str) -> Any:
    """What bash makes of the line; where curl is not installed, its request is made all the same."""
    script = line if shutil.which("curl") else f"curl() {{ printf '%s\\0' \"$@\"; }}; {line}"
    out = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=20).stdout
    if shutil.which("curl"):
        return json.loads(out)
    _, url, _, key, _, kind, _, body, _ = out.decode().split("\0")
    headers = dict(header.split(": ", 1) for header in (key, kind))
    with build_opener(ProxyHandler({})).open(Request(url, body.encode(), headers), timeout=10) as answer:
        return json.load(answer)
