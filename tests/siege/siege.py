"""One siege from its beginning to its end, and what was found."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from signal import SIGKILL

from franked.backends.sql.engine import reading, url_of
from franked.rules.audit import Kept
from tests.commandline import Up, up
from tests.faults import record
from tests.product import settings_in
from tests.siege.flood import Flood, heavy, percentile
from tests.siege.idlers import Idle, idle, seconds_until_let_go
from tests.siege.memory import peak_of, weight
from tests.siege.slow_disk import A_FLUSH

SLOW_FRANKED = (sys.executable, "-m", "tests.siege.slow_disk")
FULL_WITHIN = 120.0  # seconds, for a line that a quick machine fills in five
ROOT = Path(__file__).parents[2]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    idle: int = 2_000  # connections
    slow: int = 20  # clients of each kind; 0: none, which saves the wait for them
    connections: int = 4_000  # of the flood
    size: int = 40_000  # bytes of each of its bodies: together far more than the line of a lane
    seconds: float = 20.0  # since the first of it was turned away
    flush: float = 1.0  # seconds that the disk takes for each commit
    heavy: int = 100  # bodies of `heavy_size` at once
    heavy_size: int = 9_900_000


@dataclass(frozen=True, slots=True)
class Findings:
    idle_held: int
    request_while_idle_ms: float
    let_go_after_s: Mapping[str, float]
    requests: int
    accepted: int
    busy: int
    otherwise: Mapping[int, int]  # answers that are neither, by status
    waiting_at_most: int  # requests without their answer
    urgent_accepted: int
    urgent_p50_ms: float
    urgent_p99_ms: float
    drained_meanwhile: int  # mails that SES took during the flood
    heavy: Mapping[int, int]  # answers to bodies of 10 MB, by status
    pss_mb: Mapping[str, float]
    lost: int  # of what was answered 202, when the process was killed after all this
    seconds: float

    def stood(self, plan: Plan) -> bool:
        """The bounds. Speed is told, and not judged: machines differ."""
        everybody = self.idle_held == plan.idle and not self.otherwise and self.heavy.keys() <= {202, 429}
        flooded = self.busy > 0 and self.urgent_accepted > 0 and self.drained_meanwhile > 0
        return everybody and flooded and self.lost == 0


async def run(plan: Plan, folder: Path, tell: Tell) -> Findings:
    raise_the_limit()
    began = time.monotonic()
    settings_in(folder, ('level = "debug"', 'level = "warning"'))
    slowly = {"PYTHONPATH": str(ROOT), A_FLUSH: str(plan.flush)}
    with up(folder, program=SLOW_FRANKED, **slowly) as started:
        found = await _besiege(started, plan, tell)
        started.stop(SIGKILL)
    lost = set(found.flood.accepted) - _kept(folder).keys()
    return _findings(found, len(lost), round(time.monotonic() - began, 1))


def raise_the_limit() -> None:
    """Of open files: this process holds as many as the besieged one."""
    _, most = getrlimit(RLIMIT_NOFILE)
    setrlimit(RLIMIT_NOFILE, (most, most))


@dataclass(frozen=True, slots=True)
class _Found:
    idle: Idle
    let_go_after: Mapping[str, float]
    flood: Flood
    drained: int
    heavy: Mapping[int, int]
    pss: Mapping[str, float]


async def _besiege(up: Up, plan: Plan, tell: Tell) -> _Found:
    tell(f"{plan.idle} idle connections, and {plan.slow} slow clients of each kind")
    idlers = await idle(up, plan.idle)
    let_go_after = await seconds_until_let_go(up, plan.slow)
    tell(f"{plan.heavy} bodies of {plan.heavy_size} bytes at once")
    async with peak_of(up.process.pid) as loaded:
        answers = await heavy(up, plan.heavy, plan.heavy_size)
    tell(f"a flood on {plan.connections} connections")
    async with peak_of(up.process.pid) as flooded:
        flood, drained = await _flood(up, plan)
    pss = {
        "before": idlers.pss_before,
        "with_idle": idlers.pss_with,
        "heavy": loaded.mb,
        "flood": flooded.mb,
        "after": weight(up.process.pid),
    }
    return _Found(idlers, let_go_after, flood, drained, answers, pss)


async def _flood(up: Up, plan: Plan) -> tuple[Flood, int]:
    flood = Flood(up, plan.size)
    before = _taken(up.folder)
    async with flood.pouring(plan.connections):
        async with asyncio.timeout(FULL_WITHIN):
            await flood.turned_away.wait()
            while _taken(up.folder) == before:
                await asyncio.sleep(0.2)
        await asyncio.sleep(plan.seconds)
        drained = _taken(up.folder) - before
    return flood, drained


def _taken(folder: Path) -> int:
    """Mails that SES has, by the record."""
    return sum(one.state.taken_by_ses for one in _kept(folder).values())


def _kept(folder: Path) -> Mapping[str, Kept]:
    engine = reading(url_of(folder / ".franked" / "franked.db"))
    with engine.begin() as conn:
        kept = record.kept(conn)
    engine.dispose()
    return kept


def _findings(found: _Found, lost: int, seconds: float) -> Findings:
    flood = found.flood
    answers = flood.answers
    return Findings(
        idle_held=found.idle.held,
        request_while_idle_ms=found.idle.request_ms,
        let_go_after_s=found.let_go_after,
        requests=answers.total(),
        accepted=answers[202],
        busy=answers[429],
        otherwise={status: number for status, number in answers.items() if status not in {202, 429}},
        waiting_at_most=flood.waiting_at_most,
        urgent_accepted=len(flood.urgent),
        urgent_p50_ms=percentile(flood.urgent, 0.5),
        urgent_p99_ms=percentile(flood.urgent, 0.99),
        drained_meanwhile=found.drained,
        heavy=dict(found.heavy),
        pss_mb=found.pss,
        lost=lost,
        seconds=seconds,
    )
