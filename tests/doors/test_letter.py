"""`franked letter`: on paper, with what is attached to it, and as a defence when AWS reviews the account."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from franked.access.facts import facts_of
from franked.rules.governor import BrakeRelease
from franked.rules.message import State
from franked.rules.rates import AwsRates
from tests.commandline import Up, called, franked, up
from tests.pdftext import pages_of
from tests.product import TEMPLATES, TOML
from tests.running import Product

ATTACHED = {"business", "infrastructure", "proof"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "franked.toml").write_text(TOML)
    for name, (subject, variables, html) in TEMPLATES.items():
        (folder / "mail" / name).mkdir(parents=True)
        head = f"+++\nsubject = {json.dumps(subject)}\nvariables = {json.dumps(variables)}\n+++\n"
        (folder / "mail" / name / "en.html").write_text(head + html)
    with up(folder) as running:
        yield running


def test_the_letter_is_put_on_paper_and_each_page_says_that_it_is_a_rehearsal(shop: Up, tmp_path: Path) -> None:
    """F2."""
    said = called(tmp_path, "letter", "--pdf", "letter.pdf", **shop.by_url)
    assert said.status == 1, said.err  # not released: much is missing
    assert said.out == "letter.pdf: written\n"
    assert "not released: New value: not filled in" in said.err
    pages = pages_of((tmp_path / "letter.pdf").read_bytes())
    assert "Production access to Amazon SES: Example Backup" in pages[0]
    assert all("REHEARSAL" in page for page in pages)


def test_the_attachments_are_markdown_and_paper(shop: Up, tmp_path: Path) -> None:
    """D16."""
    said = called(tmp_path, "letter", "--attachments", "attached", **shop.by_url)
    assert said.status == 1, said.err
    written = {path.name for path in (tmp_path / "attached").iterdir()}
    assert written == {f"{name}.{kind}" for name in ATTACHED for kind in ("md", "pdf")}
    assert "identity:backup.example.com" in (tmp_path / "attached/infrastructure.md").read_text()
    assert "Evidence of the infrastructure" in pages_of((tmp_path / "attached/infrastructure.pdf").read_bytes())[0]


def test_without_reportlab_it_says_what_to_install_and_the_attachments_are_markdown(shop: Up, tmp_path: Path) -> None:
    """As on a machine without it: a module in its place can't be imported."""
    (tmp_path / "reportlab").mkdir()
    (tmp_path / "reportlab/__init__.py").write_text("raise ImportError('not here')\n")
    path = f"{tmp_path}:{Path(__file__).parents[2]}"
    said = franked(tmp_path, "letter", "--pdf", "letter.pdf", PYTHONPATH=path, **shop.by_url)
    assert said.status == 2
    assert "pip install 'franked[pdf]'" in said.err
    assert not (tmp_path / "letter.pdf").exists()
    franked(tmp_path, "letter", "--attachments", "attached", PYTHONPATH=path, **shop.by_url)
    assert {path.name for path in (tmp_path / "attached").iterdir()} == {f"{name}.md" for name in ATTACHED}


def test_a_file_that_can_not_be_written_is_a_sentence(shop: Up, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("a file")
    for option in (("--to", "there/letter.md"), ("--pdf", "there/letter.pdf"), ("--attachments", "there")):
        said = called(tmp_path, "letter", *option, **shop.by_url)
        assert said.status == 2
        assert "there" in said.err


def test_the_defence_is_told_on_the_command_line(shop: Up, tmp_path: Path) -> None:
    said = called(tmp_path, "letter", "--as", "defence", "--days", "7", "--pdf", "defence.pdf", **shop.by_url)
    assert said.status == 1, said.err  # sentences are left out: no canary has flown
    assert "left out: bounce: canary:bounce is missing" in said.err
    assert "Review of the Amazon SES account" in pages_of((tmp_path / "defence.pdf").read_bytes())[0]
    shown = called(tmp_path, "letter", "--as", "defence", "--json", **shop.by_url)
    assert "takes the address out at once" not in json.loads(shown.out)["markdown"]
    refused = called(tmp_path, "letter", "--as", "defence", "--attachments", "x", **shop.by_url)
    assert refused.status == 2


async def test_the_defence_has_what_came_back_and_what_was_done(product: Product) -> None:
    for address in ("bounce1@example.com", "success1@example.com"):
        await product.send(address)
    bounced = await product.send("bounce@simulator.amazonses.com", stream="receipt")
    await product.until(bounced["id"], State.BOUNCED)
    status, told = await product.get("/v1/access/defence?days=3", product.franked.control_key)
    assert status == 200
    assert "2 mails were sent: 0 bounced for good" in told["markdown"]  # SES's simulator is in no figure
    assert "| receipt | 2 | 0 | 0 % |" in told["markdown"]
    assert "It has not moved on these days." in told["markdown"]
    assert told["rehearsal"] is True


async def test_what_the_brake_did_and_who_released_it_is_in_the_defence(product: Product) -> None:
    """A6: the investigation and the corrective action are on record."""
    store, now = product.franked.world.store, product.franked.world.now()
    await store.learn_aws_rates(AwsRates(0.06, 0.0, now))
    await store.release_brake([BrakeRelease("Ana", "an old list was imported", "it was taken off again", now)])
    _, told = await product.get("/v1/access/defence", product.franked.control_key)
    assert "AWS itself counts 6 % bounces" in told["markdown"]
    assert "| released | an old list was imported | Ana | it was taken off again |" in told["markdown"]
    product.clock.move(days=20)
    _, told = await product.get("/v1/access/defence", product.franked.control_key)
    assert "an old list was imported" not in told["markdown"]  # of other days
    _, told = await product.get("/v1/access/defence?days=30", product.franked.control_key)
    assert "an old list was imported" in told["markdown"]


@pytest.mark.parametrize("days", ["0", "40", "x"])
async def test_days_that_nobody_counted_are_refused(product: Product, days: str) -> None:
    status, told = await product.get(f"/v1/access/defence?days={days}", product.franked.control_key)
    assert (status, told["code"]) == (422, "invalid_query")


async def test_a_volume_is_measured_by_stream_over_whole_days_once_there_is_a_week_of_them(product: Product) -> None:
    """F7, A13."""
    world = product.franked.world
    for day, count in enumerate((1, 3, 1, 1, 1, 1, 1, 1)):
        assert bool((await facts_of((), world)).measured) == (day >= 7)
        for number in range(count):
            await product.until((await product.send(f"reader{number}@example.com"))["id"], State.DELIVERED)
        product.clock.move(days=1)
    measured = (await facts_of((), world)).measured
    assert set(measured) == {"receipt"}
    assert (measured["receipt"].days, measured["receipt"].busiest) == (8, 3)
    assert measured["receipt"].a_day == pytest.approx(10 / 8)
