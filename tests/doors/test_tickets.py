"""A ticket is told to the one mailbox, its decision once to who submitted it (E3, E9, D2): read in the mail itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from franked import ready
from franked.doors.running import running
from franked.formats.links import Use
from franked.rules.message import State
from franked.settings import read
from franked.wiring import Ses
from tests.product import MovableClock, settings_in
from tests.readymade import WISHED
from tests.running import Product

TICKETS = """
[tickets]
mailbox = "desk@backup.example.com"

[streams.ticket]
kind = "transactional"
purpose = "Tells the support desk of a ticket"
standing = true

[streams.decision]
kind = "transactional"
purpose = "Tells who submitted a ticket what was decided"
from = "Example Backup Support <support@backup.example.com>"

[streams.note]
"""
TEMPLATES = {
    "ticket": ("Ticket: {{ subject }}", '["subject", "text", "account"]', "<p>{{ account }}: {{ text }}</p>"),
    "decision": (
        "{{ subject }}: {{ decision }}",
        '["subject", "decision", "is_approved", "note"]',
        "<p>{% if is_approved %}Yes{% else %}No{% endif %}: {{ decision }}, {{ note }}</p>",
    ),
}
ANY_PORT = "[server]\nport = 0\n[simulator]\nport = 0\nproduction = true\nrate = 100\nquota = 1000\n"
NEW = {
    "kind": "request",
    "subject": "A course",
    "text": "Could there be one?",
    "account": "account-7",
    "address": "ana@example.net",
}
YES = {"decision": "approved", "note": "from May on"}


@asynccontextmanager
async def started(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    clock = MovableClock()
    for name, (subject, variables, html) in TEMPLATES.items():
        place = folder / "mail" / name
        place.mkdir(parents=True)
        (place / "en.html").write_text(f'+++\nsubject = "{subject}"\nvariables = {variables}\n+++\n{html}')
    settings = settings_in(folder, ("\n[streams.note]\n", TICKETS), *changes)
    log = StringIO()
    async with running(settings, Ses.SIMULATED, clock, log) as run, aiohttp.ClientSession() as http:
        yield Product(run, clock, http, run.control_key, folder, log)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Product]:
    async with started(tmp_path / "desk") as product:
        yield product


async def ask(
    desk: Product, path: str, body: object = None, key: str | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    given = {"Authorization": f"Bearer {key or desk.key}"} | headers
    method = "GET" if body is None else "POST"
    async with desk.http.request(method, desk.franked.url + path, json=body, headers=given) as answer:
        return answer.status, await answer.json()


async def opened(desk: Product, **more: str) -> dict[str, Any]:
    status, ticket = await ask(desk, "/v1/tickets", NEW | more)
    assert status == 201, ticket
    return ticket


async def decided(desk: Product, ticket: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    status, told = await ask(desk, f"/v1/tickets/{ticket['id']}/decision", YES, key)
    assert status == 200, told
    return told


async def arrived(desk: Product, message: str) -> EmailMessage:
    await desk.until(message, State.DELIVERED)
    [taken] = [mail for mail in desk.simulator.taken() if mail.tags["franked-message"] == message]
    async with desk.http.get(f"{desk.simulator.url}/mail/{taken.ses_id}/raw") as raw:
        return message_from_bytes(await raw.read(), policy=default)


async def test_a_ticket_is_told_to_the_one_mailbox(desk: Product) -> None:  # D2, E9
    ticket = await opened(desk)
    assert (ticket["notice"]["state"], ticket["decision"], ticket["mail"]) == ("queued", None, None)
    notice = await arrived(desk, ticket["notice"]["id"])
    assert (notice["To"], notice["Subject"]) == ("desk@backup.example.com", "Ticket: A course")
    assert {mail.recipient for mail in desk.simulator.taken()} == {"desk@backup.example.com"}


async def test_the_decision_is_mailed_once_in_the_first_mails_thread(desk: Product) -> None:  # E3
    ticket = await opened(desk)
    first = await arrived(desk, ticket["notice"]["id"])
    told = await decided(desk, ticket)
    mail = await arrived(desk, told["mail"]["id"])
    assert (mail["To"], mail["Subject"]) == ("ana@example.net", "A course: approved")
    assert str(mail["From"]).endswith("<support@backup.example.com>")  # E4: from its own identity
    ses_id = (await desk.story(ticket["notice"]["id"])).ses_id
    assert first["Message-ID"] == mail["In-Reply-To"] == mail["References"]
    assert mail["In-Reply-To"] == f"<{ses_id}@eu-central-1.amazonses.com>"
    again = await asyncio.gather(*(decided(desk, ticket) for _ in range(10)))
    assert {one["mail"]["id"] for one in again} == {told["mail"]["id"]}
    assert [one.recipient for one in desk.simulator.taken()].count("ana@example.net") == 1


async def test_ten_who_decide_at_once_send_one_mail(desk: Product) -> None:  # E3
    ticket = await opened(desk)
    keys = [(await ask(desk, "/v1/keys", {"name": f"desk {n}"}))[1]["key"] for n in range(2)]
    told = await asyncio.gather(*(decided(desk, ticket, keys[n % 2]) for n in range(10)))
    assert len({one["mail"]["id"] for one in told}) == 1
    assert len({(one["decision"]["by"], one["decision"]["note"]) for one in told}) == 1
    await arrived(desk, told[0]["mail"]["id"])
    assert [one.recipient for one in desk.simulator.taken()].count("ana@example.net") == 1


async def test_the_first_decision_stands(desk: Product) -> None:  # E3
    ticket = await opened(desk)
    await decided(desk, ticket)
    status, problem = await ask(desk, f"/v1/tickets/{ticket['id']}/decision", {"decision": "declined"})
    assert (status, problem["code"]) == (409, "already_decided")
    _, found = await ask(desk, f"/v1/tickets/{ticket['id']}")
    assert (found["decision"]["decision"], found["decision"]["note"]) == ("approved", "from May on")


async def test_its_mails_bear_the_ids_of_the_requests_that_asked_for_them(desk: Product) -> None:  # E6
    status, ticket = await ask(desk, "/v1/tickets", NEW, **{"X-Request-Id": "form-7"})
    assert status == 201
    _, told = await ask(desk, f"/v1/tickets/{ticket['id']}/decision", YES, **{"X-Request-Id": "press-8"})
    for mail, request in ((ticket["notice"]["id"], "form-7"), (told["mail"]["id"], "press-8")):
        assert (await desk.story(mail)).request_id == request
        assert [line["message"] for line in desk.logged("accepted") if line["request"] == request] == [mail]


async def test_the_same_request_is_one_ticket_and_one_notice(desk: Product) -> None:
    answers = [await ask(desk, "/v1/tickets", NEW, **{"Idempotency-Key": "form-1"}) for _ in range(3)]
    assert len({(status, ticket["id"], ticket["notice"]["id"]) for status, ticket in answers}) == 1
    status, problem = await ask(desk, "/v1/tickets", NEW | {"text": "Another"}, **{"Idempotency-Key": "form-1"})
    assert (status, problem["code"]) == (409, "idempotency_conflict")
    assert (await opened(desk))["id"] != answers[0][1]["id"]


async def test_nobody_else_is_mailed_on_the_stream_of_tickets(desk: Product) -> None:  # E9
    trigger = {"act": "trying", "by": "me", "at": desk.clock().isoformat()}
    variables = {"subject": "x", "text": "y", "account": "z"}
    for to, status in (("ana@example.net", 403), ("Desk@backup.example.com", 202)):
        draft = {"stream": "ticket", "to": to, "variables": variables, "trigger": trigger}
        answer = await desk.post(draft)
        assert answer[0] == status, answer


async def test_an_address_that_bounced_hears_of_no_decision(desk: Product) -> None:
    ticket = await opened(desk, address="bounce+1@simulator.amazonses.com")
    bounced = await desk.send("bounce+1@simulator.amazonses.com")
    await desk.until(bounced["id"], State.BOUNCED)
    assert (await decided(desk, ticket))["mail"]["reason"] == "suppressed"


async def test_a_key_needs_both_streams(desk: Product) -> None:  # E4
    _, made = await ask(desk, "/v1/keys", {"name": "codes", "streams": ["sign-in-code", "ticket"]})
    for path, body in (("/v1/tickets", NEW), ("/v1/tickets/t_1", None), ("/v1/tickets/t_1/decision", YES)):
        assert (await ask(desk, path, body, made["key"]))[1]["code"] == "not_allowed"


async def test_who_is_no_address_and_what_is_no_ticket(desk: Product) -> None:
    assert (await ask(desk, "/v1/tickets", NEW | {"address": "nobody"}))[1]["code"] == "invalid_address"
    assert (await ask(desk, "/v1/tickets/t_1"))[1]["code"] == "not_found"
    assert (await ask(desk, "/v1/tickets/t_1/decision", YES))[1]["code"] == "not_found"
    assert (await ask(desk, "/v1/tickets/t_1/decision", {"decision": "maybe"}))[1]["code"] == "invalid_shape"


@pytest.mark.parametrize("locale", ready.LANGUAGES)
async def test_the_ready_mails_ask_for_what_a_ticket_knows(tmp_path: Path, locale: str) -> None:
    for path, text in ready.written(WISHED).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    with (tmp_path / "franked.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[tickets]\nmailbox = "desk@example.com"\n{ANY_PORT}')
    clock = MovableClock()
    async with (
        running(read(tmp_path / "franked.toml", {}), Ses.SIMULATED, clock) as run,
        aiohttp.ClientSession() as http,
    ):
        desk = Product(run, clock, http, run.control_key, tmp_path)
        ticket = await opened(desk, locale=locale)
        notice = await arrived(desk, ticket["notice"]["id"])
        mail = await arrived(desk, (await decided(desk, ticket))["mail"]["id"])
    assert "A course" in notice["Subject"]
    words = mail.get_body(("plain",))
    assert words is not None
    assert ("A course" in words.get_content(), "from May on" in words.get_content()) == (True, True)


async def test_without_a_mailbox_there_are_no_tickets(product: Product) -> None:
    assert (await ask(product, "/v1/tickets", NEW))[1]["code"] == "no_tickets"


async def test_a_readers_preferences_do_not_list_what_goes_to_the_mailbox_only(desk: Product) -> None:
    link = desk.franked.world.links.to(Use.PREFERENCES, "ana@example.net")
    _, page = await desk.get(link.removeprefix(desk.franked.url))
    always = str(page).partition("This comes in any case")[2]
    assert "Tells who submitted a ticket what was decided" in always
    assert "Tells the support desk of a ticket" not in always
