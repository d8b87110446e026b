"""`make proof`: a worker of several sleeps past its leases, as a paused virtual machine does, and wakes: a minute and a
half of waiting for real processes. In `make test` the same is played on a virtual clock (tests/simulate)."""

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from signal import SIGCONT, SIGSTOP
from typing import Any

from tests.commandline import Up, until, up
from tests.faults.test_standing_still import BRIEF_CALLS, ENDED_WITHIN, arrive, held
from tests.product import settings_in
from tests.sharing import copies, sharing, worker


def machine_without_templates(tmp_path: Path) -> Path:
    """What it sends it reads from the store's shelf first."""
    folder = tmp_path / "bare"
    settings_in(folder, BRIEF_CALLS)
    rmtree(folder / "mail")
    return folder


def stories(door: Up, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [door.ask(f"/v1/messages/{one}") for one in ids]


def first_outcomes(door: Up, ids: Sequence[str]) -> set[str]:
    return {f"{story['attempts'][0]['outcome']} {story['attempts'][0]['detail']}" for story in stories(door, ids)}


def called_none(door: Up, ids: Sequence[str]) -> bool:
    return all(outcome.startswith("try_later too_late_to_call") for outcome in first_outcomes(door, ids))


async def test_a_worker_that_wakes_after_its_leases_calls_no_more(tmp_path: Path, database: str) -> None:
    """It had taken the mails and was about to compose them. The codes are sent again by another worker, as no event has
    come; the receipts wait for the late word that they were never sent."""
    settings_in(tmp_path, BRIEF_CALLS)
    bare = machine_without_templates(tmp_path)
    with up(tmp_path, "--door-only", **sharing(database)) as door, worker(door, database, 1) as awake:
        awake.send_signal(SIGSTOP)  # so that the other one takes them
        with worker(door, database, 2, bare) as sleeper:
            async with held(database, "LOCK TABLE templates IN ACCESS EXCLUSIVE MODE"):
                codes = [door.send(f"a{n}@example.net", "sign-in-code", code="424242") for n in range(2)]
                receipts = [door.send(f"b{n}@example.net", "receipt", number="R-1") for n in range(2)]
                arrive(door, codes + receipts, "sending")
                sleeper.send_signal(SIGSTOP)
                awake.send_signal(SIGCONT)
                arrive(door, [door.send("c@example.net", "receipt", number="R-1")])  # nobody waits for the sleeper
                arrive(door, codes + receipts, "unknown")
                arrive(door, codes)
                assert set(door.states(receipts)) == {"unknown"}
                assert first_outcomes(door, codes + receipts) == {"unknown the lease ended without an answer"}
                sleeper.send_signal(SIGCONT)
            arrive(door, receipts)
            until(lambda: called_none(door, codes + receipts), ENDED_WITHIN)
        taken = copies(door)
        assert [taken.count(one) for one in codes + receipts] == [1, 1, 1, 1]
        decided = [[line["what"] for line in story["ledger"]].count("resend") for story in stories(door, codes)]
        assert decided == [1, 1]
