"""A stream says in a section of its own that it sends codes; what does not go together is told with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from franked.rules.stream import Coding, Limit
from franked.settings import Settings, SettingsFault, describe, read
from tests.product import TOML

STREAM = '[streams.sign-in-code]\nkind = "transactional"'


def settings(folder: Path, section: str, *changes: tuple[str, str]) -> Settings:
    text = TOML + section
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "franked.toml").write_text(text)
    return read(folder / "franked.toml", {})


def refusal(folder: Path, section: str, *changes: tuple[str, str]) -> str:
    with pytest.raises(SettingsFault) as caught:
        settings(folder, section, *changes)
    return str(caught.value).replace(f"{folder}/", "")


def test_an_empty_section_is_enough(tmp_path: Path) -> None:
    found = settings(tmp_path, "[streams.sign-in-code.codes]")
    code = found.streams["sign-in-code"].codes
    assert code == Coding(timedelta(minutes=10), digits=6, attempts=5, resend_after=timedelta(seconds=45))
    assert found.streams["receipt"].codes is None
    assert found.codes.per_mailbox == Limit(20, timedelta(days=1))
    shown = {one.name: (one.value, one.origin) for one in describe(found)}
    assert shown["streams.sign-in-code.codes.attempts"] == ("5", "default")
    assert "streams.receipt.codes.attempts" not in shown


def test_all_of_it_can_be_said(tmp_path: Path) -> None:
    section = """
[streams.sign-in-code.codes]
valid_for = "15m"
digits = 8
attempts = 3
resend_after = "1m"
leads_to = "https://backup.example.com/confirmed"

[codes]
per_mailbox = "10/hour"
"""
    found = settings(tmp_path, section)
    assert found.streams["sign-in-code"].codes == Coding(
        timedelta(minutes=15), 8, 3, timedelta(minutes=1), "https://backup.example.com/confirmed"
    )
    assert found.codes.per_mailbox == Limit(10, timedelta(hours=1))
    [line] = [one for one in describe(found) if one.name == "streams.sign-in-code.codes.digits"]
    assert (line.value, line.origin.rpartition("/")[2].split(":")[0]) == ("8", "franked.toml")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("digits = 4", "[streams.sign-in-code.codes] digits: 4 is not a whole number from 6 to 10"),
        ("attempts = 100", "[streams.sign-in-code.codes] attempts: 100 is not a whole number from 1 to 10"),
        ("digitz = 6", "[streams.sign-in-code.codes] digitz: there is no such setting; did you mean digits?"),
        (
            'valid_for = "5m"',
            "[streams.sign-in-code] codes.valid_for: it is shorter than useful_for: a mail could bring a code that "
            "has ended",
        ),
        ('resend_after = "11m"', "[streams.sign-in-code] codes.resend_after: it is longer than a code is valid"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, said: str, told: str) -> None:
    refused = refusal(tmp_path, f"[streams.sign-in-code.codes]\n{said}")
    assert told in refused
    assert refused.startswith(f"franked.toml:{len(TOML.splitlines()) + 2}:")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("secret = true\n", ""), "secret: a stream that sends codes is secret: write secret = true"),
        ((STREAM, STREAM.replace("transactional", "notification")), "kind: a stream that sends codes is transactional"),
    ],
)
def test_what_does_not_go_with_codes_is_named(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert f"[streams.sign-in-code] {told}" in refusal(tmp_path, "[streams.sign-in-code.codes]", change)


def test_codes_are_a_section(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "", (STREAM, f"{STREAM}\ncodes = true"))
    assert refused.endswith("codes are a section: write [streams.sign-in-code.codes]")
