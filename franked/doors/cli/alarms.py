"""`franked alarms`: what a person should look at, whether the ways of telling work, CloudWatch's alarms."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.client import client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

PATH = "/v1/alarms"


def show(config: Path | None, as_json: bool) -> int:
    """1 where some are open."""

    def shown() -> int:
        told = client(config).call("GET", PATH)
        _print(told, _open(told), as_json=as_json)
        return 1 if told["open"] else 0

    return said(shown)


def test(config: Path | None, as_json: bool) -> int:
    def tried() -> int:
        told = client(config).call("POST", f"{PATH}/test")
        _print(told, (f"{one['way']}: {one['result']}" for one in told["ways"]), as_json=as_json)
        return 0

    return said(tried)


def cloudwatch(config: Path | None, as_json: bool) -> int:
    def kept() -> int:
        told = client(config).call("POST", f"{PATH}/cloudwatch")
        _print(told, (f"{one['name']}: {one['what']}" for one in told["alarms"]), as_json=as_json)
        return 0

    return said(kept)


def _open(told: Mapping[str, Any]) -> Iterator[str]:
    if not told["open"]:
        yield "No alarm is open."
    for one in told["open"]:
        heard = f", told {minute(one['told_at'])}" if one["told_at"] else ", not told yet"
        yield f"{one['key']}: {one['title']}, since {minute(one['since'])}{heard}"
        yield f"  {one['what']}"
        yield f"  {one['did']} {one['todo']}"


def _print(told: object, lines: Iterator[str], *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
        return
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    for line in lines:
        out.print(line)
