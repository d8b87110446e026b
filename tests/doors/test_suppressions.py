"""Suppressions as people use them: who is on the list and why, put on, taken off, imported, handed out as evidence."""

import asyncio
import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from subprocess import PIPE, CompletedProcess, run
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from franked.doors.running import running
from franked.enquiry import Grounds, Lift
from franked.rules.message import State
from franked.rules.suppression import Suppression, Why
from franked.wiring import Ses
from tests.commandline import FRANKED, Said, together
from tests.product import MovableClock, settings_in
from tests.running import Product

BOUNCE = "bounce+1@simulator.amazonses.com"
LIST = "/v1/suppressions"


async def ask(product: Product, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def listed(product: Product, query: str = "") -> list[dict[str, Any]]:
    status, page = await product.get(f"{LIST}{query}", key=product.franked.control_key)
    assert status == 200, page
    return list(page["suppressions"])


async def exported(product: Product, query: str = "") -> list[dict[str, str]]:
    status, text = await product.get(f"{LIST}/export{query}", key=product.franked.control_key)
    assert status == 200
    return list(csv.DictReader(StringIO(text, newline="")))


async def add(product: Product, address: str, reason: str = "asked by phone", **more: object) -> tuple[int, Any]:
    return await ask(product, "POST", LIST, {"address": address, "reason": reason, **more})


async def lift(product: Product, address: str, why: str = "a mistake") -> tuple[int, Any]:
    return await ask(product, "DELETE", f"{LIST}/{quote(address, safe='')}?why={quote(why)}")


async def commands(product: Product, *asked: tuple[str, ...]) -> list[Said]:
    """All at once."""
    return await asyncio.to_thread(together, product.folder, *(("suppressions", *arguments) for arguments in asked))


async def command(product: Product, *arguments: str) -> Said:
    [said] = await commands(product, arguments)
    return said


# --- one address ------------------------------------------------------------------------------------------------------


async def test_who_bounced_is_dropped_until_a_person_lifts_it(product: Product) -> None:  # D4
    first = await product.send(BOUNCE)
    await product.until(first["id"], State.BOUNCED)
    assert (await product.send(BOUNCE))["reason"] == "suppressed"
    [standing] = await listed(product)
    assert (standing["address"], standing["why"], standing["scope"]) == (BOUNCE, "hard_bounce", "*")

    status, answer = await lift(product, BOUNCE, "the mailbox is back")
    assert (status, answer["lifted"]) == (200, standing)
    assert answer["note"] is None  # SES lists no address of its own simulator
    assert await listed(product) == []
    again = await product.send(BOUNCE)
    assert again["state"] == "queued"
    await product.until(again["id"], State.BOUNCED)
    assert product.copies() == {first["id"]: 1, again["id"]: 1}
    assert [
        (line["what"], line["type"], line["by"], line["why"]) for line in await exported(product, "?of=history")
    ] == [
        ("added", "hard_bounce", "event", ""),
        ("lifted", "hard_bounce", "command line", "the mailbox is back"),
        ("added", "hard_bounce", "event", ""),
    ]


async def test_who_was_added_by_hand_is_not_mailed_and_the_list_says_on_whose_word(product: Product) -> None:
    status, answer = await add(product, "Ana@Example.net")
    assert (status, answer["result"]) == (201, "added")
    assert (await product.send("ana@example.NET"))["reason"] == "suppressed"
    [standing] = await listed(product)
    assert standing == answer["suppression"]
    assert (standing["address"], standing["why"], standing["until"]) == ("ana@example.net", "manual", None)
    assert standing["source"] == "command line: asked by phone"
    status, lifted = await lift(product, "ANA@example.net")
    assert (status, lifted["note"]) == (200, None)
    assert (await product.send("ana@example.net"))["state"] == "queued"


async def test_a_stronger_reason_stays_and_is_told(product: Product) -> None:  # D4
    complaint = Suppression("ana@example.net", Why.COMPLAINT, product.clock(), source="event 1")
    await product.franked.world.store.suppress([complaint])
    status, answer = await add(product, "ana@example.net", until=(product.clock() + timedelta(days=9)).isoformat())
    assert (status, answer["result"], answer["suppression"]["why"]) == (200, "already", "complaint")
    assert [line["type"] for line in await exported(product, "?of=history")] == ["complaint"]


async def test_a_rest_ends_by_itself(product: Product) -> None:
    until = product.clock() + timedelta(days=1)
    status, answer = await add(product, "ana@example.net", until=until.isoformat())
    assert (status, answer["suppression"]["until"][:19]) == (201, until.isoformat()[:19])
    assert (await add(product, "ana@example.net", until=until.isoformat()))[0] == 200
    product.clock.move(days=1)
    assert await listed(product) == []
    assert (await lift(product, "ana@example.net"))[1]["code"] == "not_found"
    assert (await product.send("ana@example.net"))["state"] == "queued"


async def test_an_address_that_only_an_event_could_name_is_found_and_lifted(product: Product) -> None:
    odd = '"ana b"/c@example.net'
    await product.franked.world.store.suppress([Suppression(odd, Why.HARD_BOUNCE, product.clock())])
    assert [one["address"] for one in await listed(product, f"?address={quote(odd)}")] == [odd]
    assert (await lift(product, odd))[0] == 200


@pytest.mark.parametrize("address", ["a/b@example.net", "+a@example.net", "a%2Fb@example.net", "a?b#c@example.net"])
async def test_an_address_with_signs_of_a_url_is_lifted(product: Product, address: str) -> None:
    assert (await add(product, address))[0] == 201
    status, answer = await lift(product, address)
    assert (status, answer["lifted"]["address"]) == (200, address.casefold())


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_the_list_comes_page_by_page_by_address_and_can_be_narrowed(product: Product) -> None:
    store, now = product.franked.world.store, product.clock()
    names = [f"p{n}@example.net" for n in range(5)]
    kinds = [Why.MANUAL, Why.HARD_BOUNCE, Why.MANUAL, Why.COMPLAINT, Why.MANUAL]
    await store.suppress([Suppression(name, why, now) for name, why in zip(reversed(names), kinds, strict=True)])
    seen: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        _, page = await product.get(f"{LIST}?limit=2&after={quote(after)}", key=product.franked.control_key)
        seen.append([one["address"] for one in page["suppressions"]])
        after = page["next"]
    assert seen == [names[:2], names[2:4], names[4:]]
    assert [one["address"] for one in await listed(product, "?why=complaint")] == ["p1@example.net"]
    assert [one["why"] for one in await listed(product, "?address=P3@example.net")] == ["hard_bounce"]
    assert await listed(product, "?address=nobody@example.net") == []
    assert await listed(product, "?after=zzz%20forged") == []


async def test_the_list_is_the_administrators(product: Product) -> None:  # E4
    asked = [
        ("GET", LIST, None),
        ("GET", f"{LIST}/export", None),
        ("POST", LIST, {"address": "ana@example.net", "reason": "x"}),
        ("POST", f"{LIST}/import", {"source": "x", "addresses": ["ana@example.net"]}),
        ("DELETE", f"{LIST}/ana@example.net?why=x", None),
    ]
    for method, path, body in asked:
        assert (await ask(product, method, path, body, key=product.key))[1]["code"] == "not_allowed", (method, path)
        assert (await ask(product, method, path, body, key="nonsense"))[1]["code"] == "unauthorized", (method, path)
    assert await product.franked.world.store.list_history(0, 10) == []


SHAPES = [
    ({}, "invalid_shape", ""),
    ({"address": "ana@example.net"}, "invalid_shape", ""),
    ({"address": "ana@example.net", "reason": ""}, "invalid_shape", "/reason"),
    ({"address": "ana@example.net", "reason": "  "}, "invalid_shape", "/reason"),
    ({"address": "ana@example.net", "reason": "x" * 201}, "invalid_shape", "/reason"),
    ({"address": 1, "reason": "x"}, "invalid_shape", "/address"),
    ({"address": "ana@example.net", "reason": "x", "why": "complaint"}, "invalid_shape", "/why"),
    ({"address": "ana@example.net", "reason": "x", "until": "soon"}, "invalid_shape", "/until"),
    ({"address": "ana@example.net", "reason": "x", "until": "2099-01-01T00:00:00"}, "invalid_shape", "/until"),
    ({"address": "ana@example.net", "reason": "x", "until": "2001-01-01T00:00:00Z"}, "invalid_until", "/until"),
    ({"address": "a@example.net", "reason": "x", "until": "9999-12-31T23:59:59-12:00"}, "invalid_until", "/until"),
    ({"address": "a@example.net", "reason": "x", "until": "0001-01-01T00:00:00+12:00"}, "invalid_until", "/until"),
    ({"address": "nobody", "reason": "x"}, "invalid_address", "/address"),
    ({"address": "a@b.example, c@d.example", "reason": "x"}, "invalid_address", "/address"),
    ({"address": "a@example.net", "reason": "x\x00"}, "invalid_text", None),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("body", "code", "pointer"), SHAPES)
async def test_an_addition_that_can_not_be_is_refused(
    shared: Product, body: dict[str, Any], code: str, pointer: str | None
) -> None:
    status, problem = await ask(shared, "POST", LIST, body)
    assert (status, problem["code"]) == (422, code)
    assert [error["pointer"] for error in problem.get("errors", [])] == ([] if pointer is None else [pointer])
    assert await shared.franked.world.store.list_history(0, 10) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "?limit=0", 422, "invalid_query"),
        ("GET", "?limit=1001", 422, "invalid_query"),
        ("GET", "?why=boredom", 422, "invalid_query"),
        ("GET", "?after=%00", 422, "invalid_query"),
        ("GET", "?address=%00", 422, "invalid_query"),
        ("GET", "/export?of=all", 422, "invalid_query"),
        ("DELETE", "/ana@example.net", 422, "invalid_query"),
        ("DELETE", "/ana@example.net?why=", 422, "invalid_query"),
        ("DELETE", "/ana@example.net?why=%20", 422, "invalid_query"),
        ("DELETE", "/ana@example.net?why=a%00", 422, "invalid_query"),
        ("DELETE", "/ana@example.net?why=x", 404, "not_found"),
        ("DELETE", "/a%00@example.net?why=x", 404, "not_found"),
        ("DELETE", "/nobody?why=x", 404, "not_found"),
        ("GET", "?after=%FF%ED%A0%80", 422, "invalid_query"),
    ],
)
async def test_a_question_that_can_not_be_is_refused(
    shared: Product, method: str, path: str, status: int, code: str | None
) -> None:
    headers = {"Authorization": f"Bearer {shared.franked.control_key}"}
    url = URL(f"{shared.franked.url}{LIST}{path}", encoded=True)
    async with shared.http.request(method, url, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert (answer.status, told.get("code")) == (status, code)


# --- in bulk ----------------------------------------------------------------------------------------------------------


async def test_an_import_answers_for_each_address_and_says_what_it_did(product: Product) -> None:  # F4
    await add(product, "ben@example.net")
    body = {
        "source": "old system, 3 March",
        "addresses": ["Ana@example.net", "ben@example.net", "nobody", "ana@EXAMPLE.net"],
    }
    status, answer = await ask(product, "POST", f"{LIST}/import", body)
    assert (status, answer["added"], answer["already"], answer["invalid"]) == (200, 1, 2, 1)
    assert [one["result"] for one in answer["results"]] == ["added", "already", "invalid", "already"]
    assert [one["address"] for one in answer["results"]] == body["addresses"]
    assert [bool(one["why"]) for one in answer["results"]] == [False, False, True, False]
    [ana] = await listed(product, "?address=ana@example.net")
    assert (ana["why"], ana["source"]) == ("manual", "import by command line: old system, 3 March")
    again = (await ask(product, "POST", f"{LIST}/import", body))[1]
    assert (again["added"], again["already"]) == (0, 3)
    assert [line["what"] for line in await exported(product, "?of=history")] == ["added", "imported"]


async def test_ten_thousand_are_imported_and_handed_out_whole(product: Product) -> None:  # D4, F4
    addresses = [f"p{n:05}@example.net" for n in range(10_000)]
    _, answer = await ask(product, "POST", f"{LIST}/import", {"source": "old system", "addresses": addresses})
    assert answer["added"] == 10_000
    assert [line["address"] for line in await exported(product)] == addresses
    assert len(await exported(product, "?of=history")) == 10_000


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"addresses": ["ana@example.net"]}, ""),
        ({"source": "", "addresses": ["ana@example.net"]}, "/source"),
        ({"source": " ", "addresses": ["ana@example.net"]}, "/source"),
        ({"source": "x"}, ""),
        ({"source": "x", "addresses": []}, "/addresses"),
        ({"source": "x", "addresses": ["ana@example.net", 7]}, "/addresses/1"),
        ({"source": "x", "addresses": ["a"] * 10_001}, "/addresses"),
        ({"source": "x", "addresses": "ana@example.net"}, "/addresses"),
    ],
    ids=["no source", "empty source", "blank source", "no list", "empty list", "a number", "too many", "a text"],
)
async def test_no_source_no_import(shared: Product, body: dict[str, Any], pointer: str) -> None:  # F4
    status, problem = await ask(shared, "POST", f"{LIST}/import", body)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid_shape", pointer)
    assert await listed(shared) == []


async def test_the_export_is_evidence_that_a_spreadsheet_can_not_run(product: Product) -> None:  # D4
    store, now = product.franked.world.store, product.clock()
    formula = '=cmd|"/c calc"!A1'
    new = [
        Suppression("+ana@example.net", Why.COMPLAINT, now, source=formula),
        Suppression("ben@example.net", Why.SOFT_BOUNCES, now, now + timedelta(days=30), source='a "b", c\nd'),
    ]
    await store.suppress(new)
    await store.lift([Lift("+ana@example.net", "ann", "-1+1")])
    await store.suppress(new[:1], Grounds("@ann", "x"))
    seconds = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    ana, ben = await exported(product)
    assert ana == {
        "address": "'+ana@example.net",
        "type": "complaint",
        "scope": "*",
        "since": seconds,
        "until": "",
        "source": f"'{formula}",
    }
    assert (ben["until"], ben["source"]) == (f"{now + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}", 'a "b", c\nd')
    history = await exported(product, "?of=history")
    assert [line["what"] for line in history] == ["added", "added", "lifted", "added"]
    assert (history[2]["why"], history[3]["by"]) == ("'-1+1", "'@ann")
    headers = {"Authorization": f"Bearer {product.franked.control_key}"}
    async with product.http.get(f"{product.franked.url}{LIST}/export", headers=headers) as answer:
        assert answer.content_type == "text/csv"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="suppressions-standing.csv"'


async def test_no_log_line_holds_an_address(tmp_path: Path) -> None:  # E6
    clock, log = MovableClock(), StringIO()
    async with running(settings_in(tmp_path), Ses.SIMULATED, clock, log) as started, aiohttp.ClientSession() as http:
        product = Product(started, clock, http, started.control_key, tmp_path)
        await add(product, "secretive@example.net")
        await lift(product, "secretive@example.net")
        await ask(product, "POST", f"{LIST}/import", {"source": "x", "addresses": ["secretive@example.net"]})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    told = [line for line in lines if line["event"] in {"suppressed", "lifted", "imported_suppressions"}]
    assert [line["by"] for line in told] == ["command line"] * 3
    assert "secretive" not in log.getvalue()


# --- the command ------------------------------------------------------------------------------------------------------


async def test_the_command_adds_lists_and_lifts(product: Product) -> None:
    empty = await command(product)
    assert (empty.status, empty.out) == (0, "No such address is on the list.\n")
    added = await command(product, "add", "Ana@example.net", "--why", "asked by phone")
    assert (added.status, added.out) == (0, "ana@example.net is not mailed any more\n")
    again = await command(product, "add", "ana@example.net", "--why", "asked again")
    assert again.out == "ana@example.net was on the list already: manual, command line: asked by phone\n"
    await product.franked.world.store.suppress([Suppression("ben@example.net", Why.COMPLAINT, product.clock())])
    shown, complained, ana = await commands(
        product, (), ("--json", "--why", "complaint"), ("--json", "--address", "ana@example.net")
    )
    assert "ana@example.net" in shown.out and "asked by phone" in shown.out
    assert [one["address"] for one in json.loads(complained.out)["suppressions"]] == ["ben@example.net"]
    assert [one["why"] for one in json.loads(ana.out)["suppressions"]] == ["manual"]
    lifted = await command(product, "lift", "ben@example.net", "--why", "he wrote to us")
    assert lifted.status == 0
    assert "ben@example.net may be mailed again" in lifted.out
    assert "takes it off SES's own account-level list too" in lifted.out
    gone = await command(product, "lift", "ben@example.net", "--why", "he wrote to us")
    assert (gone.status, gone.out, "not on the list" in gone.err) == (2, "", True)


async def test_the_command_imports_a_file_and_exports_what_it_can_import_again(product: Product) -> None:  # F4
    plain = product.folder / "plain.txt"
    plain.write_text('\ufeffana@example.net\r\n\n"nobody\n+ben@example.net\n', encoding="utf-8")
    imported = await command(product, "import", str(plain), "--source", "old system")
    assert imported.status == 1
    assert imported.out.splitlines()[0].startswith("line 3: '\"nobody': ")
    assert imported.out.splitlines()[-1] == "2 added, 0 on the list already, 1 invalid"
    sheet = product.folder / "sheet.csv"
    sheet.write_text((await command(product, "export")).out)
    assert sheet.read_text().startswith("address,type,scope,since,until,source\n'+ben@example.net,manual,*,")
    for address in ("ana@example.net", "+ben@example.net"):
        assert (await lift(product, address))[0] == 200
    again = await command(product, "import", str(sheet), "--source", "our own export", "--json")
    assert (again.status, json.loads(again.out)) == (0, {"added": 2, "already": 0, "invalid": 0, "wrong": []})
    history = await command(product, "export", "--history")
    assert [line.split(",")[1] for line in history.out.splitlines()] == [
        "what", "imported", "imported", "lifted", "lifted", "imported", "imported",
    ]  # fmt: skip


async def test_an_export_that_a_full_disk_cuts_short_says_so(product: Product) -> None:
    def export() -> CompletedProcess[str]:
        with Path("/dev/full").open("wb") as full:
            command = [FRANKED, "suppressions", "export"]
            return run(command, cwd=product.folder, stdout=full, stderr=PIPE, text=True, check=False)

    ended = await asyncio.to_thread(export)
    assert (ended.returncode, ended.stderr.partition(":")[0]) == (2, "the export could not be written")


async def test_the_command_asks_for_what_it_needs(product: Product, tmp_path: Path) -> None:
    (empty := tmp_path / "empty.txt").write_text("\n")
    (bytes_ := tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    asked = [
        ("add", "ana@example.net"),
        ("add", "nobody", "--why", "x"),
        ("lift", "ana@example.net"),
        ("import", str(empty)),
        ("import", str(empty), "--source", "x"),
        ("import", str(bytes_), "--source", "x"),
        ("import", str(tmp_path / "none.txt"), "--source", "x"),
        ("--why", "boredom"),
    ]
    for arguments, said in zip(asked, await commands(product, *asked), strict=True):
        assert (said.status, said.out) == (2, ""), arguments
        assert said.err
