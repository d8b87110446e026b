"""Codes as an application asks for them, and as a person finds them in the mail."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from franked.doors.http.keyring import make_key
from franked.rules.message import State
from franked.sending.forget import forget
from franked.wiring import WrongSettings
from tests.coding import SITE, Application, coding
from tests.guesses import guessed, right_ones, timed

RIGHT, WRONG = {"right": True, "account": "account-1"}, {"right": False, "account": None}


@pytest.fixture
async def app(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Application]:
    changes = [change for mark in request.node.iter_markers("settings") for change in mark.args]
    async with coding(tmp_path / "product", *changes) as started:
        yield started


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- A1: registration -------------------------------------------------------------------------------------------------


async def test_a1_a_sign_up_is_confirmed_by_its_code_within_24_hours(app: Application) -> None:
    code_id = await app.issued("sign-up", "ana@example.com")
    mail = await app.mail_of(code_id)
    assert (mail.subject, "Valid 1440 minutes" in mail.text) == ("Confirm your registration", True)
    assert await app.verify("sign-up", code_id, wrong(mail.code)) == WRONG
    app.product.clock.move(hours=23, minutes=59)
    assert await app.verify("sign-up", code_id, f" {mail.code[:3]}-{mail.code[3:]} ") == RIGHT
    assert await app.verify("sign-up", code_id, mail.code) == WRONG


async def test_a1_after_24_hours_neither_code_nor_link_is_worth_anything(app: Application) -> None:
    code_id = await app.issued("sign-up", "ana@example.com")
    mail = await app.mail_of(code_id)
    app.product.clock.move(hours=24)
    assert await app.verify("sign-up", code_id, mail.code) == WRONG
    assert (await app.page("GET", mail.url))[0] == (await app.page("POST", mail.url))[0] == 404


async def test_a1_a_sign_up_is_confirmed_by_its_link_and_a_scanner_confirms_nothing(app: Application) -> None:
    code_id = await app.issued("sign-up", "ana@example.com", locale="de")
    mail = await app.mail_of(code_id)
    before = await app.standing(code_id)
    for method in ("GET", "HEAD", "GET"):
        status, text, _ = await app.page(method, mail.url)
        assert (status, "Ein Klick fehlt noch" in text) == (200, method == "GET")
    assert await app.standing(code_id) == before
    assert (before["confirmed"], before["used"]) == (False, False)
    assert await app.claim("sign-up", mail.token) == WRONG
    for _ in range(2):
        status, text, _ = await app.page("POST", mail.url)
        assert (status, "Erledigt" in text) == (200, True)
    assert (await app.standing(code_id))["confirmed"] is True
    assert await app.verify("sign-up", code_id, mail.code) == WRONG
    assert await app.claim("sign-up", mail.token) == RIGHT
    assert await app.claim("sign-up", mail.token) == WRONG
    assert (await app.page("POST", mail.url))[0] == 404


# --- A2: the second factor by mail, A3: reset -------------------------------------------------------------------------


async def test_a2_a_sign_in_code_is_right_in_its_own_session_for_ten_minutes(app: Application) -> None:
    code_id = await app.issued("second-factor", "ana@example.com", session="browser-1")
    mail = await app.mail_of(code_id)
    assert "Valid 10 minutes" in mail.text
    assert await app.verify("second-factor", code_id, mail.code) == WRONG
    assert await app.verify("second-factor", code_id, mail.code, session="browser-2") == WRONG
    assert await app.verify("sign-up", code_id, mail.code, session="browser-1") == WRONG
    assert await app.verify("second-factor", code_id, mail.code, session="browser-1") == RIGHT
    code_id = await app.issued("second-factor", "ana@example.com", session="browser-1")
    code = (await app.mail_of(code_id)).code
    app.product.clock.move(minutes=10)
    assert await app.verify("second-factor", code_id, code, session="browser-1") == WRONG


async def test_a3_a_reset_link_leads_to_the_products_own_page_with_a_proof_that_is_good_once(app: Application) -> None:
    code_id = await app.issued("reset", "ana@example.com")
    mail = await app.mail_of(code_id)
    assert "If it was not you, please ignore this mail" in mail.text
    assert "Valid 60 minutes" in mail.text
    async with app.product.http.get(mail.url) as shown:
        assert f"form-action 'self' {SITE};" in shown.headers["Content-Security-Policy"]
    status, _, leads_to = await app.page("POST", mail.url)
    assert (status, leads_to) == (303, f"{SITE}/reset?token={mail.token}&lang=en")
    assert await app.claim("reset", mail.token) == RIGHT
    assert await app.claim("reset", mail.token) == WRONG


async def test_a3_who_asked_for_a_reset_gains_nothing_when_another_presses_the_link(app: Application) -> None:
    """The id is in the hands of whoever asked; the proof goes to whoever read the mail."""
    code_id = await app.issued("reset", "ana@example.com")
    mail = await app.mail_of(code_id)
    await app.page("POST", mail.url)
    assert await app.verify("reset", code_id, mail.code) == WRONG
    assert (await app.standing(code_id))["confirmed"] is True
    assert await app.claim("reset", code_id) == WRONG


async def test_c1_verification_reset_and_sign_in_come_in_the_urgent_lane_as_secrets(app: Application) -> None:
    for stream in ("sign-up", "reset", "second-factor"):
        code_id = await app.issued(stream, f"{stream}@example.com")
        _, story = await app.product.get(f"/v1/messages/{code_id.replace('c_', 'm_')}")
        assert (story["lane"], story["variables"], story["stream"]) == ("urgent", None, stream)
        trigger = story["trigger"]
        assert (trigger["act"], trigger["by"]) == (stream, "account-1")  # A4, A14: which account it belongs to


# --- A14: known and unknown addresses ---------------------------------------------------------------------------------


async def test_a14_an_unknown_address_gets_nothing_and_the_same_answer(app: Application) -> None:
    known = await app.ask("reset", "ana@example.com", "account-1")
    unknown = await app.ask("reset", "eve@example.com", None)
    assert known[0] == unknown[0] == 202
    assert known[1].keys() == unknown[1].keys() == {"id", "expires_at", "resend_at"}
    again = [await app.ask("reset", "ana@example.com", "account-1"), await app.ask("reset", "eve@example.com", None)]
    assert again == [known, unknown]
    mail = await app.mail_of(known[1]["id"])
    assert [taken.recipient for taken in app.product.simulator.taken()] == ["ana@example.com"]
    for _ in range(6):
        assert await app.verify("reset", unknown[1]["id"], mail.code) == WRONG
    assert await app.product.franked.world.store.origins(["eve@example.com"]) == [None]


@pytest.mark.parametrize("account", ["account-1", None])
async def test_a14_what_is_wrong_with_a_request_is_said_of_unknown_addresses_too(
    app: Application, account: str | None
) -> None:
    told = []
    for to, more in (
        ("no address", {}),
        ("ana@example.com", {"variables": {}}),
        ("ana@example.com", {"variables": {"name": "Ana", "code": "424242"}}),
        ("ana@example.com", {"ip": "192.0.2"}),
    ):
        status, answer = await app.ask("reset", to, account, **more)
        told.append((status, answer["code"], answer["errors"][0]["pointer"]))
    assert told == [
        (422, "invalid_address", "/to"),
        (422, "invalid_variables", "/variables/name"),
        (422, "invalid_variables", "/variables/code"),
        (422, "invalid_ip", "/ip"),
    ]


async def test_an_address_that_must_not_be_mailed_is_answered_as_any_other(app: Application) -> None:
    code_id = await app.issued("sign-up", "bounce@simulator.amazonses.com")
    await app.product.until(code_id.replace("c_", "m_"))
    second, other = await app.ask("reset", "bounce@simulator.amazonses.com"), await app.ask("reset", "bo@example.com")
    assert (second[0], second[1].keys()) == (other[0], other[1].keys())
    assert (await app.product.story(second[1]["id"].replace("c_", "m_"))).reason == "suppressed"


# --- A16: against abuse -----------------------------------------------------------------------------------------------


async def test_a16_five_wrong_guesses_use_a_code_up_and_a_new_one_needs_a_moment(app: Application) -> None:
    code_id = await app.issued("sign-up", "ana@example.com")
    mail = await app.mail_of(code_id)
    for _ in range(5):
        assert await app.verify("sign-up", code_id, wrong(mail.code)) == WRONG
    assert await app.verify("sign-up", code_id, mail.code) == WRONG
    assert await app.issued("sign-up", "ana@example.com") == code_id
    app.product.clock.move(seconds=45)
    newer = await app.issued("sign-up", "ana@example.com")
    assert newer != code_id
    assert await app.verify("sign-up", newer, (await app.mail_of(newer)).code) == RIGHT


async def test_a16_a_thousand_sign_ups_of_one_mailbox_however_spelled_are_mailed_twenty_times(app: Application) -> None:
    locals_ = ["ana.muster", "Ana.Muster", "anamuster", "a.n.a.m.u.s.t.e.r", "ANAMUSTER"]
    spelled = [
        f"{locals_[n % 5]}{f'+{n}' if n % 3 else ''}@{'gmail.com' if n % 2 else 'GoogleMail.com'}" for n in range(1000)
    ]
    statuses: list[int] = []

    async def sign_up(numbers: range) -> None:
        for n in numbers:
            status, _ = await app.ask("sign-up", spelled[n], f"account-{n}", session=f"session-{n}")
            statuses.append(status)

    await asyncio.gather(*(sign_up(range(n, 1000, 50)) for n in range(50)))
    assert (statuses.count(202), statuses.count(429)) == (20, 980)
    assert (await app.ask("reset", "anamuster@gmail.com", None))[0] == 429  # over all streams, known or not
    assert (await app.ask("sign-up", "anna.muster@gmail.com", "account-1001"))[0] == 202
    _, page = await app.product.get("/v1/messages?limit=200")
    assert len(page["messages"]) == 21


@pytest.mark.settings(("[log]", '[codes]\nper_ip = "3/minute"\nper_key = "6/hour"\n\n[log]'))
async def test_a16_a_caller_and_a_key_have_their_limits(app: Application) -> None:
    """An IPv6 caller is a /64; nothing says which limit it was."""
    for n in range(3):
        assert (await app.ask("sign-up", f"p{n}@example.com", ip=f"2001:db8:0:7::{n + 1}"))[0] == 202
    status, problem = await app.ask("sign-up", "p4@example.com", ip="2001:db8:0:7:ffff::1")
    assert (status, problem["code"]) == (429, "too_many_codes")
    assert 0 < int(re.findall(r"'Retry-After': '(\d+)'", app.answers[-1])[0]) <= 61
    for n in range(3):
        assert (await app.ask("sign-up", f"q{n}@example.com", ip="192.0.2.1"))[0] == 202
    assert (await app.ask("sign-up", "q4@example.com", ip="192.0.2.2"))[0] == 429  # the key's
    [line, _] = app.product.logged("codes_limited")
    assert line["stream"] == "sign-up"


async def test_guessers_on_many_connections_are_compared_five_times(app: Application) -> None:
    """The long form of both: python -m tests.guesses."""
    told = await guessed(app, guesses=300, connections=20)
    assert (told["compared"], told["right"]) == (5, 0)
    assert (await right_ones(app, connections=20))["right"] == 1


async def test_known_and_unknown_addresses_are_answered_alike(app: Application) -> None:
    assert (await timed(app, each=5))["same status and fields"]


# --- keys and streams -------------------------------------------------------------------------------------------------


async def test_a_stream_without_codes_sends_none(app: Application) -> None:
    status, problem = await app.ask("sign-in-code", "ana@example.com")
    assert (status, problem["code"]) == (422, "no_codes")
    assert (await app.ask("no-such-stream", "ana@example.com"))[1]["code"] == "unknown_stream"


async def test_a_key_asks_and_checks_codes_of_its_own_streams_only(app: Application) -> None:
    world = app.product.franked.world
    shown, record = make_key("receipts", frozenset({"receipt"}), frozenset(), world.now())
    await world.store.add_keys([record])
    app.product.franked.keyring.forget()
    code_id = await app.issued("sign-up", "ana@example.com")
    mail = await app.mail_of(code_id)
    guess = {"stream": "sign-up", "id": code_id, "code": mail.code}
    asked = {"stream": "sign-up", "to": "ana@example.com", "account": "account-1"}
    claim = {"stream": "sign-up", "token": mail.token}
    for path, body in (("/v1/codes", asked), ("/v1/codes/verify", guess), ("/v1/codes/claim", claim)):
        assert (await app.post(path, body, shown))[0] == 403
    assert (await app.product.get(f"/v1/codes/{code_id}", shown))[0] == 404
    assert await app.verify("sign-up", code_id, mail.code) == RIGHT


async def test_each_code_that_was_asked_for_has_its_line_whatever_became_of_its_mail(app: Application) -> None:  # E6
    gone = "bounce+line@simulator.amazonses.com"
    await app.product.until((await app.issued("sign-up", gone)).replace("c_", "m_"), State.BOUNCED)
    app.product.clock.move(minutes=5)
    for to, account, is_mailed in ((gone, "account-1", True), ("nobody@example.com", None, False)):
        code_id = await app.issued("sign-up", to, account)
        line = app.product.logged("code_issued")[-1]
        assert line.get("message") == (code_id.replace("c_", "m_") if is_mailed else None)
        assert re.fullmatch(r"r_\w{26}", line["request"])
        assert to not in str(line)
    assert (await app.product.story(app.product.logged("code_issued")[1]["message"])).reason == "suppressed"


async def test_ended_codes_are_forgotten_a_day_later(app: Application) -> None:
    code_id = await app.issued("second-factor", "ana@example.com")
    await forget(app.product.franked.world)
    assert (await app.product.get(f"/v1/codes/{code_id}"))[0] == 200
    app.product.clock.move(days=1, minutes=11)
    await forget(app.product.franked.world)
    assert (await app.product.get(f"/v1/codes/{code_id}"))[0] == 404


async def test_a_stream_of_codes_whose_template_shows_none_is_refused_at_the_start(tmp_path: Path) -> None:
    section = ("[streams.receipt]", "[streams.receipt]\nsecret = true")
    with pytest.raises(WrongSettings, match="receipt: it shows neither `code` nor `url`"):
        async with coding(
            tmp_path / "product", section, ("[streams.digest]", "[streams.receipt.codes]\n[streams.digest]")
        ):
            pass
