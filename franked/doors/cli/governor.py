"""`franked governor`: how the account stands, and the release of a stop, through the Franked that runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from franked.doors.cli.client import client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

PATH = "/v1/reputation"


def show(config: Path | None, as_json: bool) -> int:
    """1 where it stops mail."""
    return said(lambda: _shown(client(config).call("GET", PATH), as_json))


def release(config: Path | None, investigation: str, action: str, by: str) -> int:
    body = {"investigation": investigation, "action": action, "by": by}
    return said(lambda: _shown(client(config).call("POST", f"{PATH}/release", body), as_json=False))


def _shown(told: Mapping[str, Any], as_json: bool) -> int:
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _print(told, Console(emoji=False, highlight=False))
    return 1 if told["brake"]["step"].startswith("stop") else 0


def _print(told: Mapping[str, Any], console: Console) -> None:
    brake = told["brake"]
    why = f", since {minute(brake['since'])}: {brake['because']}" if brake["since"] else ""
    console.print(f"{brake['step'].replace('_', ' ')}{why}; {brake['means']}", markup=False)
    console.print("; ".join(told["budget"]), markup=False)
    console.print(_rates("estimate", told["windows"]))
    console.print(f"AWS itself counts of bounces and complaints: {_theirs(told['aws'])}", markup=False)
    console.print(_rates("7 days, by stream", told["streams"]))
    console.print(_rates("7 days, by provider", told["providers"]))
    for line in told["log"]:
        console.print(_line(line), markup=False)


def _theirs(aws: Mapping[str, Any] | None) -> str:
    if aws is None:
        return "nothing yet"
    return f"{_share(aws['bounce_rate'])} and {_share(aws['complaint_rate'])} at {minute(aws['at'])}"


def _line(line: Mapping[str, Any]) -> str:
    done = f"; done: {line['action']}" if line["action"] else ""
    return f"{minute(line['at'])} {line['what'].replace('_', ' ')}, by {line['by']}: {line['why']}{done}"


def _rates(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("of")
    for name in ("sent", "hard bounces", "rate", "complaints", "rate"):
        table.add_column(name, justify="right")
    for row in rows:
        shown = (row["bounced"], _share(row["bounce_rate"]), row["complained"], _share(row["complaint_rate"]))
        table.add_row(row["of"], f"{row['sent']:,}", *map(str, shown))
    return table


def _share(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.3g} %"
