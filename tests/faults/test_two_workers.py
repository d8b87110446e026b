"""Two workers on an account of 14/s send 14/s together (real processes, real time)."""

from datetime import UTC, datetime
from pathlib import Path

from franked.rules.pace import HEADROOM
from tests.commandline import Up, until, up
from tests.faults.windows import worst
from tests.product import settings_in
from tests.sharing import log_of, sharing, worker

RATE = 14.0
MESSAGES = 90
SLOWEST = RATE * HEADROOM / 3  # on a machine that has other things to do


def posted(door: Up) -> list[str]:
    trigger = {"act": "purchase", "by": "account-1", "at": datetime.now(UTC).isoformat()}
    draft = {"stream": "receipt", "variables": {"number": "R-1"}, "trigger": trigger}
    batch = [draft | {"to": f"reader{n}@example.net"} for n in range(MESSAGES)]
    return [one["id"] for one in door.ask("/v1/messages/batch", {"messages": batch})["answers"]]


def drawn(door: Up, ids: list[str]) -> list[datetime]:
    """When the tokens were drawn, by the database's clock: one for each attempt."""
    stories = [door.ask(f"/v1/messages/{one}") for one in ids]
    return sorted(datetime.fromisoformat(attempt["at"]) for story in stories for attempt in story["attempts"])


def test_two_workers_keep_one_pace(tmp_path: Path, database: str) -> None:
    settings_in(tmp_path, ("rate = 500", f"rate = {RATE:g}"))
    with up(tmp_path, "--door-only", **sharing(database)) as door:
        with worker(door, database, 1), worker(door, database, 2):
            ids = posted(door)
            until(lambda: door.states(ids[-1:]) == ["delivered"] and set(door.states(ids)) == {"delivered"}, 180.0)
        moments = drawn(door, ids)
        by_each = [log_of(door, number).read_text().count('"event": "attempt"') for number in (1, 2)]
    assert worst(moments, RATE).excess <= 0
    assert (len(moments) - 1) / (moments[-1] - moments[0]).total_seconds() > SLOWEST
    assert sum(by_each) == len(moments)
    assert min(by_each) > 0
