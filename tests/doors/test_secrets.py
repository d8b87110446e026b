"""Fifty sign-in codes through a whole Franked, to every end a mail can have: no code is in the record, in the log or in
an answer, and no whole address is in the log."""

import asyncio
import json
import re
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp

from franked.backends.local import EventFault, Fault, SendFault, When
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.rules.message import ENDED, State
from franked.sending.sweep import sweep
from franked.wiring import Ses
from tests.product import MovableClock, settings_in
from tests.running import Product

SANDBOX = ("production = true\nrate = 500", "production = false\nrate = 500")
BROKEN_STREAM = """
[streams.reset-code]
kind = "transactional"
purpose = "A code to set a new password with"
secret = true

[streams.own-words]
kind = "transactional"
purpose = "A code in its product's own words, and on a sheet to print"
content = "inline"
secret = true
"""
BROKEN_TEMPLATE = '+++\nsubject = "Your code"\nvariables = ["code"]\n+++\n<p>{{ {"none": 1}[code] }}</p>'
OPEN = frozenset(State) - ENDED  # these may still need their variables


@dataclass(slots=True)
class Evidence:
    """All that went in, and all that came out but the mail itself."""

    product: Product
    log: StringIO
    chance: Random = field(default_factory=lambda: Random(5))
    codes: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)

    def code(self) -> str:
        """No number, which could stand anywhere by chance."""
        self.codes.append("".join(self.chance.choices("BCDFGHJKLMNPQRSTVWXZ23456789", k=12)))
        return self.codes[-1]

    def draft(self, to: str, stream: str = "sign-in-code", **fields: Any) -> dict[str, Any]:
        self.addresses.add(to)
        return self.product.draft(to, "sign-in-code") | {"stream": stream, "variables": {"code": self.code()}} | fields

    def own_words(self, to: str) -> dict[str, Any]:
        """The code is in the text, and in an attachment."""
        self.addresses.add(to)
        code = self.code()
        sheet = {"name": "code.txt", "content": b64encode(code.encode()).decode()}
        said = {"subject": "Your code", "text": f"Your code: {code}"}
        draft = self.product.draft(to, "note") | {"stream": "own-words", "content": said, "attachments": [sheet]}
        return {name: value for name, value in draft.items() if name != "variables"}

    async def post(self, body: object, key: str = "") -> Any:
        """Status and answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask("POST", "/v1/messages", data, {"Idempotency-Key": key} if key else {})

    async def ask(self, method: str, path: str, data: bytes = b"", headers: dict[str, str] | None = None) -> Any:
        product = self.product
        given = {"Authorization": f"Bearer {product.key}", "Content-Type": "application/json", **(headers or {})}
        async with product.http.request(method, product.franked.url + path, data=data, headers=given) as answer:
            text = await answer.text()
            self.answers.append(f"{answer.headers}\n{text}")
            return answer.status, json.loads(text) if "json" in answer.headers["content-type"] else text

    async def send(self, to: str, stream: str = "sign-in-code", **fields: Any) -> str:
        status, answer = await self.post(self.draft(to, stream, **fields))
        assert status == 202, answer
        return str(answer["id"])

    async def ended(self, to: str, state: State, stream: str = "sign-in-code", **fields: Any) -> str:
        message = await self.send(to, stream, **fields)
        await self.product.until(message, state)
        return message

    async def later(self, seconds: float) -> None:
        self.product.clock.move(seconds=seconds)
        await sweep(self.product.franked.world)
        self.product.franked.world.bell.ring()

    def files(self) -> dict[str, bytes]:
        """The record's, with what SQLite keeps beside it; the simulator's are the mailbox."""
        return {path.name: path.read_bytes() for path in sorted((self.product.folder / ".franked").glob("franked.db*"))}

    def found(self, where: bytes | str) -> list[str]:
        text = where if isinstance(where, bytes) else where.encode()
        spelled = ((code, code.encode()) for code in self.codes)
        return [
            code
            for code, plain in spelled
            if plain in text or b64encode(plain) in text or plain.hex().encode() in text.lower()
        ]


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Evidence]:
    """In the sandbox, where example.org is verified. Everything is logged, with masked addresses."""
    clock, log = MovableClock(), StringIO()
    settings = settings_in(folder, SANDBOX, ("[log]", f"{BROKEN_STREAM}\n[log]"))
    (folder / "mail" / "reset-code").mkdir()
    (folder / "mail" / "reset-code" / "en.html").write_text(BROKEN_TEMPLATE)
    async with running(settings, Ses.SIMULATED, clock, log) as franked, aiohttp.ClientSession() as http:
        shown, record = make_key("test", frozenset(), frozenset(), clock())
        await franked.world.store.add_keys([record])
        product = Product(franked, clock, http, shown, folder)
        product.simulator.verify("example.org")
        await franked.refresh()
        yield Evidence(product, log)


async def every_end(evidence: Evidence) -> None:
    plan = evidence.product.simulator.plan
    await asyncio.gather(*(evidence.ended(f"ana{n}@example.org", State.DELIVERED) for n in range(16)))
    await asyncio.gather(*(evidence.ended(f"bounce+{n}@simulator.amazonses.com", State.BOUNCED) for n in range(4)))
    await asyncio.gather(
        *(evidence.ended(f"complaint+{n}@simulator.amazonses.com", State.COMPLAINED) for n in range(2))
    )
    for n in range(3):
        await evidence.ended(f"bounce+{n}@simulator.amazonses.com", State.DROPPED)
    await asyncio.gather(*(evidence.ended(f"held{n}@example.net", State.HELD) for n in range(5)))
    await asyncio.gather(*(evidence.send("crowd@example.org") for _ in range(8)))
    stale = {"act": "sign-in", "by": "account-1", "at": "2020-01-01T00:00:00Z"}
    await evidence.ended("ben@example.org", State.DROPPED, trigger=stale)
    await asyncio.gather(*(evidence.ended(f"cleo{n}@example.org", State.REFUSED, "reset-code") for n in range(4)))
    await in_own_words(evidence)
    plan(Fault(EventFault.LOST, times=2))
    plan(Fault(SendFault.RESET, when=When.AFTER))
    plan(Fault(SendFault.BAD_504))
    await evidence.ended("dee@example.org", State.UNKNOWN)
    await evidence.ended("eve@example.org", State.UNKNOWN)
    await wrong_posts(evidence)


async def in_own_words(evidence: Evidence) -> None:
    """One by one and in a batch: delivered, bounced, held and taken back."""
    one = await evidence.post(evidence.own_words("hal@example.org"))
    tos = ("bounce+9@simulator.amazonses.com", "ivy@example.org", "held9@example.net")
    drafts = [evidence.own_words(to) for to in tos]
    drafts += [evidence.draft("jon@example.org"), evidence.own_words("kim@example.org") | {"attachments": [{}]}]
    refused = await evidence.ask("POST", "/v1/messages/batch", json.dumps({"messages": drafts}).encode())
    several = await evidence.ask("POST", "/v1/messages/batch", json.dumps({"messages": drafts[:-1]}).encode())
    assert (one[0], refused[0], several[0]) == (202, 422, 200)
    ids = [one[1]["id"], *(answer["id"] for answer in several[1]["answers"])]
    states = (State.DELIVERED, State.BOUNCED, State.DELIVERED, State.HELD, State.DELIVERED)
    for message, state in zip(ids, states, strict=True):
        await evidence.product.until(message, state)
    assert (await evidence.ask("DELETE", f"/v1/messages/{ids[3]}"))[0] == 200


async def wrong_posts(evidence: Evidence) -> None:
    for n in range(3):
        draft = evidence.draft(f"fay{n}@example.org")
        for body in (draft, draft, draft | {"variables": {"code": evidence.code()}}):
            await evidence.post(body, f"fay-{n}")
    draft = evidence.draft("gus@example.org")
    code = draft["variables"]["code"]
    for wrong in ({"code": code, "name": code}, {"code": f"\0{code}"}, code, [code], {"kode": code}):
        assert (await evidence.post(draft | {"variables": wrong}))[0] == 422
    assert (await evidence.post(json.dumps(draft).encode()[:-9]))[0] == 400
    assert (await evidence.post(draft | {"stream": "no-such-stream"}))[0] == 422


async def read_everything(evidence: Evidence) -> None:
    for message in messages(evidence.product):
        await evidence.ask("GET", f"/v1/messages/{message['id']}")
    stopped = ("/v1/dead", "/v1/dead?stop=unknown_outcome")
    lists = ("/v1/messages", "/v1/messages?limit=200", "/v1/streams", *stopped)
    for path in ("/metrics", "/readyz", "/livez", "/problems/invalid_variables", "/openapi.json", *lists):
        assert (await evidence.ask("GET", path))[0] == 200
    admin = {"Authorization": f"Bearer {evidence.product.franked.control_key}"}
    exports = ("/v1/suppressions/export", "/v1/suppressions/export?of=history")
    people = [f"/v1/people/{quote(address)}" for address in sorted(evidence.addresses)]
    for path in ("/v1/suppressions", "/v1/keys", *exports, *lists, *people):
        assert (await evidence.ask("GET", path, headers=admin))[0] == 200


def messages(product: Product) -> Sequence[sqlite3.Row]:
    with closing(sqlite3.connect(product.folder / ".franked" / "franked.db")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("SELECT id, state, contents FROM messages").fetchall()


async def test_no_code_is_kept_told_or_logged(tmp_path: Path) -> None:
    async with watched(tmp_path / "secretive") as evidence:
        product = evidence.product
        await every_end(evidence)
        await product.simulator.quiet()
        rows = messages(product)
        for _ in range(2):
            assert len(evidence.codes) >= 50
            ends = {State(row["state"]) for row in rows}
            assert {State.DELIVERED, State.BOUNCED, State.DROPPED, State.REFUSED} <= ends
            await read_everything(evidence)
            nothing_is_found(evidence)
            assert [dict(row) for row in rows if State(row["state"]) in ENDED and row["contents"] is not None] == []
            for seconds in (101, 700):  # the unknown are sent again, the held are no longer worth it
                await evidence.later(seconds)
                await settled(product)
            rows = messages(product)
        assert not {State(row["state"]) for row in rows} & OPEN
        the_mailbox_has_them(evidence)
    nothing_is_found(evidence)  # what was in the log of SQLite is in the file now


async def test_no_code_is_told_of_mail_that_waits_for_a_person(tmp_path: Path) -> None:
    async with watched(tmp_path / "stopped") as evidence:
        plan = evidence.product.simulator.plan
        plan(Fault(SendFault.ERROR_503, times=3))
        _, dead = await evidence.post(evidence.own_words("ana@example.org"))
        await moved_on(evidence, dead["id"], State.DEAD)
        plan(Fault(SendFault.RESET))
        _, unknown = await evidence.post(evidence.own_words("ben@example.org"))
        await evidence.product.until(unknown["id"], State.UNKNOWN)
        await moved_on(evidence, unknown["id"], State.HELD)
        for stop, message in (("dead", dead), ("unknown_outcome", unknown)):
            _, page = await evidence.ask("GET", f"/v1/dead?stop={stop}")
            assert [one["id"] for one in page["messages"]] == [message["id"]]
        await read_everything(evidence)
        assert [name for name, content in evidence.files().items() if evidence.found(content)] == []
        assert evidence.found("\n".join(evidence.answers)) == []
        assert evidence.found(evidence.log.getvalue()) == []


async def moved_on(evidence: Evidence, message: str, state: State) -> None:
    async with asyncio.timeout(20):
        while (await evidence.product.story(message)).state is not state:
            await evidence.later(200)
            await asyncio.sleep(0.05)


async def settled(product: Product) -> None:
    async with asyncio.timeout(5):
        while {State(row["state"]) for row in messages(product)} & {State.QUEUED, State.SENDING}:
            await asyncio.sleep(0.02)
    await product.simulator.quiet()


def nothing_is_found(evidence: Evidence) -> None:
    files = evidence.files()
    assert b"ana1@example.org" in b"".join(files.values())  # it is the right place to look
    assert [name for name, content in files.items() if evidence.found(content)] == []
    log = evidence.log.getvalue()
    assert log.count('"attempt"') > 20
    assert evidence.found(log) == []
    assert evidence.found("\n".join(evidence.answers)) == []
    assert [line for line in log.splitlines() if re.search(r"[\w.+-]@", line)] == []
    assert [address for address in evidence.addresses if address in log] == []


def the_mailbox_has_them(evidence: Evidence) -> None:
    """Each code came to its reader: in the text, and neither in the subject, nor in a tag, nor in a header."""
    simulator = evidence.product.simulator
    letters = [simulator.office.inbox.letter(mail.ses_id) for mail in simulator.taken()]
    assert len(letters) >= 25
    for letter in letters:
        assert letter is not None
        assert len(evidence.found(letter.text or "")) == 1
        assert evidence.found(f"{letter.subject} {letter.tags} {letter.headers} {letter.source}") == []


# --- a subject that holds the code


async def test_a_subject_that_shows_its_code_shows_it_to_the_reader_only(tmp_path: Path) -> None:
    """SES's events repeat the mail's headers: they are not kept."""
    async with watched(tmp_path / "telling") as evidence:
        template = tmp_path / "telling" / "mail" / "sign-in-code" / "en.html"
        template.write_text(template.read_text().replace("Your sign-in code", "{{ code }} is your sign-in code"))
        await evidence.product.franked.wired.templates.refresh()
        for n in range(3):
            await evidence.ended(f"ana{n}@example.org", State.DELIVERED)
        await evidence.ended("bounce+0@simulator.amazonses.com", State.BOUNCED)
        await evidence.product.simulator.quiet()
        letter = evidence.product.simulator.office.inbox.letter(evidence.product.simulator.taken()[0].ses_id)
        assert letter is not None
        assert len(evidence.found(letter.subject)) == 1
        await read_everything(evidence)
        assert [name for name, content in evidence.files().items() if evidence.found(content)] == []
        assert evidence.found("\n".join(evidence.answers)) == []
