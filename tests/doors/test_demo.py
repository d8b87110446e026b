"""`franked demo --json`: the first thing a newcomer runs, as a program sees it."""

import json
from pathlib import Path

from tests.commandline import franked

STATES = (
    *("queued", "sent", "delivered", "soft_bounced", "bounced", "complained", "rejected", "refused", "held"),
    *("dropped", "unknown", "dead"),
)


def test_the_demo_ends_by_itself_and_counts_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:  # F3
    said = franked(tmp_path, "demo", "--json", TMPDIR=str(tmp_path))
    assert (said.status, said.out.count("\n")) == (0, 1), said.err
    told = json.loads(said.out)
    assert list(told) == ["accepted", *STATES, "lost", "doubled", "seconds"]
    assert {type(number) for number in told.values()} == {int}
    assert told["accepted"] == sum(told[state] for state in STATES) >= 100
    assert (told["lost"], told["doubled"]) == (0, 0)
    assert min(told[state] for state in ("delivered", "bounced", "complained", "dropped")) > 0  # the loop ran whole
    [folder] = tmp_path.iterdir()
    assert [json.loads(line)["event"] for line in (folder / "franked.log").read_text().splitlines()] != []
