"""The directory of activities, the whole way: sign-in by a code, tickets, decisions, each from its own sender."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from examples.activities.outgoing import SIGN_IN
from tests.activities import NO, STAFF, SUPPORT, YES, Directory, code_in, draft, opened, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def directory(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Directory]:
    async with opened(tmp_path_factory.mktemp("activities")) as started:
        yield started


# --- E1: sign-in by a code --------------------------------------------------------------------------------------------


async def test_e1_a_code_signs_in_once_and_only_the_browser_that_asked_for_it(directory: Directory) -> None:
    async with directory.person() as ana, directory.person() as eve:
        await ana.open("/join", {"name": "Ana Muster", "email": "ana.e1@example.net"})
        [mail] = await directory.mails_to("ana.e1@example.net", 1)
        code = code_in(mail)
        await eve.open("/join", {"name": "Eve", "email": "eve.e1@example.net"})
        assert "not the code" in await eve.open("/code", {"code": code}, status=422)
        assert "not the code" in await ana.open("/code", {"code": f"{(int(code) + 1) % 10**6:06}"}, status=422)
        assert "Hello Ana Muster" in await ana.open("/code", {"code": f" {code[:3]} {code[3:]} "})
        assert "ask for a new code" in await ana.open("/code", {"code": code}, status=422)
        assert "Hello" not in await eve.open("/tickets")


async def test_e1_nothing_is_mailed_before_somebody_asks_and_to_nobody_who_is_unknown(directory: Directory) -> None:
    before = len(directory.recipients())
    async with directory.person() as stranger:
        for path in ("/", "/sign-in", "/tickets", "/?topic=sport"):
            await stranger.open(path)
        unknown = await stranger.open("/sign-in", {"email": "nobody@example.org"})
        await directory.settled()
        assert len(directory.recipients()) == before
        await stranger.sign_in("known.e1@example.net")
        await stranger.open("/sign-out", {})
        directory.clock.move(minutes=5)
        assert await stranger.open("/sign-in", {"email": "known.e1@example.net"}) == unknown
    assert len(await directory.mails_to("known.e1@example.net", 2)) == 2


async def test_e1_a_code_ends_after_ten_minutes(directory: Directory) -> None:
    async with directory.person() as late:
        await late.open("/join", {"name": "Late", "email": "late.e1@example.net"})
        [mail] = await directory.mails_to("late.e1@example.net", 1)
        directory.clock.move(minutes=11)
        await late.open("/code", {"code": code_in(mail)}, status=422)


async def test_e1_a_session_is_a_signed_cookie_that_no_script_reads_and_ends_with_its_row(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("cookie.e1@example.net")
        [kept] = list(ana.http.cookie_jar)
        assert (kept["httponly"], kept["samesite"], kept["path"], kept["max-age"]) == (True, "lax", "/", "604800")
        token, _, signature = kept.value.partition(".")
        forged = {
            "none": "",
            "other": f"{token[:-1]}x.{signature}",
            "unsigned": token,
            "half": f"{token}.{signature[:9]}",
        }
        for cookie in forged.values():
            assert "Hello" not in await _with_cookie(directory, cookie)
        assert "Hello Ana Muster" in await _with_cookie(directory, kept.value)
        await ana.open("/sign-out", {})
        assert "Hello" not in await _with_cookie(directory, kept.value)


async def _with_cookie(directory: Directory, value: str) -> str:
    headers = {"Cookie": f"session={value}"}
    async with directory.http.get(f"{directory.url}/tickets", headers=headers) as said:
        return await said.text()


# --- E3: the decision -------------------------------------------------------------------------------------------------


async def test_e3_the_decision_is_mailed_once_in_the_tickets_thread_however_often_it_is_pressed(
    directory: Directory,
) -> None:
    async with directory.person() as ana:
        await ana.sign_in("ana.e3@example.net")
        number = await ana.submit("A pottery course")
        told = [mail for mail in await directory.mails_to(SUPPORT, 1) if "A pottery course" in mail["Subject"]]
        presses = [directory.staff({"ticket": number} | YES) for _ in range(5)]
        assert all("Decided." in page for page in await asyncio.gather(*presses))
        assert "It was approved already" in await directory.staff({"ticket": number} | NO, status=422)
        await directory.settled()
        _, *decisions = await directory.mails_to("ana.e3@example.net")
        [mail], [notice] = decisions, told
        assert mail["Subject"] == "Your request: approved – Activities"
        assert "“A pottery course”. We have approved it." in text_of(mail)
        assert "From May on." in text_of(mail)
        assert mail["In-Reply-To"] == mail["References"] == notice["Message-ID"]
        assert "approved: From May on." in await ana.open("/tickets")


async def test_e3_a_ticket_that_was_declined_says_so(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("no.e3@example.net")
        number = await ana.submit("A second pool", kind="suggestion")
        await directory.staff({"ticket": number} | NO)
        mail = (await directory.mails_to("no.e3@example.net", 2))[-1]
        assert mail["Subject"] == "Your suggestion: declined – Activities"
        assert "declined it" in text_of(mail)


@pytest.mark.asyncio(loop_scope="function")
async def test_e3_what_was_decided_while_franked_was_away_is_mailed_once_when_it_is_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as directory, directory.person() as ana:
        await ana.sign_in("away.e3@example.net")
        await directory.stop_franked()
        number = await ana.submit("A late ticket")
        assert "as soon as it can be handed over" in await directory.staff({"ticket": number} | YES)
        await directory.start_franked()
        _, mail = await directory.mails_to("away.e3@example.net", 2, within=15)
        assert "A late ticket" in text_of(mail)
        await asyncio.sleep(0.5)  # some more rounds
        await directory.settled()
        assert sorted(directory.recipients()) == ["away.e3@example.net", "away.e3@example.net", SUPPORT]


# --- E4: two senders, two keys ----------------------------------------------------------------------------------------


async def test_e4_codes_come_from_one_sender_tickets_and_decisions_from_another(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("ana.e4@example.net")
        number = await ana.submit("Two senders")
        await directory.staff({"ticket": number} | YES)
        code, decision = await directory.mails_to("ana.e4@example.net", 2)
        notice = next(mail for mail in await directory.mails_to(SUPPORT, 1) if "Two senders" in mail["Subject"])
        assert code["From"] == "Activities sign-in <sign-in@activities.example.com>"
        assert decision["From"] == notice["From"] == "Activities tickets <tickets@activities.example.com>"
        assert decision["Reply-To"] == f"Activities support <{SUPPORT}>"


async def test_e4_a_key_that_tries_the_others_streams_or_sender_is_refused(directory: Directory) -> None:
    at = directory.clock().isoformat()
    before = await directory.franked.world.store.count_waiting()
    code = {"stream": SIGN_IN, "to": "ana@example.net", "account": "account-1"}
    guess = {"stream": SIGN_IN, "id": "c_1", "code": "123456"}
    ticket = {"kind": "request", "subject": "x", "text": "y", "account": "a", "address": "ana@example.net"}
    decision = {"kind": "request", "subject": "x", "decision": "approved", "is_approved": True}
    others: Mapping[str, Sequence[tuple[str, str, object]]] = {
        "tickets": [
            ("POST", "/v1/codes", code),
            ("POST", "/v1/codes/verify", guess),
            ("POST", "/v1/messages", draft(SIGN_IN, {"code": "123456", "minutes": 10}, at)),
            ("POST", "/v1/messages", draft("decision", decision, at, **{"from": "sign-in@activities.example.com"})),
        ],
        "sign-in": [
            ("POST", "/v1/tickets", ticket),
            ("GET", "/v1/tickets/t_1", None),
            ("POST", "/v1/tickets/t_1/decision", {"decision": "approved"}),
            ("POST", "/v1/messages", draft("decision", decision, at)),
            ("POST", "/v1/messages", draft(SIGN_IN, {}, at, **{"from": "tickets@activities.example.com"})),
        ],
    }
    for key, tries in others.items():
        for method, path, body in tries:
            status, problem = await directory.ask(key, method, path, body)
            assert (status, problem["code"]) == (403, "not_allowed"), (key, path, problem)
    assert await directory.franked.world.store.count_waiting() == before
    for key, streams in (("tickets", ["decision", "ticket"]), ("sign-in", [SIGN_IN])):
        _, told = await directory.ask(key, "GET", "/v1/streams")
        assert sorted(one["name"] for one in told) == streams


# --- E6: one trail ----------------------------------------------------------------------------------------------------


async def followed(directory: Directory, event: str, key: str, **which: object) -> dict[str, Any]:
    """From a line of the product's log to the mail's whole story, as each part tells it."""
    [line] = [one for one in directory.product_lines() if one["event"] == event and which.items() <= one.items()]
    request, message = line["request"], line["message"]
    assert re.fullmatch(r"a_[0-9a-f]{24}", request)
    assert [one["route"] for one in directory.product_lines() if one["request"] == request and "route" in one]
    await directory.settled()
    _, story = await directory.ask(key, "GET", f"/v1/messages/{message}")
    assert story["request_id"] == request
    theirs = [one for one in directory.franked_lines() if one.get("request") == request]
    sent = [one for one in theirs if one["event"] == "attempt" and one["message"] == message]
    heard = [one for one in theirs if one["event"] == "event" and one["message"] == message]
    assert {one["ses_id"] for one in heard} == ({story["ses_id"]} if story["ses_id"] else set())
    return {**story, "sent": len(sent), "heard": sorted(one["kind"] for one in heard)}


async def test_e6_each_mail_is_followed_from_the_page_to_its_event_by_one_request_id(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("ana.e6@example.net")
        number = int(await ana.submit("One trail"))
        await directory.staff({"ticket": str(number)} | YES)
    async with directory.person() as gone:
        await gone.open("/join", {"name": "Gone", "email": "bounce+e6@simulator.amazonses.com"})
        await directory.settled()
        directory.clock.move(minutes=5)
        await gone.open("/sign-in", {"email": "bounce+e6@simulator.amazonses.com"})
    [account] = {one["account"] for one in directory.product_lines() if one.get("ticket") == number}
    for story in (
        await followed(directory, "code_asked_for", "sign-in", account=account),
        await followed(directory, "ticket_told", "tickets", ticket=number),
        await followed(directory, "decision_told", "tickets", ticket=number),
    ):
        assert (story["state"], story["sent"], story["heard"]) == ("delivered", 1, ["delivery", "send"])
    failed, dropped = [one["message"] for one in directory.product_lines() if one["event"] == "code_asked_for"][-2:]
    story = await followed(directory, "code_asked_for", "sign-in", message=failed)
    assert (story["state"], story["sent"], story["heard"]) == ("bounced", 1, ["bounce", "send"])
    story = await followed(directory, "code_asked_for", "sign-in", message=dropped)
    assert (story["state"], story["reason"], story["sent"]) == ("dropped", "suppressed", 0)


async def test_e6_no_log_holds_an_address_a_code_or_a_secret_path(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("quiet.e6@example.net")
        await directory.staff()
        [mail] = await directory.mails_to("quiet.e6@example.net")
        [cookie] = [one.value for one in ana.http.cookie_jar]
    await directory.settled()
    logs = directory.product_log.getvalue(), directory.franked_log.getvalue()
    for secret in ("quiet.e6@example.net", code_in(mail), STAFF, cookie, *directory.keys.values()):
        assert [secret in log for log in logs] == [False, False], secret
    assert {"at", "level", "event", "request"} <= set.intersection(*map(set, directory.product_lines()))
