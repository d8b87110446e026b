"""One message's story as a timeline; and how a time is written in a table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text


def timeline(story: dict[str, Any]) -> Table:
    """`story`: as `GET /v1/messages/{id}` tells it."""
    why = f" ({story['reason']})" if story["reason"] else ""
    table = Table(
        title=f"{story['id']}  {story['stream']} to {story['to']}: {story['state']}{why}", title_justify="left"
    )
    table.add_column("when", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("more", overflow="fold")
    for when, what, more in sorted(_lines(story), key=lambda line: line[0]):
        table.add_row(f"{when:%b %d %H:%M:%S}.{when.microsecond // 1000:03}", what, Text(more))
    return table


def _lines(story: dict[str, Any]) -> Iterator[tuple[datetime, str, str]]:
    if story["trigger"]:
        trigger = story["trigger"]
        yield _time(trigger["at"]), "trigger", f"{trigger['act']} by {trigger['by']}"
    for entry in story["ledger"]:
        yield _time(entry["at"]), entry["what"], _joined(entry["why"], entry["by"] and f"by {entry['by']}")
    for attempt in story["attempts"]:
        number = attempt["number"]
        yield _time(attempt["at"]), f"attempt {number}", "SES is called"
        if attempt["outcome"]:
            more = _joined(attempt["ses_id"] and f"SES calls it {attempt['ses_id']}", attempt["detail"])
            yield _time(attempt["finished_at"] or attempt["at"]), f"attempt {number}: {attempt['outcome']}", more
    for event in story["events"]:
        yield (
            _time(event["at"]),
            f"event: {event['kind']}",
            _joined(event["bounce_type"], event["subtype"], event["detail"]),
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def minute(time: str) -> str:
    """`2026-03-04 10:15Z`, of a time as the door tells it."""
    return f"{time[:10]} {time[11:16]}Z"
