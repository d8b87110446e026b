"""The whole way out of the sandbox, as `franked demo access` plays it."""

import json
from pathlib import Path

from franked.doors.cli.demo.products import products
from franked.doors.cli.demo.way_out import play_access
from franked.rules.request import Stage, What
from franked.rules.views import APPROVED, points
from tests.commandline import within


async def test_c16_d15_f6_from_the_sandbox_over_a_refusal_to_production_access(tmp_path: Path) -> None:
    said: list[str] = []
    [backup] = products(("backup",))
    granted = await play_access(backup, tmp_path, said.append)
    assert granted.stage is Stage.GRANTED
    assert [line.what for line in granted.log] == [
        *(What.SIMULATED, What.REVIEWED, What.ASKED, What.PENDING, What.DENIED, What.REASON, What.MENDED),
        *(What.ANSWERED, What.GRANTED),
    ]
    assert granted.refused is not None
    asked, told = (next(line for line in granted.log if line.what is what) for what in (What.ASKED, What.GRANTED))
    assert (told.at - asked.at).days >= 14
    assert [point.name for point in points(APPROVED, granted.letter.findings) if point.open] == []
    assert any("locked until" in one for one in said)
    assert any("without a restart" in one for one in said)


def test_the_command_ends_with_its_state(tmp_path: Path) -> None:
    said = within(120, tmp_path, "demo", "access", "--json", TMPDIR=str(tmp_path))
    assert said.status == 0, said.err
    told = json.loads(said.out)
    assert list(told)[-1] == "state"
    assert told["state"] == "GRANTED"
    assert list(tmp_path.iterdir()) == []
