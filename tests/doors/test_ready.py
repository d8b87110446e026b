"""Every ready mail, in each language: correct HTML, no spam, readable by everybody, and what was promised of it."""

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import default
from subprocess import run

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import chromium, found
from tests.readymade import LINKS, SENDER, ReadyMail, ready_mails

_MARK = re.compile(r"Message-I[Dd]: <([0-9]+)@example\.com>")


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> list[ReadyMail]:
    return ready_mails(tmp_path_factory.mktemp("ready"))


def test_there_are_nine_in_two_languages(mails: list[ReadyMail]) -> None:
    assert len({mail.name for mail in mails}) == 18


def test_each_is_correct_html(mails: list[ReadyMail]) -> None:
    """By the parser of the WHATWG's specification, which stops at the first error."""
    for mail in mails:
        html5lib.HTMLParser(strict=True).parse(mail.rendered.html)
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse(mails[0].rendered.html.replace("</h1>", ""))


def test_each_keeps_what_was_promised_of_it(mails: list[ReadyMail]) -> None:
    """A8, A10, C9, F8."""
    for mail in mails:
        said, text = mail.rendered, mail.rendered.text
        assert said.subject.endswith(" – Example Backup"), mail.name
        assert ("Guten Tag" if mail.locale == "de" else "Hello") in text
        assert "name" not in mail.sample or f" {mail.sample['name']}," in text
        assert ("Freundliche Grüße" if mail.locale == "de" else "Kind regards") in text
        assert f'lang="{mail.locale}"' in said.html
        for part in (said.html, text):
            assert all(known in part for known in (*SENDER.values(), LINKS["why"])), mail.name
            assert all((LINKS[use] in part) is bool(mail.stream.topic) for use in ("leave", "preferences")), mail.name
            assert ("ransactional message" in part or "ransaktionale Nachricht" in part) is not bool(mail.stream.topic)
        assert ("code" in mail.sample) is mail.stream.secret
        if mail.stream.secret:
            assert mail.sample["code"] in text.splitlines()
            assert str(mail.sample["code"]) not in said.subject
            assert any(ignore in text for ignore in ("please ignore this email", "ignorieren Sie diese E-Mail bitte"))
        assert "<" not in text
        assert max(map(len, text.splitlines())) < 300


def test_none_of_them_is_spam(mails: list[ReadyMail]) -> None:
    """SpamAssassin's points by what the mail says, without the network (`-L`): below 2."""
    if program := found("spamassassin"):
        spam = EmailMessage()
        spam.set_content("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")
        *points, points_of_spam = _points(program, [*map(_raw, mails), bytes(spam)])
        assert {mail.name: its for mail, its in zip(mails, points, strict=True) if its >= 2} == {}
        assert points_of_spam > 100


def test_everybody_can_read_them(mails: list[ReadyMail]) -> None:
    """axe finds nothing serious, in the light and in the dark."""
    if program := found("chromium"):
        with chromium(program) as browser:
            light, dark = browser.new_page(color_scheme="light"), browser.new_page(color_scheme="dark")
            for mail in mails:
                assert _serious(light, mail.rendered.html) == [], mail.name
                assert _serious(dark, mail.rendered.html) == [], f"{mail.name}, in the dark"
            pale = '<html lang="en"><title>x</title><p style="color: #ddd; background: #fff">pale</p>'
            assert _serious(light, pale) == ["color-contrast"]


def _serious(page: Page, html: str) -> list[str]:
    page.set_content(html)
    violations = Axe().run(page).response["violations"]
    return [str(one["id"]) for one in violations if one["impact"] in {"serious", "critical"}]


def _raw(mail: ReadyMail) -> bytes:
    """As SES makes it of `Simple`: a text and an HTML part."""
    raw = EmailMessage(policy=default)
    raw["From"] = mail.stream.sender.header
    raw["To"] = "ana@example.com"
    raw["Subject"] = mail.rendered.subject
    raw["Date"] = "Wed, 04 Mar 2026 10:15:07 +0000"
    raw.set_content(mail.rendered.text)
    raw.add_alternative(mail.rendered.html, subtype="html")
    return bytes(raw)


def _points(program: str, mails: Sequence[bytes]) -> list[float]:
    """Of all in one run: its start takes longest. It judges several at once, and tells them as they are done."""
    marked = (b"Message-ID: <%d@example.com>\n" % number + mail for number, mail in enumerate(mails))
    box = b"\n".join(b"From ana@example.com Wed Mar  4 10:15:07 2026\n" + mail for mail in marked)
    judged = run([program, "-L", "-t", "--mbox"], input=box, capture_output=True, check=False).stdout.decode()
    points: dict[int, float] = {}
    score = None
    for line in judged.splitlines():
        if line.startswith("X-Spam-Status:"):
            score = float(line.partition("score=")[2].split()[0])
        elif score is not None and (found := _MARK.fullmatch(line)):
            points[int(found[1])], score = score, None
    assert sorted(points) == list(range(len(mails))), judged
    return [points[number] for number in range(len(mails))]
