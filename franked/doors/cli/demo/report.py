"""What the demo shows: progress, a table, one message's story, and what to try next."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from franked.doors.cli.demo.tally import Tally
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
    "dropped": "must not be sent: the address bounced or complained before",
    "unknown": "SES may have taken it: waits for proof",
    "dead": "tries used up: a person decides",
}


@dataclass(frozen=True, slots=True)
class Report:
    tally: Tally
    story: dict[str, Any] | None  # one message's, as `GET /v1/messages/{id}` tells it; None: there is none


class Showing:
    """Progress, one line that changes."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn()
        self._progress = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("starting", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, what: str, done: int, of: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, description=what, completed=done, total=of)


def report(found: Report, folder: Path, console: Console) -> None:
    console.print(_table(found.tally))
    if found.story:
        console.print()
        console.print(timeline(found.story))
    console.print(_next(folder), markup=False, soft_wrap=True)


def _table(tally: Tally) -> Table:
    lost, doubled = len(tally.audit.lost), len(tally.audit.doubled)
    verdict = "nothing lost, nothing doubled" if tally.audit.clean else f"{lost} LOST, {doubled} DOUBLED"
    title = f"{tally.accepted} mails accepted in {tally.seconds} s: {verdict}"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("what became of them")
    table.add_column("mails", justify="right")
    table.add_column("which means")
    for name, number in tally.by_column.items():
        if number:
            table.add_row(name.replace("_", " "), str(number), _MEANING[name])
    return table


def most_telling(stories: Sequence[Story]) -> str | None:
    """The id of one that was held in the sandbox, let go, and delivered; else of one that bounced, or of any."""
    released = [story.id for story in stories if any(entry.what == "released" for entry in story.ledger)]
    bounced = [story.id for story in stories if story.state is State.BOUNCED]
    return next(iter(released + bounced + [story.id for story in stories]), None)


def _next(folder: Path) -> str:
    franked = Path(sys.argv[0]).absolute()
    return (
        "\nTry next:\n"
        f"  {franked} up --data {folder / 'record'}\n"
        "      this demo's record and inbox, to look at and to send more\n"
        f"  {franked} up\n"
        "      your own, in this folder; it prints a curl line\n"
        f"  less {folder / 'franked.log'}\n"
        "      a line for each thing that happened\n"
        f"  rm -r {folder}\n"
        "      when you have seen enough: its mails and codes lie there until then\n"
    )
