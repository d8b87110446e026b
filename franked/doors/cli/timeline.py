"""One message's story as a timeline."""

from typing import Any

from rich.table import Table
from rich.text import Text


def timeline(story: dict[str, Any]) -> Table:
    """`story`: as `GET /v1/messages/{id}` tells it."""
    why = f" ({story['reason']})" if story["reason"] else ""
    table = Table(
        title=f"{story['id']}  {story['stream']} to {story['to']}: {story['state']}{why}", title_justify="left"
    )
    for column in ("when", "what", "more"):
        table.add_column(column)
    for when, what, more in sorted(_lines(story), key=lambda line: line[0]):
        table.add_row(when[11:23], what, Text(more))
    return table


def _lines(story: dict[str, Any]) -> list[tuple[str, str, str]]:
    lines = []
    if story["trigger"]:
        trigger = story["trigger"]
        lines.append((trigger["at"], "trigger", f"{trigger['act']} by {trigger['by']}"))
    lines += [
        (line["at"], line["what"], _joined(line["why"], line["by"] and f"by {line['by']}")) for line in story["ledger"]
    ]
    for attempt in story["attempts"]:
        lines.append((attempt["at"], f"attempt {attempt['number']}", "SES is called"))
        if attempt["outcome"]:
            more = _joined(attempt["ses_id"] and f"SES calls it {attempt['ses_id']}", attempt["detail"])
            lines.append((attempt["finished_at"] or attempt["at"], f"{attempt['number']}: {attempt['outcome']}", more))
    for event in story["events"]:
        more = _joined(event["bounce_type"], event["subtype"], event["detail"])
        lines.append((event["at"], f"event: {event['kind']}", more))
    return lines


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
