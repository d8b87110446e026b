"""`franked templates lint`: what is to be asked about a product's mails, for people and for programs."""

import json
from pathlib import Path

from franked.formats.lint import lint
from franked.formats.template import Template
from franked.settings import read
from franked.wiring import templates_of
from tests.commandline import called

INIT = (
    *("init", "--name", "Example Shop", "--website", "https://shop.example.com", "--domain", "shop.example.com"),
    *("--postal-address", "Example Shop Ltd, 1 Sample Street, 8000 Zurich"),
)


def test_what_init_writes_raises_no_question(tmp_path: Path) -> None:
    assert called(tmp_path, *INIT).status == 0
    said = called(tmp_path, "templates", "lint", "--json")
    assert json.loads(said.out) == {"templates": 9, "findings": []}
    assert said.status == 0


def test_what_matters_makes_exit_status_1_and_says_where_it_is_why_and_the_way_out(tmp_path: Path) -> None:
    assert called(tmp_path, *INIT, "--mails", "receipt,notice").status == 0
    layout, receipt = tmp_path / "mail/_layout/en.html", tmp_path / "mail/receipt/de.html"
    layout.write_text(layout.read_text().replace("<body>", '<body><img src="https://shop.example.com/x.png">'))
    receipt.write_text(receipt.read_text().replace("{{ number }}:</p>", "{{ nummer }}:</p>"))
    said = called(tmp_path, "templates", "lint", "--json")
    told = json.loads(said.out)["findings"]
    assert [(one["file"], one["what"]) for one in told] == [
        ("_layout/en.html", "image_without_alt"),
        ("receipt/de.html", "broken"),
    ]
    assert "'nummer' is used, but not declared" in told[1]["why"]
    assert all(one["line"] > 1 and one["way_out"] for one in told)
    assert said.status == 1
    shown = called(tmp_path, "templates", "lint")
    assert f"mail/_layout/en.html, line {told[0]['line']}: image without alt" in shown.out
    assert "Way out: say it: alt=" in shown.out
    assert shown.status == 1


def test_a_note_is_told_and_is_no_failure(tmp_path: Path) -> None:
    assert called(tmp_path, *INIT, "--mails", "notice").status == 0
    for file in (tmp_path / "mail/notice").iterdir():
        file.write_text(file.read_text().replace('"at", "url"]', '"at", "url", "more"]'))
    said = called(tmp_path, "templates", "lint", "--json")
    assert {one["what"] for one in json.loads(said.out)["findings"]} == {"unused_variable"}
    assert said.status == 0


def test_the_examples_mails_raise_no_question() -> None:
    settings = read(Path(__file__).parents[2] / "examples/consulting/franked.toml", {})
    contact = settings.sender
    sender = {"name": contact.name, "website": contact.website, "postal_address": contact.postal_address}
    templates = templates_of(settings)
    assert len(templates) == 4
    for template in templates:
        assert isinstance(template, Template)
        assert lint(template, [settings.streams[template.name]], sender) == []
