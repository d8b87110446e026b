"""The consulting portal and Franked together: what its people see, and what they find in their mail."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from httpx import AsyncClient, Response

from examples.common.franked import Franked, Refused, act
from examples.consulting.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving
from franked.formats.lint import lint
from franked.formats.template import Template, parse
from franked.rules.stream import Kind
from franked.settings import read
from franked.wiring import Ses
from tests.product import MovableClock

KEY = "fk_example0_not-a-real-key"
SITE = "https://portal.example.com"
MAILS = Path(__file__).parents[2] / "examples" / "consulting" / "mail"
SENDER = {"name": "Consulting Portal", "website": SITE, "postal_address": "Musterweg 1, 10115 Berlin"}
GOOD_PASSWORD = "correct horse"
NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person finds in the mail."""

    stream: str
    to: str
    locale: str
    by: str  # which account it belongs to
    text: str

    @property
    def code(self) -> str:
        [code] = re.findall(r"^(\d{6})$", self.text, re.MULTILINE)
        return str(code)

    @property
    def url(self) -> str:
        [url] = re.findall(r"^(http://\S+/u/code/\S+)$", self.text, re.MULTILINE)
        return str(url)


@dataclass
class Portal:
    """A portal, the Franked behind it, and a person before it."""

    client: AsyncClient
    franked: Running
    clock: MovableClock
    read: int = 0  # letters

    async def post(self, path: str, **form: str) -> Response:
        return await self.client.post(path, data=form)

    async def sign_up(self, email: str = "ana@example.com", path: str = "/sign-up?lang=en", **more: str) -> str:
        """The code's id, as the page's form has it."""
        page = await self.post(path, name="Ana Muster", email=email, password=GOOD_PASSWORD, **more)
        assert page.status_code == 200, page.text
        return id_in(page)

    async def sign_in(self, password: str = GOOD_PASSWORD, email: str = "ana@example.com") -> Response:
        return await self.post("/sign-in?lang=en", email=email, password=password)

    async def next(self) -> Letter:
        """In the order that they came."""
        simulator = self.franked.wired.simulator
        assert simulator is not None
        async with asyncio.timeout(10):
            while len(simulator.taken()) <= self.read:
                await asyncio.sleep(0.01)
        mail = simulator.taken()[self.read]
        self.read += 1
        [story] = await self.franked.world.store.find([mail.tags["franked-message"]])
        assert story is not None
        assert story.trigger is not None
        text = simulator.text_of(mail.ses_id)
        return Letter(story.stream, mail.recipient, story.locale, story.trigger.by, text)

    async def member(self, **more: str) -> str:
        """The account's id."""
        code_id = await self.sign_up(**more)
        letter = await self.next()
        assert (await self.post("/confirm", id=code_id, code=letter.code)).status_code == 200
        return letter.by


def id_in(page: Response) -> str:
    found = re.search(r'name="id" value="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    settings = read(MAILS.parent / "franked.toml", {})
    settings = replace(
        settings,
        canary=replace(settings.canary, enabled=False),  # its mails are none of the product's
        store=replace(settings.store, directory=tmp_path / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=-1.0),
    )
    clock = MovableClock()
    async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked:
        key, record = make_key("portal", frozenset(settings.streams), frozenset(), clock())
        await franked.world.store.add_keys([record])
        app = create_app(franked.url, key, tmp_path / "portal.db", clock)
        async with serving(app, listening("127.0.0.1", 0)) as url, AsyncClient(base_url=url) as client:
            yield Portal(client, franked, clock)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def led_to(portal: Portal, url: str) -> str:
    """The portal's own page behind a link's button."""
    pressed = await portal.client.post(url)
    assert pressed.status_code == 303
    assert pressed.headers["Location"].startswith("http://127.0.0.1:8100/")
    return pressed.headers["Location"].removeprefix("http://127.0.0.1:8100")


# --- A1, A4, A14: sign-up ---------------------------------------------------------------------------------------------


async def test_sign_up_mails_a_code_and_only_the_code_makes_the_account_active(portal: Portal) -> None:
    code_id = await portal.sign_up()
    letter = await portal.next()
    assert (letter.stream, letter.to, letter.locale) == ("sign-up-code", "ana@example.com", "en")
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.post("/confirm", id=code_id, code=wrong(letter.code))).status_code == 422
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.post("/confirm", id=code_id, code=letter.code)).status_code == 200
    assert "You are signed in" in (await portal.sign_in()).text


async def test_opening_the_link_confirms_nothing_and_its_button_does(portal: Portal) -> None:
    await portal.sign_up()
    url = (await portal.next()).url
    token = url.rpartition("/")[2].partition("?")[0]
    for _ in range(2):  # a link scanner, and then the person
        assert (await portal.client.get(url)).status_code == 200
    assert (await portal.client.get(f"/confirmed?token={token}")).status_code == 422
    assert (await portal.sign_in()).status_code == 422
    path = await led_to(portal, url)
    assert path == f"/confirmed?token={token}&lang=en"
    assert "Your account is active" in (await portal.client.get(path)).text
    assert (await portal.sign_in()).status_code == 200
    assert (await portal.client.get(path)).status_code == 422  # single use


async def test_a_sign_up_code_lives_24_hours(portal: Portal) -> None:
    code_id = await portal.sign_up()
    code = (await portal.next()).code
    portal.clock.move(hours=24)
    assert (await portal.post("/confirm", id=code_id, code=code)).status_code == 422


async def test_signing_up_with_a_members_address_looks_the_same_and_mails_nobody(portal: Portal) -> None:
    await portal.member()
    again = await portal.sign_up(email="ANA@example.com")
    await portal.sign_up(email="bo@example.com")
    assert (await portal.next()).to == "bo@example.com"
    assert (await portal.post("/confirm", id=again, code="123456")).status_code == 422


async def test_somebody_elses_sign_up_does_not_set_the_password(portal: Portal) -> None:
    mine = await portal.sign_up()
    code = (await portal.next()).code
    stranger = {"name": "Eve", "email": "ana@example.com", "password": "chosen by eve"}
    await portal.post("/sign-up", **stranger)
    await portal.next()
    assert (await portal.post("/confirm", id=mine, code=code)).status_code == 200
    assert (await portal.sign_in("chosen by eve")).status_code == 422
    assert (await portal.sign_in()).status_code == 200


async def test_an_address_gets_twenty_codes_a_day_and_then_a_word(portal: Portal) -> None:
    """A16."""
    for n in range(20):
        await portal.sign_up(email=f"ana+{n}@example.com")
    form = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD}
    page = await portal.post("/sign-up?lang=en", **form)
    assert (page.status_code, "Too many codes" in page.text) == (429, True)


@pytest.mark.parametrize("form", [{"email": "ana@example"}, {"name": " "}, {"password": "short"}, {"name": "a\x00b"}])
async def test_a_form_that_is_not_filled_in_asks_again_and_mails_nobody(portal: Portal, form: dict[str, str]) -> None:
    given = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD, **form}
    assert (await portal.post("/sign-up", **given)).status_code == 422
    await portal.sign_up(email="bo@example.com")
    assert (await portal.next()).to == "bo@example.com"


async def test_what_a_stranger_typed_is_shown_as_text(portal: Portal) -> None:
    page = await portal.post("/sign-in", email='"><script>alert(1)</script>', password="x")
    assert "<script>" not in page.text


# --- A2, A3, A8, A14: sign-in, reset, deletion ------------------------------------------------------------------------


async def test_a_reset_for_an_unknown_address_sends_nothing_and_looks_the_same(portal: Portal) -> None:
    await portal.member()
    unknown = await portal.post("/forgot?lang=en", email="eve@example.com")
    known = await portal.post("/forgot?lang=en", email="ana@example.com")
    assert (await portal.next()).to == "ana@example.com"
    assert unknown.text.replace(id_in(unknown), "") == known.text.replace(id_in(known), "")
    assert unknown.status_code == known.status_code == 200
    guesses = [
        await portal.post("/reset?lang=en", id=id_in(page), code="12345", password=GOOD_PASSWORD)
        for page in (unknown, known)
    ]
    assert guesses[0].text.replace(id_in(unknown), "") == guesses[1].text.replace(id_in(known), "")


async def test_a_reset_takes_a_code_once_within_the_hour(portal: Portal) -> None:
    account = await portal.member()
    page = await portal.post("/forgot", email="ana@example.com")
    letter = await portal.next()
    assert (letter.stream, letter.by) == ("password-reset", account)
    form = {"id": id_in(page), "code": letter.code, "password": "a new password"}
    assert (await portal.post("/reset", **form)).status_code == 200
    assert (await portal.post("/reset", **form)).status_code == 422
    assert (await portal.sign_in()).status_code == 422
    assert (await portal.sign_in("a new password")).status_code == 200


async def test_a_reset_by_link_takes_a_new_password_on_the_portals_own_page(portal: Portal) -> None:
    await portal.member()
    await portal.post("/forgot", email="ana@example.com")
    path = await led_to(portal, (await portal.next()).url)
    token = re.search(r'name="token" value="([^"]+)"', (await portal.client.get(path)).text)
    assert token
    assert (await portal.post("/reset", token=token[1], password="a new password")).status_code == 200
    assert (await portal.post("/reset", token=token[1], password="another password")).status_code == 422
    assert (await portal.sign_in("a new password")).status_code == 200


async def test_who_turned_it_on_signs_in_with_a_second_step(portal: Portal) -> None:
    await portal.member(two_steps="yes")
    page = await portal.sign_in()
    assert "You are signed in" not in page.text
    letter = await portal.next()
    assert letter.stream == "second-factor"
    done = await portal.post("/second-factor?lang=en", id=id_in(page), code=letter.code)
    assert "You are signed in" in done.text


async def test_a_sign_in_code_resets_no_password(portal: Portal) -> None:
    await portal.member(two_steps="yes")
    page = await portal.sign_in()
    code = (await portal.next()).code
    assert (await portal.post("/reset", id=id_in(page), code=code, password="a new password")).status_code == 422


async def test_deleting_the_account_ends_all_mail_but_the_farewell(portal: Portal) -> None:
    account = await portal.member()
    assert (await portal.post("/delete", email="ana@example.com", password="not hers!!")).status_code == 422
    assert (await portal.post("/delete", email="ana@example.com", password=GOOD_PASSWORD)).status_code == 200
    letter = await portal.next()
    assert (letter.stream, letter.by, "Ana Muster" in letter.text) == ("account-deleted", account, True)
    await portal.post("/forgot", email="ana@example.com")
    await portal.sign_up(email="bo@example.com")
    assert (await portal.next()).to == "bo@example.com"


# --- the way to Franked -----------------------------------------------------------------------------------------------


async def test_the_portal_keeps_no_code(portal: Portal, tmp_path: Path) -> None:
    await portal.sign_up()
    letter = await portal.next()
    kept = b"".join((tmp_path / name).read_bytes() for name in ("portal.db", "portal.db-wal"))
    assert b"ana@example.com" in kept
    assert letter.code.encode() not in kept
    assert letter.url.rpartition("/")[2].encode() not in kept


@pytest.mark.parametrize(("answers", "calls"), [([("busy", 429), ("", 202)], 2), ([("unknown_stream", 422)], 1)])
async def test_a_busy_franked_is_asked_again_for_the_same_mail_and_a_refusal_is_not_repeated(
    answers: list[tuple[str, int]], calls: int
) -> None:
    keys: list[str] = []

    async def messages(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        code, status = answers[len(keys) - 1]
        return web.json_response({"id": "m_1", "code": code}, status=status)

    app = web.Application()
    app.router.add_post("/v1/messages", messages)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as http:
        asked = Franked(f"http://127.0.0.1:{runner.addresses[0][1]}", KEY, http)
        sent = asked.send("account-deleted", "ana@example.com", {"name": "Ana"}, act("delete", "account-1", NOW, "r-1"))
        if calls == 2:
            assert await sent == "m_1"
        else:
            with pytest.raises(Refused, match="unknown_stream"):
                await sent
    await runner.cleanup()
    assert keys == ["account-deleted r-1"] * calls


@pytest.mark.parametrize("answered", [503, 500])
async def test_while_franked_gives_no_answer_a_person_is_asked_to_wait(tmp_path: Path, answered: int) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"code": "unavailable"}, status=answered)

    app = web.Application()
    app.router.add_post("/v1/codes", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    product: Any = create_app(url, KEY, tmp_path / "portal.db")
    form = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD}
    async with serving(product, listening("127.0.0.1", 0)) as site, AsyncClient(base_url=site) as client:
        page = await client.post("/sign-up?lang=en", data=form)
        assert (page.status_code, "try again in a minute" in page.text) == (503, True)
        await runner.cleanup()
        assert (await client.post("/sign-up?lang=en", data=form)).status_code == 503


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
    portal: Portal, path: str, accepted: str, locale: str, word: str
) -> None:
    form = {"name": "Ana", "email": "ana@example.com", "password": GOOD_PASSWORD}
    page = await portal.client.post(path, data=form, headers={"Accept-Language": accepted})
    assert word in page.text
    assert (await portal.next()).locale == locale


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
