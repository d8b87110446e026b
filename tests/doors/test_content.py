"""What a draft may bring besides variables: its own words, attachments, a time."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from franked.rules.message import State
from tests.running import Product
from tests.states import states_in

PDF = b"%PDF-1.7\n" + bytes(range(256))
INVOICE = {"name": "invoice-1042.pdf", "content": base64.b64encode(PDF).decode()}
WORDS = {"subject": "About your question", "html": "<p>Here is <b>more</b>.</p>"}


async def stored(product: Product) -> int:
    return sum((await states_in(product.franked.world.store)).values())


async def test_a_mail_in_ones_own_words_goes_with_its_attachment(product: Product) -> None:  # D1, E3
    sent = await product.send("ana@example.net", "note", content=WORDS, attachments=[INVOICE])
    story = await product.until(sent["id"], State.DELIVERED)
    assert story.ses_id is not None
    letter = product.simulator.read(story.ses_id)
    assert letter is not None
    assert dict(letter.headers)["Subject"] == "About your question"
    assert (letter.html or "").strip() == WORDS["html"]
    assert "Here is more." in (letter.text or "")  # made of the html
    assert letter.attachments == (("invoice-1042.pdf", "application/pdf", len(PDF)),)
    status, told = await product.get(f"/v1/messages/{sent['id']}")
    assert (status, told["template"], told["template_version"]) == (200, None, None)


async def test_own_words_need_a_stream_that_takes_them_and_the_other_way_round(product: Product) -> None:
    status, problem = await product.post(product.draft("ana@example.net", content=WORDS))
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "content_not_allowed", "/content")
    status, problem = await product.post(product.draft("ana@example.net", "note"))
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "missing_content", "/content")
    given = product.draft("ana@example.net", "note", content=WORDS, variables={"number": "1"})
    status, problem = await product.post(given)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid_variables", "/variables")
    assert await stored(product) == 0


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"content": WORDS | {"subject": "a\r\nBcc: x"}}, "invalid_content", "/content/subject"),
        ({"content": {"subject": "a"}}, "invalid_content", "/content/text"),
        ({"attachments": [INVOICE | {"name": "run.exe"}]}, "invalid_attachment", "/attachments/0/name"),
        ({"attachments": [INVOICE, INVOICE | {"content": ""}]}, "invalid_attachment", "/attachments/1/content"),
        (
            {"attachments": [INVOICE, INVOICE | {"content": "TVqQAAMAAAAEAAAA"}]},  # a program for Windows
            "invalid_attachment",
            "/attachments/1/content",
        ),
        ({"attachments": [INVOICE | {"media_type": "image/png"}]}, "invalid_attachment", "/attachments/0/content"),
        ({"attachments": [INVOICE | {"content": "no base64!"}]}, "invalid_shape", "/attachments/0/content"),
        ({"attachments": [INVOICE | {"inline": True}]}, "invalid_shape", "/attachments/0/inline"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "invalid_send_at", "/send_at"),
        ({"send_at": "2999-01-01T00:00:00Z"}, "invalid_send_at", "/send_at"),
        ({"send_at": "2026-11-30T10:00:00"}, "invalid_shape", "/send_at"),
    ],
)
async def test_what_can_not_go_names_its_field(
    product: Product, fields: dict[str, Any], code: str, pointer: str
) -> None:
    status, problem = await product.post(product.draft("ana@example.net", "note", content=WORDS) | fields)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, code, pointer)
    assert await stored(product) == 0


async def test_all_that_the_rules_object_to_is_said_at_once(product: Product) -> None:
    draft = product.draft(
        "nobody",
        variables={"colour": 1},
        trigger=None,
        send_at="2020-01-01T00:00:00Z",
        attachments=[INVOICE | {"name": "a"}],
    )
    status, problem = await product.post(draft | {"from": "x"})
    assert (status, problem["code"]) == (422, "invalid_address")
    assert [(one["code"], one["pointer"]) for one in problem["errors"]] == [
        ("invalid_address", "/to"),
        ("missing_trigger", "/trigger"),
        ("invalid_sender", "/from"),
        ("invalid_variables", "/variables/number"),
        ("invalid_variables", "/variables/colour"),
        ("invalid_attachment", "/attachments/0/name"),
        ("invalid_send_at", "/send_at"),
    ]


async def test_what_a_key_may_not_do_is_all_that_it_is_told(product: Product) -> None:  # E4
    status, problem = await product.post(product.draft("nobody", variables={}) | {"from": "boss@backup.example.com"})
    assert (status, [one["pointer"] for one in problem["errors"]]) == (403, ["/from"])


async def test_a_scheduled_mail_goes_at_its_time_and_is_useful_from_then(product: Product) -> None:
    at = product.clock() + timedelta(hours=100)  # longer than `useful_for`
    sent = await product.send("ana@example.net", send_at=at.isoformat())
    assert sent["state"] == "queued"
    _, told = await product.get(f"/v1/messages/{sent['id']}")
    assert told["due_at"][:19] == at.isoformat()[:19]
    prompt = await product.send("bo@example.net")
    await product.until(prompt["id"], State.DELIVERED)
    assert (await product.story(sent["id"])).state is State.QUEUED
    product.clock.move(hours=101)
    product.franked.world.bell.ring()
    await product.until(sent["id"], State.DELIVERED)


async def test_a_scheduled_mail_is_judged_again_at_its_time(product: Product) -> None:  # B6
    at = product.clock() + timedelta(hours=1)
    sent = await product.send("bounce@simulator.amazonses.com", send_at=at.isoformat())
    other = await product.send("bounce@simulator.amazonses.com")
    await product.until(other["id"], State.BOUNCED)
    product.clock.move(hours=1)
    product.franked.world.bell.ring()
    assert (await product.until(sent["id"])).reason == "suppressed"


async def test_an_idempotency_key_stands_for_words_attachments_and_time_too(product: Product) -> None:
    draft = product.draft("ana@example.net", "note", content=WORDS, attachments=[INVOICE])
    at = (product.clock() + timedelta(hours=1)).isoformat()
    answers = [
        await product.post(one, **{"Idempotency-Key": "note-1"})
        for one in (
            draft,
            draft,
            draft | {"content": WORDS | {"subject": "Other"}},
            draft | {"attachments": []},
            draft | {"send_at": at},
        )
    ]
    assert [status for status, _ in answers] == [202, 202, 409, 409, 409]
    assert answers[0][1]["id"] == answers[1][1]["id"]


async def test_an_attachment_and_own_words_are_forgotten_when_the_mail_has_ended(product: Product) -> None:
    sent = await product.send("ana@example.net", "note", content=WORDS, attachments=[INVOICE])
    await product.until(sent["id"], State.DELIVERED)
    for kept in (product.folder / ".franked").glob("franked.db*"):
        assert b"About your question" not in kept.read_bytes()  # sealed while it waits
    story = await product.story(sent["id"])
    assert story.variables is None
