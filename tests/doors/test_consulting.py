"""The consulting portal asks Franked for the right mail, at the right moment, and for no other."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from aiohttp import web
from httpx import AsyncClient, Response

from examples.consulting.app import create_app
from franked.formats.lint import lint
from franked.formats.template import Template, parse
from franked.rules.stream import Kind
from franked.settings import read

KEY = "fk_example0_not-a-real-key"
SITE = "https://portal.example.com"
MAILS = Path(__file__).parents[2] / "examples" / "consulting" / "mail"
SENDER = {"name": "Consulting Portal", "website": SITE, "postal_address": "Musterweg 1, 10115 Berlin"}
GOOD_PASSWORD = "correct horse"


@dataclass
class Recorder:
    """Stands for Franked's public API: answers 202, and keeps what it was asked."""

    asked: asyncio.Queue[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=asyncio.Queue)
    url: str = ""
    answers: list[int] = field(default_factory=list)  # given before the 202s
    calls: int = 0

    async def messages(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.answers:
            return web.json_response({"type": "/problems/busy"}, status=self.answers.pop(0))
        await self.asked.put((dict(request.headers), await request.json()))
        told: dict[str, object] = {"id": "m_1", "state": "queued", "reason": None, "links": {}}
        return web.json_response(told, status=202)

    async def next(self) -> dict[str, Any]:
        _, body = await asyncio.wait_for(self.asked.get(), 10)
        return body


@dataclass
class Portal:
    client: AsyncClient
    clock: list[datetime]

    async def post(self, path: str, **form: str) -> Response:
        return await self.client.post(path, data=form)

    async def sign_up(self, email: str = "ana@example.com", path: str = "/sign-up?lang=en", **more: str) -> str:
        """The account's id, as the page's form has it."""
        page = await self.post(path, name="Ana Muster", email=email, password=GOOD_PASSWORD, **more)
        assert page.status_code == 200
        found = re.search(r'name="account" value="([^"]+)"', page.text)
        assert found
        return found[1]

    async def sign_in(self, password: str = GOOD_PASSWORD, email: str = "ana@example.com") -> Response:
        return await self.post("/sign-in?lang=en", email=email, password=password)

    async def member(self, franked: Recorder, **more: str) -> str:
        account = await self.sign_up(**more)
        mail = await franked.next()
        assert (await self.post("/confirm", account=account, code=mail["variables"]["code"])).status_code == 200
        return account


@pytest.fixture
async def franked() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_post("/v1/messages", recorder.messages)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    recorder.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield recorder
    await runner.cleanup()


@pytest.fixture
async def portal(franked: Recorder, tmp_path: Path) -> AsyncIterator[Portal]:
    clock = [datetime(2025, 3, 1, 12, 0, tzinfo=UTC)]
    app = create_app(franked.url, KEY, tmp_path / "portal.db", now=lambda: clock[0], site=SITE)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield Portal(client, clock)
    server.should_exit = True
    await serving


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- A1, A4, A14: sign-up ---------------------------------------------------------------------------------------------


async def test_sign_up_mails_a_code_and_only_the_code_makes_the_account_active(
    portal: Portal, franked: Recorder
) -> None:
    account = await portal.sign_up()
    mail = await franked.next()
    assert (mail["stream"], mail["to"], mail["locale"]) == ("sign-up-code", "ana@example.com", "en")
    assert re.fullmatch(r"\d{6}", mail["variables"]["code"])
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.post("/confirm", account=account, code=wrong(mail["variables"]["code"]))).status_code == 422
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.post("/confirm", account=account, code=mail["variables"]["code"])).status_code == 200
    assert "You are signed in" in (await portal.sign_in()).text


async def test_each_mail_names_the_act_and_the_account_and_never_the_code(portal: Portal, franked: Recorder) -> None:
    """A4, A14: trigger and idempotency key are in logs; a code must not be."""
    account = await portal.sign_up()
    headers, mail = await asyncio.wait_for(franked.asked.get(), 10)
    trigger = mail["trigger"]
    assert (trigger["act"], trigger["by"], trigger["at"]) == ("sign-up", account, "2025-03-01T12:00:00.000Z")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Idempotency-Key"] == trigger["ref"]
    assert mail.keys() == {"stream", "to", "locale", "variables", "trigger"}
    told = f"{trigger} {headers} {mail['stream']}"
    assert mail["variables"]["code"] not in told
    assert mail["variables"]["url"].partition("token=")[2] not in told


async def test_opening_the_link_confirms_nothing_and_its_button_does(portal: Portal, franked: Recorder) -> None:
    await portal.sign_up()
    url = (await franked.next())["variables"]["url"]
    assert url.startswith(f"{SITE}/confirm?lang=en&token=")
    await portal.client.get(url.removeprefix(SITE))  # a link scanner, and then the person
    page = await portal.client.get(url.removeprefix(SITE))
    assert page.status_code == 200
    assert (await portal.sign_in()).status_code == 422
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    assert (await portal.post("/confirm", token=token[1])).status_code == 200
    assert (await portal.sign_in()).status_code == 200
    assert (await portal.post("/confirm", token=token[1])).status_code == 422  # single use


async def test_five_wrong_guesses_use_a_code_up(portal: Portal, franked: Recorder) -> None:
    account = await portal.sign_up()
    code = (await franked.next())["variables"]["code"]
    for _ in range(5):
        assert (await portal.post("/confirm", account=account, code=wrong(code))).status_code == 422
    assert (await portal.post("/confirm", account=account, code=code)).status_code == 422


async def test_a_sign_up_code_lives_24_hours(portal: Portal, franked: Recorder) -> None:
    account = await portal.sign_up()
    code = (await franked.next())["variables"]["code"]
    portal.clock[0] += timedelta(hours=24)
    assert (await portal.post("/confirm", account=account, code=code)).status_code == 422


async def test_signing_up_with_a_members_address_looks_the_same_and_mails_nobody(
    portal: Portal, franked: Recorder
) -> None:
    await portal.member(franked)
    again = await portal.sign_up(email="ANA@example.com")
    await portal.sign_up(email="bo@example.com")
    assert (await franked.next())["to"] == "bo@example.com"
    assert (await portal.post("/confirm", account=again, code="123456")).status_code == 422


async def test_somebody_elses_sign_up_does_not_set_the_password(portal: Portal, franked: Recorder) -> None:
    mine = await portal.sign_up()
    code = (await franked.next())["variables"]["code"]
    stranger = {"name": "Eve", "email": "ana@example.com", "password": "chosen by eve"}
    await portal.post("/sign-up", **stranger)
    await franked.next()
    assert (await portal.post("/confirm", account=mine, code=code)).status_code == 200
    assert (await portal.sign_in("chosen by eve")).status_code == 422
    assert (await portal.sign_in()).status_code == 200


async def test_an_address_gets_five_codes_an_hour_and_no_more(portal: Portal, franked: Recorder) -> None:
    """A16."""
    for _ in range(7):
        await portal.sign_up()
    await portal.sign_up(email="bo@example.com")
    assert [(await franked.next())["to"] for _ in range(6)] == ["ana@example.com"] * 5 + ["bo@example.com"]


@pytest.mark.parametrize("form", [{"email": "ana@example"}, {"name": " "}, {"password": "short"}, {"name": "a\x00b"}])
async def test_a_form_that_is_not_filled_in_asks_again_and_mails_nobody(
    portal: Portal, franked: Recorder, form: dict[str, str]
) -> None:
    given = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD, **form}
    assert (await portal.post("/sign-up", **given)).status_code == 422
    assert franked.calls == 0


async def test_what_a_stranger_typed_is_shown_as_text(portal: Portal) -> None:
    page = await portal.post("/sign-in", email='"><script>alert(1)</script>', password="x")
    assert "<script>" not in page.text


# --- A2, A3, A8, A14: sign-in, reset, deletion ------------------------------------------------------------------------


async def test_a_reset_for_an_unknown_address_sends_nothing_and_looks_the_same(
    portal: Portal, franked: Recorder
) -> None:
    await portal.member(franked)
    unknown = await portal.post("/forgot?lang=en", email="eve@example.com")
    known = await portal.post("/forgot?lang=en", email="ana@example.com")
    assert (await franked.next())["to"] == "ana@example.com"
    assert unknown.text.replace("eve@", "ana@") == known.text
    assert unknown.status_code == known.status_code == 200
    guesses = [
        await portal.post("/reset?lang=en", email=f"{who}@example.com", code="12345", password=GOOD_PASSWORD)
        for who in ("eve", "ana")
    ]
    assert guesses[0].text.replace("eve@", "ana@") == guesses[1].text


async def test_a_reset_takes_a_code_once_within_the_hour(portal: Portal, franked: Recorder) -> None:
    account = await portal.member(franked)
    await portal.post("/forgot", email="ana@example.com")
    mail = await franked.next()
    assert (mail["stream"], mail["trigger"]["act"], mail["trigger"]["by"]) == (
        "password-reset",
        "password-reset",
        account,
    )
    form = {"email": "ana@example.com", "code": mail["variables"]["code"], "password": "a new password"}
    assert (await portal.post("/reset", **form)).status_code == 200
    assert (await portal.post("/reset", **form)).status_code == 422
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.sign_in("a new password")).status_code == 200
    await portal.post("/forgot", email="ana@example.com")
    token = (await franked.next())["variables"]["url"].partition("token=")[2]
    portal.clock[0] += timedelta(hours=1)
    assert (await portal.post("/reset", token=token, password="too late now")).status_code == 422


async def test_who_turned_it_on_signs_in_with_a_second_step(portal: Portal, franked: Recorder) -> None:
    account = await portal.member(franked, two_steps="yes")
    page = await portal.sign_in()
    assert "You are signed in" not in page.text
    mail = await franked.next()
    assert (mail["stream"], mail["trigger"]["act"]) == ("second-factor", "sign-in")
    assert mail["variables"].keys() == {"name", "code"}
    done = await portal.post("/second-factor?lang=en", account=account, code=mail["variables"]["code"])
    assert "You are signed in" in done.text


async def test_deleting_the_account_ends_all_mail_but_the_farewell(portal: Portal, franked: Recorder) -> None:
    account = await portal.member(franked)
    assert (await portal.post("/delete", email="ana@example.com", password="not hers!!")).status_code == 422
    assert (await portal.post("/delete", email="ana@example.com", password=GOOD_PASSWORD)).status_code == 200
    mail = await franked.next()
    assert (mail["stream"], mail["trigger"]["by"], mail["variables"]) == (
        "account-deleted",
        account,
        {"name": "Ana Muster"},
    )
    await portal.post("/forgot", email="ana@example.com")
    await portal.sign_up(email="bo@example.com")
    assert (await franked.next())["to"] == "bo@example.com"


# --- the way to Franked -----------------------------------------------------------------------------------------------


async def test_a_busy_franked_is_asked_again_for_the_same_mail(portal: Portal, franked: Recorder) -> None:
    franked.answers = [429]
    await portal.sign_up()
    assert (await franked.next())["to"] == "ana@example.com"
    assert franked.calls == 2


async def test_a_refusal_is_not_repeated(portal: Portal, franked: Recorder) -> None:
    franked.answers = [422]
    await portal.sign_up()
    await portal.sign_up(email="bo@example.com")
    assert (await franked.next())["to"] == "bo@example.com"
    assert franked.calls == 2


async def test_the_portal_keeps_no_code_in_the_clear(portal: Portal, franked: Recorder, tmp_path: Path) -> None:
    await portal.sign_up()
    variables = (await franked.next())["variables"]
    kept = (tmp_path / "portal.db").read_bytes()
    assert variables["code"].encode() not in kept
    assert variables["url"].partition("token=")[2].encode() not in kept
    assert (tmp_path / "portal.key").stat().st_mode & 0o077 == 0


# --- A8, A10, F8: language and the mails themselves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "accepted", "locale", "word"),
    [
        ("/sign-up", "de-CH,de;q=0.9,en;q=0.8", "de", "Registrierung"),
        ("/sign-up", "fr, en;q=0.5", "en", "registration"),
        ("/sign-up?lang=de", "en", "de", "Registrierung"),
        ("/sign-up", "*", "en", "registration"),
    ],
)
async def test_page_and_mail_speak_the_readers_language(
    portal: Portal, franked: Recorder, path: str, accepted: str, locale: str, word: str
) -> None:
    form = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD}
    page = await portal.client.post(path, data=form, headers={"Accept-Language": accepted})
    assert word in page.text
    assert (await franked.next())["locale"] == locale


def template(name: str) -> Template:
    return parse(name, {path.name: path.read_text(encoding="utf-8") for path in (MAILS / name).iterdir()}, "de")


MAIL_VARIABLES = {"name": "Ana Muster", "code": "042137", "url": f"{SITE}/x?token=t"}


@pytest.mark.parametrize("locale", ["de", "en"])
@pytest.mark.parametrize("name", ["sign-up-code", "password-reset", "second-factor", "account-deleted"])
def test_every_mail_keeps_what_was_promised_of_it(name: str, locale: str) -> None:
    mail = template(name)
    given = {key: value for key, value in MAIL_VARIABLES.items() if key in mail.variables}
    rendered = mail.render(given, locale, SENDER)
    assert mail.faults(given) == []
    stream = read(MAILS.parent / "franked.toml", {}).streams[name]
    assert lint(mail, [stream], SENDER) == []
    assert rendered.subject.endswith(" – Consulting Portal")
    assert "042137" not in rendered.subject
    for part in (rendered.html, rendered.text):
        assert {"Ana Muster", *SENDER.values()} <= {
            known for known in ("Ana Muster", *SENDER.values()) if known in part
        }
        assert "transactional message" in part or "transaktionale Nachricht" in part
        assert f"{SITE}/delete" in part or name == "account-deleted"
    assert ("042137" in rendered.text.splitlines()) == ("code" in mail.variables)
    assert f'lang="{locale}"' in rendered.html


def test_every_stream_it_declares_has_its_template_and_says_what_it_is_for() -> None:
    settings = read(MAILS.parent / "franked.toml", {})
    assert settings.ses.region == "eu-central-1"
    assert {stream.template for stream in settings.streams.values()} == {folder.name for folder in MAILS.iterdir()}
    assert {stream.kind for stream in settings.streams.values()} == {Kind.TRANSACTIONAL}
    assert not any(stream.topic for stream in settings.streams.values())  # A8: nothing here can be left
    secret = {name for name, stream in settings.streams.items() if stream.secret}
    assert secret == {name for name in settings.streams if "code" in template(name).variables}


def test_a_reset_says_what_to_do_if_it_was_not_you() -> None:
    """A3."""
    mail = template("password-reset")
    assert "If it was not you, please ignore this email" in mail.render(MAIL_VARIABLES, "en", SENDER).text
    assert "ignorieren Sie diese E-Mail" in mail.render(MAIL_VARIABLES, "de", SENDER).text


def test_the_portal_talks_to_franked_over_http_only() -> None:
    sources = [path.read_text(encoding="utf-8") for path in MAILS.parent.glob("*.py")]
    assert len(sources) >= 3
    assert not any(re.search(r"^\s*(?:from|import)\s+franked\b", source, re.MULTILINE) for source in sources)
