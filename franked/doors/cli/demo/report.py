"""What the demo shows: progress, a table of the day, one message's story, and what to try next."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from franked.doors.cli.demo.tally import Tally, summed
from franked.doors.cli.timeline import timeline
from franked.record import Story
from franked.rules.message import State

_MEANING = {
    "queued": "wait for the account's pace",
    "sent": "taken by SES, no outcome yet",
    "delivered": "in the recipient's mailbox",
    "soft_bounced": "came back for now: a full mailbox, an absence",
    "bounced": "the address does not exist: never mailed again",
    "complained": "the recipient called it spam: never mailed again",
    "rejected": "SES refused the content",
    "refused": "a permanent no before SES took it",
    "held": "wait for a fact to change, such as the sandbox",
    "dropped": "must not be sent: it bounced or complained before, or was left",
    "unknown": "SES may have taken it: waits for proof",
    "dead": "tries used up: a person decides",
}

_COUNTS = {
    "accepted": "on disk before the product was told so",
    "lost": "known to the product, and gone from the record",
    "doubled": "taken twice by SES, with no reason in the ledger",
}


@dataclass(frozen=True, slots=True)
class Report:
    """`story`: one message's, as `GET /v1/messages/{id}` tells it; None: there is none."""

    by_product: Mapping[str, Tally]
    seconds: float
    story: dict[str, Any] | None

    @property
    def sums(self) -> Tally:
        return summed(list(self.by_product.values()))


class Showing:
    """Progress, a line for each product."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description:<12}"), TimeElapsedColumn(), TextColumn("{task.fields[does]}")
        self._progress = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, product: str, does: str) -> None:
        if product not in self._tasks:
            self._tasks[product] = self._progress.add_task(product, total=None, does=does)
        self._progress.update(self._tasks[product], does=does)


def report(found: Report, folder: Path, console: Console) -> None:
    console.print(_table(found))
    if found.story:
        console.print()
        console.print(timeline(found.story))
    console.print(_next(next(iter(found.by_product)), folder), markup=False, soft_wrap=True)


def _table(found: Report) -> Table:
    """A column for each product, or what each row means; rows of zeros are left out."""
    sums, products = found.sums, found.by_product
    verdict = "nothing lost, nothing doubled" if sums.clean else f"{sums.lost} LOST, {sums.doubled} DOUBLED"
    title = f"{sums.accepted} mails in {found.seconds:.0f} s: {verdict}"
    table = Table(title=title, title_justify="left", title_style="bold")
    is_one = len(products) == 1
    tallies = list(products.values()) if is_one else [*products.values(), sums]
    table.add_column("mails")
    for name in products if is_one else (*products, "all"):
        table.add_column(name, justify="right")
    if is_one:
        table.add_column("which means")
    for name, meaning in _MEANING.items():
        if sums.by_column[name]:
            shown = [str(one.by_column[name]) for one in tallies]
            table.add_row(name.replace("_", " "), *shown, *([meaning] if is_one else []))
    table.add_section()
    for name, meaning in _COUNTS.items():
        shown = [str(getattr(one, name)) for one in tallies]
        table.add_row(name, *shown, *([meaning] if is_one else []))
    return table


def most_telling(stories: Sequence[Story]) -> str | None:
    """The id of one that was held in the sandbox, let go, and delivered; else of one that bounced, or of any."""
    released = [story.id for story in stories if any(entry.what == "released" for entry in story.ledger)]
    bounced = [story.id for story in stories if story.state is State.BOUNCED]
    return next(iter(released + bounced + [story.id for story in stories]), None)


def _next(product: str, folder: Path) -> str:
    franked = Path(sys.argv[0]).absolute()
    return (
        "\nTry next:\n"
        f"  {franked} demo {product} --stay\n"
        "      the same for one product, which stays: click through its pages, and read its mail\n"
        f"  {franked} up\n"
        "      your own, in this folder; it prints a curl line\n"
        f"  less {folder / product / 'franked.log'}\n"
        "      a line for each thing that happened\n"
        f"  rm -r {folder}\n"
        "      when you have seen enough: its mails and codes lie there until then\n"
    )
