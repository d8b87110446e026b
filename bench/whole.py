"""A whole Franked in a process of its own, as `franked up` starts it, at an account with a pace."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.processes import Program, running, written
from franked.doors.claim import read_claim
from franked.doors.cli.bench.house import variables

BULK, URGENT = "newsletter", "sign-in-code"
IN_A_REQUEST = 500
_TOML = """
[ses]
region = "eu-central-1"
endpoint = "{endpoint}"

[sender]
name = "Example Shop"
website = "https://shop.example.com"
postal_address = "Example Shop Ltd, 1 Sample Street, 8000 Zurich"
from = "Example Shop <no-reply@shop.example.com>"

[server]
port = 0

[templates]
approval = "none"

[canary]
enabled = false  # the account tells no events

[streams.sign-in-code]
kind = "transactional"
purpose = "A one-time code for a person who has just asked to sign in"
lane = "urgent"
useful_for = "10m"
if_unknown = "resend"
secret = true

[streams.newsletter]
kind = "notification"
purpose = "What is new, once a month"
topic = "news"
lane = "bulk"
"""
_TEMPLATES = {
    URGENT: ('+++\nsubject = "Your code"\nvariables = ["code"]\n+++\n<p>{{ code }}</p>\n', "{{ code }}\n"),
    BULK: (
        '+++\nsubject = "News {{ number }}"\nvariables = ["number", "name", "items"]\n+++\n<h1>Hello {{ name }}</h1>\n'
        "{% for item in items %}<p>{{ item.what }}: {{ item.price }}</p>{% endfor %}\n",
        "Hello {{ name }}\n{% for item in items %}{{ item.what }}: {{ item.price }}\n{% endfor %}",
    ),
}


@dataclass(frozen=True, slots=True)
class Whole:
    program: Program
    url: str
    key: str
    notes: Path

    async def queue(self, number: int) -> None:
        """So many mails of the newsletter, in large requests, one after the other."""
        async with self.http() as http:
            for first in range(0, number, IN_A_REQUEST):
                readers = range(first, min(number, first + IN_A_REQUEST))
                drafts = [draft(BULK, f"reader{one}@example.net", variables(one)) for one in readers]
                async with http.post("/v1/messages/batch", json={"messages": drafts}) as answer:
                    assert all(one.get("state") == "queued" for one in (await answer.json())["answers"])

    def http(self) -> aiohttp.ClientSession:
        """At its door, with its key."""
        return aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self.key}"})

    def came(self) -> dict[str, float]:
        """When the first byte of each mail came to the account (CLOCK_MONOTONIC), by recipient."""
        whole = self.notes.read_text().rpartition("\n")[0]
        return {to: float(at) for at, to in map(str.split, whole.splitlines())}


@asynccontextmanager
async def whole(folder: Path, rate: int) -> AsyncIterator[Whole]:
    """`folder` is made. The account allows `rate` a second, without a quota."""
    notes = written(folder, "came", "")
    async with _account(rate, notes) as endpoint:
        _settle_in(folder, endpoint)
        command = (Path(sys.executable).with_name("franked"), "up", "--ses", "aws", "--config", folder / "franked.toml")
        keys = {"AWS_ACCESS_KEY_ID": "sink", "AWS_SECRET_ACCESS_KEY": "sink"}
        async with running("franked", command, folder, keys) as program:
            url = await _url(folder / ".franked", program)
            yield Whole(program, url, (folder / ".franked" / "first.key").read_text(), notes)


@asynccontextmanager
async def _account(rate: int, notes: Path) -> AsyncIterator[str]:
    command = (sys.executable, "-m", "bench.account", str(rate), str(notes))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


def _settle_in(folder: Path, endpoint: str) -> None:
    (folder / "franked.toml").write_text(_TOML.format(endpoint=endpoint))
    for name, (html, text) in _TEMPLATES.items():
        mail = folder / "mail" / name
        mail.mkdir(parents=True)
        (mail / "en.html").write_text(html)
        (mail / "en.txt").write_text(text)


async def _url(directory: Path, program: Program) -> str:
    """Once it is up, with its first key made."""
    while True:
        program.check()
        said = (read_claim(directory) or {}).get("url")
        if said and (directory / "first.key").exists():
            return str(said)
        await asyncio.sleep(0.05)


def draft(stream: str, to: str, values: dict[str, Any]) -> dict[str, Any]:
    trigger = {"act": "sign-up", "by": to, "at": datetime.now(UTC).isoformat()}
    return {"stream": stream, "to": to, "variables": values, "trigger": trigger}
