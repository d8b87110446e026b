"""The bytes of a mail: headers that mail programs still understand, and both parts as they were written."""

from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as policies
from email.message import EmailMessage

import pytest

from franked.formats.html import plain_text
from franked.formats.mail import Mail
from franked.formats.mime import build, policy
from franked.rules.address import Address

LONG_URL = "https://news.example.com/u/" + "Ab3_-" * 75  # 402 characters


def mail(**changes: object) -> Mail:
    given: dict[str, object] = {
        "sender": "Example Backup <no-reply@backup.example.com>",
        "to": Address.of_spelled("ana@example.com"),
        "subject": "Backup finished",
        "html": "<p>Grüezi Ana</p>",
        "text": "Grüezi Ana\n",
        **changes,
    }
    return Mail(**given)  # type: ignore[arg-type]  # a test names only what it changes


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policies.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_long_unsubscribe_link_stays_one_readable_line() -> None:
    """C9: the stdlib's own policy would turn it into an RFC 2047 word, and no mail program shows the button."""
    header = f"<{LONG_URL}>, <mailto:leave@news.example.com?subject=x>"
    one_click = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    raw = build(mail(headers=(("List-Unsubscribe", header), one_click)))
    assert f"\r\nList-Unsubscribe: {header}\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_the_stdlib_still_breaks_that_header_so_our_policy_is_still_needed() -> None:
    message = EmailMessage(policy=policies.SMTP)
    message["List-Unsubscribe"] = f"<{LONG_URL}>"
    assert b"=?utf-8?" in message.as_bytes()


def test_a_subject_that_is_not_ascii_comes_back_as_it_was() -> None:
    subject = "Ihre Anmeldung – " + "Übergrößenträger " * 12
    raw = build(mail(subject=subject))
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 100
    assert read(raw)["Subject"].strip() == subject.strip()


def test_text_stands_before_html_and_both_come_back_as_they_were() -> None:
    found = read(build(mail(text="Grüezi Ana\n" + "x" * 2000 + "\n")))
    assert found.get_content_type() == "multipart/alternative"
    text, html = found.iter_parts()
    assert text.get_content().splitlines() == ["Grüezi Ana", "x" * 2000]
    assert html.get_content().splitlines() == ["<p>Grüezi Ana</p>"]


def test_the_bytes_are_seven_bit_and_the_same_each_time() -> None:
    raw = build(mail(), "<1@example.com>", datetime(2025, 3, 1, 12, 0, tzinfo=UTC))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw == build(mail(), "<1@example.com>", datetime(2025, 3, 1, 12, 0, tzinfo=UTC))
    assert read(raw)["Date"] == "Sat, 01 Mar 2025 12:00:00 +0000"
    assert read(raw)["Message-ID"] == "<1@example.com>"


def test_without_html_the_mail_is_plain_text() -> None:
    assert read(build(mail(html=""))).get_content_type() == "text/plain"


def test_a_named_sender_and_a_reply_to_keep_their_names() -> None:
    found = read(build(mail(sender="=?utf-8?q?B=C3=BCro?= <desk@example.com>", reply_to='"Doe, Jo" <jo@example.com>')))
    assert str(found["From"]) == "Büro <desk@example.com>"
    assert found["Reply-To"].addresses[0].display_name == "Doe, Jo"


@pytest.mark.parametrize("broken", ["a\r\nBcc: all@example.com", "a\nb"])
def test_a_line_break_in_a_header_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        build(mail(headers=(("X-Name", broken),)))


def test_a_line_break_hidden_in_an_encoded_name_does_not_become_a_header() -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        build(mail(sender="=?utf-8?q?Ana=0D=0ABcc=3A_x=40example=2Ecom?= <a@example.com>"))


def test_a_line_longer_than_smtp_takes_is_left_to_the_stdlib() -> None:
    message = EmailMessage(policy=policy)
    message["X-Long"] = "word " * 300
    assert max(map(len, message.as_bytes().split(b"\r\n"))) <= 998


def test_raw_mail_goes_out_as_it_is() -> None:
    assert build(mail(raw=b"Subject: x\r\n\r\ny")) == b"Subject: x\r\n\r\ny"


def test_a_link_in_the_text_part_says_where_it_leads() -> None:
    assert plain_text('<a href="https://a.example.com/x">Confirm</a>') == "Confirm: https://a.example.com/x"
    assert plain_text('<a href="https://a.example.com">https://a.example.com</a>') == "https://a.example.com"
    assert plain_text("<div><div><p>not indented</p></div></div>") == "not indented"
    assert plain_text('<a href="mailto:jo@example.com">jo@example.com</a>') == "jo@example.com"
