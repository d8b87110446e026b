"""The docs say what is true today: every route, command, setting and problem has its place in them."""

import re
import tomllib
from pathlib import Path
from shlex import split

import pytest
import typer
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from franked.doors.cli import cli
from franked.doors.http.app import ROUTES
from franked.doors.http.openapi.answers import PROBLEMS
from franked.doors.http.problems import MEANINGS
from franked.rules.content import REFUSED_BY_SES
from franked.rules.filetype import MEDIA_TYPES
from franked.rules.remedy import REMEDIES
from franked.settings.whole import SECTIONS, STREAM

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text()


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_is_documented(route: HTTPRouteHandler) -> None:
    http = page("http.md")
    for path in route.paths:
        shown = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
        for method in route.http_methods:
            assert f"`{method} {shown}`" in http


def test_every_route_has_its_line_in_the_openapi_document() -> None:
    """In franked/doors/http/openapi/answers.py: which problems it can answer with."""
    assert {route.handler_name for route in ROUTES} == set(PROBLEMS)


def test_every_documented_route_exists() -> None:
    app = Litestar(route_handlers=list(ROUTES))
    known = {re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path) for route in app.routes}
    for path in re.findall(r"`(?:GET|POST|DELETE) (/[^`]*)`", page("http.md")):
        assert path in known


def commands() -> list[str]:
    root = typer.main.get_command(cli)
    assert isinstance(root, typer.core.TyperGroup)
    return sorted(root.commands)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented_with_an_example(command: str) -> None:
    cli_page = page("cli.md")
    assert f"## `franked {command}`" in cli_page
    assert re.search(rf"^franked {command}\b", cli_page, re.MULTILINE)


def test_every_command_below_a_command_has_its_example() -> None:
    root = typer.main.get_command(cli)
    assert isinstance(root, typer.core.TyperGroup)
    groups = {name: one for name, one in root.commands.items() if isinstance(one, typer.core.TyperGroup)}
    below = {f"franked {name} {sub}" for name, group in groups.items() for sub in group.commands}
    assert len(below) > 9
    assert {one for one in below if not any(line.startswith(one) for line in shown_lines())} == set()


def test_every_documented_command_exists() -> None:
    for command in re.findall(r"^## `franked (\w+)`", page("cli.md"), re.MULTILINE):
        assert command in commands()


def shown_lines() -> set[str]:
    """Every command line that a page shows in a block, or a hint between backquotes."""
    pages = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("examples/*/README.md")]
    blocks = (re.findall(r"^```\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE) for path in pages)
    lines = {line.partition("#")[0].strip() for found in blocks for block in found for line in block.splitlines()}
    hints = (one.way_out for remedies in REMEDIES.values() for one in remedies.values())
    quoted = {line for hint in hints for line in re.findall(r"`(franked [^`]+)`", hint)}
    return {line for line in lines if re.match(r"(\.venv/bin/)?franked\b", line)} | quoted


@pytest.mark.parametrize("line", sorted(shown_lines()))
def test_every_command_line_that_is_shown_can_be_asked(line: str) -> None:
    """Its command is there, and takes these arguments and options."""
    words = split(line.partition(" > ")[0])[1:]
    command: typer.core.TyperCommand | typer.core.TyperGroup = typer.main.get_command(cli)  # type: ignore[assignment]
    while words and isinstance(command, typer.core.TyperGroup) and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]  # type: ignore[assignment]
    if words:
        command.make_context("franked", words)


@pytest.mark.parametrize(
    "setting", [*(one for section in SECTIONS for one in section.settings), *STREAM], ids=lambda one: one.path
)
def test_every_setting_is_documented(setting: object) -> None:
    assert f"`{setting.name}`" in page("settings.md")  # type: ignore[attr-defined]  # a private class of the table


def test_every_type_of_attachment_that_is_refused_or_looked_at_is_documented() -> None:
    """D1: and no other."""
    told = page("http.md").partition("### Attachments")[2].partition("\n## ")[0]
    looked_at, listed = told.split("SES takes no file with one of these endings")
    assert set(re.findall(r"`(\w+)`", listed)) == REFUSED_BY_SES
    assert MEDIA_TYPES.keys() <= set(re.findall(r"`(\w+)`", looked_at))


def test_every_reason_of_the_verdict_is_documented() -> None:
    """Whoever reads `dropped` in an answer finds the word here."""
    words = re.findall(r'(?:Hold|Drop)\("(\w+)"\)', (ROOT / "franked/rules/verdict.py").read_text())
    told = page("http.md")
    assert {word for word in words if f"`{word}`" not in told} == set()


def test_every_problem_that_a_verdict_names_has_a_meaning() -> None:
    named = set(
        re.findall(r'TurnedAway\("(\w+)"', "".join(path.read_text() for path in (ROOT / "franked").rglob("*.py")))
    )
    named |= set(
        re.findall(r'Problem\("(\w+)"', "".join(path.read_text() for path in (ROOT / "franked/doors").rglob("*.py")))
    )
    assert named <= set(MEANINGS)


def test_every_link_between_our_pages_leads_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("examples/*/README.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} → {target}"


def test_every_package_we_depend_on_has_its_reason() -> None:
    """In the table's first column, by its name, whatever it is for."""
    told = {name for row in re.findall(r"^\| ([^|]+) \|", page("why.md"), re.MULTILINE) for name in row.split(", ")}
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    kinds = [project["dependencies"], *project["optional-dependencies"].values(), pyproject["build-system"]["requires"]]
    packages = {name[0] for kind in kinds for one in kind if (name := re.match(r"[a-z0-9-]+", one))}
    assert len(packages) > 25
    assert packages - told == set()
