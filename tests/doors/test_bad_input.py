"""Bad input gets a clear answer: the problem's code, a pointer to the field, a sentence; and nothing is stored."""

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from franked.doors.http.problems import MEANINGS
from tests.running import Product
from tests.states import states_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = {"subject": "About your question", "text": "Here is more."}
FILE = {"name": "invoice.pdf", "content": base64.b64encode(b"%PDF-1.7").decode()}
ACT = {"act": "purchase", "by": "account-1", "at": "2026-03-04T10:15:00Z"}

Row = tuple[dict[str, Any], str, str, str]  # what is changed, the problem's code, its pointer, its sentence

SHAPES: list[Row] = [  # the first wrong field is named
    ({"to": 5}, "invalid_shape", "/to", "Expected `str`, got `int`"),
    ({"to": None}, "invalid_shape", "/to", "Expected `str`, got `null`"),
    ({"to": ["ana@example.net"]}, "invalid_shape", "/to", "got `array`"),
    ({"to": "a" * 1001}, "invalid_shape", "/to", "length <= 1000"),
    ({"stream": ""}, "invalid_shape", "/stream", "length >= 1"),
    ({"stream": 7}, "invalid_shape", "/stream", "Expected `str`"),
    ({"surprise": 1}, "invalid_shape", "/surprise", "unknown field `surprise`"),
    ({"TO": "ana@example.net"}, "invalid_shape", "/TO", "unknown field `TO`"),
    ({"variables": []}, "invalid_shape", "/variables", "Expected `object`"),
    ({"locale": "not a locale"}, "invalid_shape", "/locale", "matching regex"),
    ({"locale": "de\r\nBcc: bo@example.net"}, "invalid_shape", "/locale", "matching regex"),
    ({"trigger": "sign-up"}, "invalid_shape", "/trigger", "Expected `object \\| null`"),
    ({"trigger": {"act": "a", "by": "b"}}, "invalid_shape", "/trigger", "missing required field `at`"),
    ({"trigger": ACT | {"at": "2026-01-01T00:00:00"}}, "invalid_shape", "/trigger/at", "timezone"),
    ({"trigger": ACT | {"at": "yesterday"}}, "invalid_shape", "/trigger/at", "Invalid RFC3339"),
    ({"trigger": ACT | {"why": "x"}}, "invalid_shape", "/trigger/why", "unknown field `why`"),
    ({"trigger": ACT | {"act": ""}}, "invalid_shape", "/trigger/act", "length >= 1"),
    ({"from": 3}, "invalid_shape", "/from", "Expected `str"),
    ({"attachments": [FILE, "x"]}, "invalid_shape", "/attachments/1", "Expected `object`"),
    ({"attachments": [FILE | {"content": "no base64!"}]}, "invalid_shape", "/attachments/0/content", "base64"),
    ({"send_at": "2026-11-30T10:00:00"}, "invalid_shape", "/send_at", "timezone"),
]

RULES: list[Row] = [
    ({"to": "ana"}, "invalid_address", "/to", "@-sign"),
    ({"to": ""}, "invalid_address", "/to", "@-sign"),
    ({"to": "ana@example.net, bo@example.net"}, "invalid_address", "/to", "."),
    ({"to": "ana@example.net bo@example.net"}, "invalid_address", "/to", "."),
    ({"to": "Ana <ana@example.net>"}, "invalid_address", "/to", "."),
    ({"to": '"a b"@example.net'}, "invalid_address", "/to", "[Qq]uot"),
    ({"to": "ana(home)@example.net"}, "invalid_address", "/to", "invalid characters"),
    ({"to": "ünal@example.net"}, "invalid_address", "/to", "internationalized|[Aa]scii|characters"),
    ({"to": "ana@example.net."}, "invalid_address", "/to", "period"),
    ({"to": "ana@[127.0.0.1]"}, "invalid_address", "/to", "bracket|domain literal|IP"),
    ({"to": f"{'a' * 65}@example.net"}, "invalid_address", "/to", "too long"),
    ({"to": f"{'a' * 300}@example.net"}, "invalid_address", "/to", "at most 254 characters"),
    ({"to": "ana@example.net\r\nBcc: bo@example.net"}, "invalid_address", "/to", "."),
    ({"to": "ana@example.test"}, "invalid_address", "/to", "special-use|reserved"),
    ({"stream": "recipt"}, "unknown_stream", "/stream", "this key may use: digest, note, receipt, sign-in-code"),
    ({"variables": {}}, "invalid_variables", "/variables/number", "needs the variable 'number'"),
    ({"variables": {"number": 1, "a/b~c": 2}}, "invalid_variables", "/variables/a~1b~0c", "has no variable 'a/b~c'"),
    ({"variables": {"number": "x" * 262_144}}, "invalid_variables", "/variables", "at most 262,144"),
    ({"trigger": None}, "missing_trigger", "/trigger", "which act of a person"),
    ({"from": "nobody"}, "invalid_sender", "/from", "@-sign"),
    ({"from": "Eve\r\nBcc: x <eve@example.net>"}, "invalid_sender", "/from", "no line breaks"),
    ({"from": "Eve\n <eve@example.net>"}, "invalid_sender", "/from", "no line breaks"),
    ({"from": "boss@backup.example.com"}, "not_allowed", "/from", "is not a sender of the stream 'receipt'"),
    ({"content": WORDS}, "content_not_allowed", "/content", "written by its template"),
    ({"send_at": "2020-01-01T00:00:00Z"}, "invalid_send_at", "/send_at", "it is over"),
    ({"send_at": "2999-01-01T00:00:00Z"}, "invalid_send_at", "/send_at", "366 days"),
    ({"send_at": "9999-12-31T23:59:59-23:59"}, "invalid_send_at", "/send_at", "366 days"),
    ({"send_at": "0001-01-01T00:00:00+23:59"}, "invalid_send_at", "/send_at", "it is over"),
    ({"attachments": [FILE | {"name": "run.exe"}]}, "invalid_attachment", "/attachments/0/name", "SES takes no .exe"),
    ({"attachments": [FILE | {"name": "a.pdf\r\nX: y"}]}, "invalid_attachment", "/attachments/0/name", "printable"),
    ({"attachments": [FILE | {"name": "../a.pdf"}]}, "invalid_attachment", "/attachments/0/name", "without its folder"),
    ({"attachments": [FILE | {"name": "invoice"}]}, "invalid_attachment", "/attachments/0/name", "has no ending"),
    (
        {"attachments": [FILE | {"media_type": "a/b\r\nX: y"}]},
        "invalid_attachment",
        "/attachments/0/media_type",
        "a media type",
    ),
    ({"attachments": [FILE | {"name": "a.png"}]}, "invalid_attachment", "/attachments/0/content", "begins otherwise"),
    ({"attachments": [FILE | {"content": ""}]}, "invalid_attachment", "/attachments/0/content", "empty"),
    ({"attachments": [FILE] * 21}, "invalid_attachment", "/attachments", "at most 20"),
]

OWN_WORDS: list[Row] = [
    ({"content": WORDS | {"subject": "a\r\nBcc: x"}}, "invalid_content", "/content/subject", "one line"),
    ({"content": WORDS | {"subject": " "}}, "invalid_content", "/content/subject", "one line"),
    ({"content": WORDS | {"subject": "a" * 501}}, "invalid_content", "/content/subject", "at most 500"),
    ({"content": {"subject": "a"}}, "invalid_content", "/content/text", "a text or an html part"),
    ({"content": WORDS | {"html": "a" * 500_001}}, "invalid_content", "/content/html", "at most 500,000"),
    ({"content": WORDS | {"body": "a"}}, "invalid_shape", "/content/body", "unknown field `body`"),
    ({"content": None}, "missing_content", "/content", "brings its own"),
    ({"variables": {"number": 1}}, "invalid_variables", "/variables", "has no template"),
]

BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "invalid_shape"),
    "cut": (b'{"stream": "receipt", "to": "ana@exa', "invalid_json"),
    "trailing": (b"{} {}", "invalid_json"),
    "no UTF-8": (b'{"to": "\xff"}', "invalid_json"),
    "array": (b"[]", "invalid_shape"),
    "null": (b"null", "invalid_shape"),
    "U+0000": (b'{"stream": "receipt", "to": "a\\u0000@example.net"}', "invalid_text"),
    "NUL byte": (b'{"stream": "receipt\x00"}', "invalid_text"),
    "deep": (b'{"variables": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "invalid_json"),
    "lone surrogate": (b'{"stream": "\\ud800", "to": "a"}', "invalid_json"),
    "large": (b" " * 10_000_001, "too_large"),
}


async def refused(product: Product, draft: dict[str, Any], row: Row) -> None:
    fields, code, pointer, sentence = row
    before = await states_in(product.franked.world.store)
    status, problem = await product.post(draft | fields)
    assert (status, problem["code"], problem["type"]) == (MEANINGS[code].status, code, f"/problems/{code}"), problem
    [first, *_] = [one for one in problem["errors"] if one["pointer"] == pointer]
    assert first["code"] == code
    assert re.search(sentence, first["detail"]), first["detail"]
    assert problem["detail"].endswith(MEANINGS[code].way_out)
    assert await states_in(product.franked.world.store) == before


@pytest.mark.parametrize("row", [*SHAPES, *RULES], ids=lambda row: f"{row[2]} {row[3]}")
async def test_what_is_wrong_is_named_with_its_field_and_stores_nothing(shared: Product, row: Row) -> None:
    await refused(shared, shared.draft("ana@example.net"), row)


@pytest.mark.parametrize("row", OWN_WORDS, ids=lambda row: f"{row[2]} {row[3]}")
async def test_of_own_words_too(shared: Product, row: Row) -> None:
    await refused(shared, shared.draft("ana@example.net", "note", content=WORDS), row)


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_no_message_gets_a_problem(shared: Product, name: str) -> None:
    body, code = BODIES[name]
    status, problem = await sent(shared, body)
    assert (status, problem["code"]) == (MEANINGS[code].status, code), problem


async def sent(product: Product, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    told = {"Authorization": f"Bearer {product.key}", "Content-Type": "application/json"} | headers
    async with product.http.post(f"{product.franked.url}/v1/messages", data=body, headers=told) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json(content_type=None)


async def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(shared: Product) -> None:
    """One that does not say its size, and would never end."""
    written = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal written
        while True:
            written += 100_000
            yield b" " * 100_000

    async with asyncio.timeout(20):
        try:
            status, problem = await sent(shared, endless())
            assert (status, problem["code"]) == (413, "too_large")
        except (ConnectionError, OSError):  # the door hung up on it
            assert written > 0
    assert written < 30_000_000


async def test_another_content_type_is_refused(shared: Product) -> None:
    status, problem = await sent(shared, b"to=ana@example.net", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (status, problem["code"]) in {(415, "unsupported_media_type"), (400, "invalid_json")}


async def test_a_template_that_is_gone_is_named(shared: Product) -> None:
    shutil.rmtree(shared.folder / "mail" / "digest")
    await shared.franked.wired.templates.refresh()
    row = {"stream": "digest"}, "unknown_template", "/stream", "template 'digest' does not exist"
    await refused(shared, shared.draft("ana@example.net"), row)


# --- idempotency keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "x" * 257, "a\tb"])
async def test_an_idempotency_key_that_cannot_be_used_is_refused(shared: Product, key: str) -> None:
    status, problem = await shared.post(shared.draft("ana@example.net"), **{"Idempotency-Key": key})
    assert (status, problem["code"]) == (422, "invalid_idempotency_key")
    assert "1 to 256 printable characters" in problem["detail"]


async def test_an_idempotency_key_of_another_mail_is_a_conflict_that_names_the_first(shared: Product) -> None:
    used = {"Idempotency-Key": "order-1042"}
    first = await shared.post(shared.draft("ana@example.net"), **used)
    status, problem = await shared.post(shared.draft("bo@example.net"), **used)
    assert (first[0], status, problem["code"]) == (202, 409, "idempotency_conflict")
    assert first[1]["id"] in problem["detail"]


async def test_an_idempotency_key_used_many_times_at_once_makes_one_message(shared: Product) -> None:
    draft, used = shared.draft("cy@example.net"), {"Idempotency-Key": "order-1043"}
    same = await asyncio.gather(*(shared.post(draft, **used) for _ in range(40)))
    assert ({status for status, _ in same}, len({answer["id"] for _, answer in same})) == ({202}, 1)
    drafts = [shared.draft(f"reader{n}@example.net") for n in range(40)]
    mixed = await asyncio.gather(*(shared.post(one, **{"Idempotency-Key": "order-1044"}) for one in drafts))
    assert sorted(status for status, _ in mixed) == [202] + [409] * 39


# --- keys and cursors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["fk_aaaaaaaa_" + "b" * 32, "fk_x", "", "fk_" + "a" * 5000])
async def test_a_wrong_key_is_told_nothing_else(shared: Product, key: str) -> None:
    for body in (shared.draft("ana@example.net"), {"to": 5}):
        headers = {"Authorization": f"Bearer {key}"}
        async with shared.http.post(f"{shared.franked.url}/v1/messages", json=body, headers=headers) as answer:
            told = await answer.json()
            assert (answer.status, told["code"], told.get("errors")) == (401, "unauthorized", None)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/messages?after=m_1", "after"),
        ("/v1/messages?after=%27%3B--", "after"),
        ("/v1/messages?limit=0", "limit"),
        ("/v1/messages?limit=201", "limit"),
        ("/v1/messages?limit=ten", "limit"),
        ("/v1/messages?state=lost", "state"),
        ("/v1/messages?since=yesterday", "since"),
        ("/v1/messages?steam=receipt", "steam"),
        ("/v1/messages?to=nobody", "to"),
        ("/v1/messages?stream=a&stream=b", "stream"),
        ("/v1/dead?after=%27%3B--", "after"),
        ("/v1/dead?stop=never", "stop"),
        ("/v1/dead?limit=-1", "limit"),
        ("/v1/suppressions?after=x", "after"),
        ("/v1/suppressions?limit=1001", "limit"),
        ("/v1/suppressions?why=because", "why"),
        ("/v1/suppressions/export?of=all", "of"),
    ],
)
async def test_a_query_that_can_not_be_answered_names_its_parameter(shared: Product, path: str, parameter: str) -> None:
    status, problem = await shared.get(path, key=shared.franked.control_key)
    assert (status, problem["code"]) == (422, "invalid_query"), problem
    assert f"`{parameter}`" in problem["detail"]


@pytest.mark.parametrize("path", ["/v1/messages/m_%00", "/v1/people/a%00@example.net", "/v1/messages/%00/replay"])
async def test_a_path_that_holds_u0000_leads_nowhere(shared: Product, path: str) -> None:
    method = "POST" if path.endswith("replay") else "GET"
    headers = {"Authorization": f"Bearer {shared.franked.control_key}"}
    url = URL(shared.franked.url + path, encoded=True)
    async with shared.http.request(method, url, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "not_found")


async def test_an_act_in_the_time_to_come_is_none(shared: Product) -> None:
    late = (shared.clock() + timedelta(hours=1)).isoformat()
    answer = await shared.send("ana@example.net", trigger=ACT | {"at": late})
    assert (answer["state"], answer["reason"]) == ("dropped", "stale_trigger")
