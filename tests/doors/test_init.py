"""`franked init`: a product that works at once, in a folder where nothing was."""

import json
import os
import pty
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from franked import ready
from franked.settings import read
from tests.commandline import FRANKED, WITHIN, called, environment, in_turn, up

SAID = (
    *("--name", "Müller & Söhne, Inc.", "--website", "https://shop.example.com", "--domain", "shop.example.com"),
    *("--postal-address", 'Müller & Söhne, "Hof" 1, 10115 Berlin'),
)


def test_what_it_writes_works_at_once_and_every_mail_of_it_arrives(tmp_path: Path) -> None:
    """A10: in the reader's language, greeted by name, signed, with the contact."""
    said = called(tmp_path, "init", "shop", *SAID, "--languages", "de,en", "--admin", "ops@shop.example.com")
    assert said.status == 0, said.err
    shop = tmp_path / "shop"
    played = {"FRANKED_SIMULATOR_RATE": "100", "FRANKED_SIMULATOR_PRODUCTION": "true", "FRANKED_SIMULATOR_PORT": "0"}
    with up(shop, FRANKED_SERVER_PORT="0", **played) as running:
        streams = [stream for stream in ready.mails() if stream != "newsletter"]  # nobody has subscribed to it
        asked = [("send", "--me", "--stream", stream, "--locale", "en", "--json") for stream in streams]
        for stream, sent in zip(streams, in_turn(shop, *asked, **running.by_url), strict=True):
            assert sent.status == 0, f"{stream}: {sent.out} {sent.err}"
            assert json.loads(sent.out)["state"] in {"sent", "delivered"}


def test_it_writes_what_was_asked_for_and_no_more(tmp_path: Path) -> None:
    said = called(tmp_path, "init", *SAID, "--languages", "de", "--mails", "receipt,password-reset")
    assert said.status == 0, said.err
    settings = read(tmp_path / "franked.toml", {})
    assert list(settings.streams) == ["receipt", "password-reset"]
    assert settings.templates.default_locale == "de"
    assert settings.sender.name == "Müller & Söhne, Inc."
    assert settings.sender.postal_address == 'Müller & Söhne, "Hof" 1, 10115 Berlin'
    assert str(settings.sender.from_.address) == "no-reply@shop.example.com"
    mails = {str(path.relative_to(tmp_path / "mail")) for path in (tmp_path / "mail").rglob("*.*")}
    assert mails == {"_layout/de.html", "_layout/de.txt", "receipt/de.html", "receipt/de.txt", "password-reset/de.html"}


@pytest.mark.parametrize("there", ["franked.toml", "mail/mine/en.txt"])
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine")
    said = called(tmp_path, "init", *SAID)
    assert said.status == 2
    assert "is there already" in said.err
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("init",), "say --name, --website, --domain, --postal-address"),
        (("init", *SAID, "--mails", "receipt,spam"), "there is no spam; there are verification"),
        (("init", *SAID, "--languages", "fr"), "there is no fr; there are en, de"),
        (("init", *SAID, "--languages", ","), "name at least one of en, de"),
        (("init", *SAID, "--website", "shop"), '[sender] website: "shop" is not an address'),
        (("init", *SAID, "--region", "moon"), '[ses] region: "moon" is not an AWS Region'),
        (("init", *SAID, "--domain", "no domain"), "[sender] from"),
        (("init", *SAID, "--name", "a\n[server]"), "[sender] name"),
    ],
)
def test_what_can_not_be_is_told_and_nothing_is_written(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    said = called(tmp_path, *arguments)
    assert said.status == 2
    assert says in said.err
    assert list(tmp_path.iterdir()) == []


def test_at_a_terminal_it_asks_for_what_was_not_said(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [FRANKED, "init", *SAID[2:]]
    asks = Popen(command, cwd=tmp_path, env=environment({}), stdin=theirs, stdout=PIPE, stderr=PIPE)
    os.close(theirs)
    os.write(ours, b"Example Shop\n\nde\nreceipt\n")  # name, Region as proposed, languages, mails
    _, err = asks.communicate(timeout=WITHIN)
    os.close(ours)
    assert asks.returncode == 0, err
    assert "The product's name" in err.decode()
    settings = read(tmp_path / "franked.toml", {})
    assert (settings.sender.name, settings.ses.region, list(settings.streams)) == (
        "Example Shop",
        "eu-central-1",
        ["receipt"],
    )
