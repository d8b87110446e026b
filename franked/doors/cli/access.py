"""`franked check` and `franked letter`: what is missing before AWS is asked, and what it will be told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.client import client
from franked.doors.cli.paper import write_attachments, write_pdf, write_text
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

CHECKS, LETTER, DEFENCE = "/v1/access/checks", "/v1/access/letter", "/v1/access/defence"


def check(config: Path | None, view: str | None, *, as_json: bool) -> int:
    """1: something that is required is missing."""

    def checked() -> int:
        told = client(config).call("GET", CHECKS)
        out(told, _points(told[view]) if view else _checks(told), as_json=as_json)
        return 0 if told["ready"] else 1

    return said(checked)


@dataclass(frozen=True, slots=True)
class Files:
    """Where it is written to; all None: to stdout."""

    text: Path | None = None
    pdf: Path | None = None
    attachments: Path | None = None

    def write(self, told: Mapping[str, Any], text: str, *, rehearsal: bool) -> Iterator[str]:
        if self.text:
            yield write_text(self.text, text)
        if self.pdf:
            yield write_pdf(self.pdf, told["markdown"], rehearsal=rehearsal)
        if self.attachments:
            yield from write_attachments(self.attachments, told["attachments"], rehearsal=rehearsal)


def letter(config: Path | None, shape: str, language: str, files: Files, *, as_json: bool) -> int:
    """1: it is not released, and what is printed is a draft."""

    def written() -> int:
        told = client(config).call("GET", f"{LETTER}?language={language}")
        lines = list(files.write(told, told[shape], rehearsal=told["letter"]["rehearsal"]))
        out(told["letter"], iter(lines or [told[shape]]), as_json=as_json)
        _warn(f"not released: {one}" for one in told["objections"])
        return 0 if told["released"] else 1

    return said(written)


def defence(config: Path | None, days: int, files: Files, *, as_json: bool) -> int:
    """1: a sentence is left out, for it is not true now."""

    def written() -> int:
        told = client(config).call("GET", f"{DEFENCE}?days={days}")
        lines = list(files.write(told, told["markdown"], rehearsal=told["rehearsal"]))
        out(told, iter(lines or [told["markdown"]]), as_json=as_json)
        _warn(f"left out: {one}" for one in told["left_out"])
        return 1 if told["left_out"] else 0

    return said(written)


def _warn(lines: Iterable[str]) -> None:
    console = Console(stderr=True, emoji=False, highlight=False, markup=False, soft_wrap=True)
    for line in lines:
        console.print(line)


def _checks(told: Mapping[str, Any]) -> Iterator[str]:
    """What is missing first; of what is ok, a line."""
    missing = [one for one in told["checks"] if one["status"] != "ok"]
    if told["rehearsal"]:
        yield "Against the simulated account: a rehearsal, and no evidence for AWS."
    for one in missing:
        need = "" if one["required"] else " (good to have)"
        yield f"{one['status']:<8} {one['check']}{need}: {one['found']}"
        yield f"         {one['why']}"
        yield from (f"         -> {line}" for line in one["fix"])
    for one in told["checks"]:
        if one["status"] == "ok":
            yield f"ok       {one['check']}: {one['found']}{_seen(one)}"
    required = [one for one in missing if one["required"]]
    yield f"{len(told['checks']) - len(missing)} of {len(told['checks'])} are ok; {len(required)} are missing."


def _seen(one: Mapping[str, Any]) -> str:
    return f" ({one['evidence'][0]['value']}, {minute(one['evidence'][0]['at'])})" if one["evidence"] else ""


def _points(points: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in points:
        yield f"{'[ ]' if one['open'] else '[x]'} {one['name']}"
        yield from (f"    {line}" for line in one["open"])


def out(told: object, lines: Iterator[str], *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
        return
    console = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    for line in lines:
        console.print(line)
