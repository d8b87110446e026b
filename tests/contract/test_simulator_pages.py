"""The simulated inbox as a person sees it. Whoever wrote the mail must not reach the page around it."""

from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.backends.local.letter import Letter, mime, read
from tests.contract.test_simulator import START, SUCCESS, Played, playing, simple

EVIL = "<script>alert(1)</script>"


async def page(played: Played, path: str) -> tuple[int, Mapping[str, str], str]:
    async with aiohttp.ClientSession() as http, http.get(played.simulator.url + path) as answer:
        return answer.status, answer.headers, await answer.text()


def evil() -> dict[str, Any]:
    text = {"Subject": {"Data": EVIL}, "Body": {"Html": {"Data": EVIL}, "Text": {"Data": EVIL}}}
    attachment = {"FileName": EVIL, "ContentType": EVIL, "RawContent": b"x"}
    content: dict[str, Any] = simple(**text, Attachments=[attachment], Headers=[{"Name": "X-Evil", "Value": EVIL}])
    return {"Content": content["Content"]}


async def test_the_inbox_shows_the_newest_first_and_can_be_searched(tmp_path: Path) -> None:
    async with playing(tmp_path, production=True, rate=50) as played:
        await played.send("ana@example.org")
        await played.send("Bo@example.org", EmailTags=[{"Name": "franked-stream", "Value": "receipt"}])
        await played.send("bounce+1@simulator.amazonses.com")
        _, headers, text = await page(played, "/")
        assert text.index("bounce+1@") < text.index("Bo@example.org") < text.index("ana@example.org")
        assert "receipt" in text
        assert "bounced" in text
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        _, _, found = await page(played, "/?to=bo@EXAMPLE")
        assert ("Bo@example.org" in found, "ana@example.org" in found) == (True, False)
        assert "No mail to such a recipient" in (await page(played, "/?to=%22%3E%3Cscript%3E"))[2]
        assert "<script>" not in (await page(played, "/?to=%22%3E%3Cscript%3E"))[2]


async def test_a_full_inbox_has_pages(tmp_path: Path) -> None:
    async with playing(tmp_path, production=True, rate=1000, quota=-1) as played:
        for number in range(102):
            await played.send(f"n{number}@example.org")
        assert "Older" in (await page(played, "/"))[2]
        second = (await page(played, "/?page=1&to=example"))[2]
        assert ("n1@example.org" in second, "n2@example.org" in second, "Newer" in second) == (True, False, True)
        assert (await page(played, "/?page=-1"))[0] == (await page(played, "/?page=" + "9" * 5000))[0] == 200


async def test_nothing_in_a_mail_runs_in_the_page(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=50) as played:
        ses_id = await played.send(**evil(), FromEmailAddress=f'"{EVIL}" <a@example.com>')
        for path in ("/", f"/mail/{ses_id}"):
            status, _, text = await page(played, path)
            assert (status, "<script>" in text, "&lt;script&gt;" in text) == (200, False, True)
        assert 'sandbox=""' in (await page(played, f"/mail/{ses_id}"))[2]
        _, headers, html = await page(played, f"/mail/{ses_id}/html")
        assert html == EVIL
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox;")
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_mail_is_shown_whole_and_can_be_downloaded(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        content = simple(
            Body={"Text": {"Data": "See https://example.com/r/1"}, "Html": {"Data": "<h1>Danke schön</h1>"}},
            Attachments=[{"FileName": "Rechnung für Ana.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF"}],
            Headers=[{"Name": "List-Unsubscribe", "Value": f"<https://example.com/u/{'x' * 400}>"}],
        )["Content"]
        ses_id = await played.send(Content=content, ReplyToAddresses=["help@example.com"])
        _, _, text = await page(played, f"/mail/{ses_id}")
        assert 'href="https://example.com/r/1"' in text
        assert "Rechnung für Ana.pdf" in text
        assert "help@example.com" in text
        assert (await page(played, f"/mail/{ses_id}/html"))[2] == "<h1>Danke schön</h1>"
        _, headers, raw = await page(played, f"/mail/{ses_id}/raw?download")
        assert headers["Content-Disposition"].startswith("attachment")
        message = message_from_bytes(raw.encode())
        assert message["List-Unsubscribe"] == f"<https://example.com/u/{'x' * 400}>"
        kinds = [part.get_content_type() for part in message.walk()]
        assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]
        assert (await page(played, f"/mail/{ses_id}/raw"))[1]["Content-Type"] == "text/plain; charset=utf-8"


async def test_raw_mail_is_read_as_its_reader_reads_it(tmp_path: Path) -> None:  # B3
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", SUCCESS, "Grüße"
    message.set_content("Hallo Jürgen")
    message.add_alternative("<p>Hallo Jürgen</p>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="invite.ics")
    async with playing(tmp_path) as played:
        ses_id = (await played.ask("send_email", Content={"Raw": {"Data": message.as_bytes()}}))["MessageId"]
        _, _, text = await page(played, f"/mail/{ses_id}")
        assert all(part in text for part in ("Grüße", "Hallo Jürgen", "invite.ics", "text/calendar"))
        assert "<p>Hallo Jürgen</p>" in (await page(played, f"/mail/{ses_id}/html"))[2]


@pytest.mark.parametrize("path", ["/mail/nobody", "/mail/nobody/html", "/mail/nobody/raw", "/mail/..%2Fstate.json"])
async def test_there_is_no_page_for_a_mail_that_is_not_there(tmp_path: Path, path: str) -> None:
    async with playing(tmp_path) as played:
        assert (await page(played, path))[0] == 404


def letter(**changes: Any) -> Letter:
    given: dict[str, Any] = {
        "ses_id": "1",
        "message_id": "<1@example.com>",
        "at": START,
        "source": "a@example.com",
        "tags": (),
    }
    return Letter(**(given | {"senders": (), "recipients": (), "subject": "", "configuration_set": None} | changes))


@given(st.binary())
def test_any_bytes_can_be_read_as_mail(raw: bytes) -> None:
    read(letter(raw=raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Disposition: attachment; filename*=x''%ff;filename*0*=\r\n\r\nHello",
        b"Content-Type: multipart/mixed; boundary*=x;boundary*0*=y\r\n\r\n--x\r\n\r\nHello\r\n--x--",
    ],
)
def test_mail_that_can_not_be_taken_apart_is_shown_as_its_source(raw: bytes) -> None:
    assert "Hello" in (read(letter(raw=raw)).text or "")


@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: ",
                b"text/html",
                b"; charset=",
                b"multipart/mixed; boundary=x",
                b"x",
                b"\r\n",
                b"\r\n\r\n",
                b"--x",
                b"--x--",
                b"Content-Transfer-Encoding: base64",
                b'"',
                b"=?utf-8?b?4==?=",
                b"\xff",
                b"Content-Disposition: attachment; filename*=x''%ff",
                b"filename*0*=",
                b"utf-7",
                b";",
            ]
        )
    )
)
def test_any_pieces_of_mail_can_be_read(pieces: list[bytes]) -> None:
    read(letter(raw=b"".join(pieces)))


no_surrogates = st.text(st.characters(exclude_categories=["Cs"]))


@given(no_surrogates, no_surrogates, no_surrogates)
def test_any_text_can_be_composed_and_read_back(subject: str, text: str, html: str) -> None:
    composed = mime(letter(subject=subject, text=text, html=html))
    assert read(letter(raw=composed)).html == html
