"""Why did X not get it, as a person reads it: the answer, and below it each reason with the way out."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.timeline import minute

_AT_SES = {
    "yes": "SES's own list: it is on it",
    "no": "SES's own list: it is not on it",
    "unknown": "SES's own list: not known",
}


def show_reasons(why: dict[str, Any], out: Console) -> None:
    """`why`: as `GET /v1/people/{address}/why` tells it."""
    out.print(Text(why["says"], style="bold"), soft_wrap=True)
    if why["reasons"]:
        out.print(_table(why))
    out.print(Text(f"{_AT_SES[why['ses_list']]}."))


def _table(why: dict[str, Any]) -> Table:
    table = Table(title="Why, the newest first", title_justify="left")
    table.add_column("when", no_wrap=True)
    for column in ("what", "to do"):
        table.add_column(column, overflow="fold")
    for one in why["reasons"]:
        says = one["says"][:1].upper() + one["says"][1:]
        table.add_row(minute(one["at"]), Text(says), Text(one["way_out"]))
    return table
