"""`franked newsletter`: an issue is handed in, and one can look on while it is written to its readers.

Franked writes it, not this command: whoever stops looking stops nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said

LOOK_EVERY = 0.25  # seconds


@dataclass(frozen=True, slots=True)
class Words:
    """Of an issue that no template writes."""

    subject: str | None
    html: Path | None
    text: Path | None


def send(stream: str, newsletter_id: str, var: Sequence[str], words: Words, config: Path | None, as_json: bool) -> int:
    return said(lambda: _send(_issue(stream, newsletter_id, var, words), client(config), as_json))


def show(newsletter_id: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _tell(_found(newsletter_id, client(config)), as_json))


def _issue(stream: str, newsletter_id: str, var: Sequence[str], words: Words) -> dict[str, Any]:
    unsplit = [one for one in var if "=" not in one]
    if unsplit:
        raise Unusable(f"--var {unsplit[0]}: say NAME=VALUE")
    issue: dict[str, Any] = {
        "id": newsletter_id,
        "stream": stream,
        "variables": dict(one.split("=", 1) for one in var),
    }
    if words.subject or words.html or words.text:
        parts = {name: _read(file) for name, file in (("html", words.html), ("text", words.text)) if file}
        issue["content"] = {"subject": words.subject or "", **parts}
    return issue


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} can't be read: {error}") from error


def _send(issue: dict[str, Any], franked: Client, as_json: bool) -> int:
    told = franked.call("POST", "/v1/newsletters", issue)
    aside = Console(stderr=True)
    columns = TextColumn("Writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal) as progress:
        bar = progress.add_task("Writing", total=told["people"])
        while told["state"] != "done":
            time.sleep(LOOK_EVERY)
            told = _found(issue["id"], franked)
            progress.update(bar, completed=told["written"])
    return _tell(told, as_json)


def _found(newsletter_id: str, franked: Client) -> dict[str, Any]:
    told: dict[str, Any] = franked.call("GET", f"/v1/newsletters/{quote(newsletter_id, safe='')}")
    return told


def _tell(told: dict[str, Any], as_json: bool) -> int:
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
        return 0
    how_far = "is written" if told["state"] == "done" else f"is being written, {told['written']} of {told['people']}"
    going = f"{told['queued']} go as SES's pace allows, {told['dropped']} must not"
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    out.print(f"{told['id']} ({told['stream']}) {how_far}: {going}")
    return 0
