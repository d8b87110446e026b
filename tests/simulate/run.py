"""One run: a plan comes to pass, every step is inspected, and time runs on until nothing is due."""

from collections.abc import Mapping
from dataclasses import dataclass

from franked.rules.message import State
from tests.simulate import ending
from tests.simulate.findings import Finding
from tests.simulate.journal import Records
from tests.simulate.life import ACCOUNT_EVERY, DULLEST_ROUND
from tests.simulate.loop import VirtualLoop
from tests.simulate.plan import NewLimits, Plan, Verified
from tests.simulate.sqlite import SqliteRecord
from tests.simulate.stage import SLOWEST_CONNECTION, Stage, Tampered, as_it_is

LONGER_THAN_ANY_USE = 80 * 3600.0


@dataclass(frozen=True, slots=True)
class Result:
    findings: tuple[Finding, ...]
    calls: tuple[str, ...]  # of ports, in order
    busy: int  # how many of them came before all was quiet
    rested_at: float  # seconds until then
    befallen: int  # calls that went wrong as planned
    deaths: int
    accepted: int
    states: tuple[State, ...]  # at the end, by message
    explained: Mapping[str, int]  # second copies
    lines: tuple[str, ...]
    digest: str


def run(plan: Plan, tampered: Tampered = as_it_is, records: Records = SqliteRecord) -> Result:
    """`tampered`: the world with a fault in it that must be found. `records`: where the record is kept."""
    loop = VirtualLoop(plan.seed)
    try:
        return Play(Stage(plan, loop, tampered, records)).played()
    finally:
        loop.close()


class Play:
    def __init__(self, stage: Stage) -> None:
        self._stage, self._loop = stage, stage.loop
        self._quiet_since: float | None = None
        self._busy, self._rested_at = 0, 0.0

    def played(self) -> Result:
        stage, found = self._stage, self._stage.findings
        stage.outside.begin(self._loop)
        self._loop.run_until(self._is_over, stage.plan.latest)
        self._rest()
        if not found.all and ending.something_is_held(stage.model):
            self._outlast()
        for failure in [*self._loop.mishaps, *self._loop.failures()]:
            found.add("fault", None, failure)
        return self._result()

    def _rest(self) -> None:
        stage = self._stage
        if not stage.findings.all:
            ending.rest(stage.model, stage.findings, stage.account.standing.identities, stage.crossing.letters)

    def _outlast(self) -> None:
        """What is held stays so for longer than it is useful."""
        self._quiet_since = None
        self._loop.leap(LONGER_THAN_ANY_USE)
        woken = self._loop.time() + 1.0
        self._loop.run_until(lambda: self._loop.time() > woken and self._is_over(), woken + self._stage.plan.latest)
        self._rest()
        ending.useless(self._stage.model, self._stage.findings)

    def _is_over(self) -> bool:
        """Quiet, and for long enough that even a call whose connection is slow has come to light."""
        if not self._is_quiet():
            self._quiet_since = None
            return False
        if self._quiet_since is None:
            self._quiet_since = self._loop.time()
            self._busy = self._busy or len(self._stage.watch.calls)
            self._rested_at = self._rested_at or self._loop.time()
        return self._loop.time() > self._quiet_since + SLOWEST_CONNECTION

    def _is_quiet(self) -> bool:
        stage = self._stage
        outside = stage.outside.under_way or stage.office.outstanding or stage.crossing.calls
        waiting = outside or self._loop.someone_stands_still or self._loop.time() < self._known_by
        return not waiting and ending.is_at_rest(stage.model)

    @property
    def _known_by(self) -> float:
        """What changed at the account is known once it was read again, whatever befell one reading."""
        changed = [action.at for action in self._stage.plan.actions if isinstance(action, NewLimits | Verified)]
        read_every = ACCOUNT_EVERY if max(changed, default=0.0) < ACCOUNT_EVERY else DULLEST_ROUND
        return max(changed) + 2.2 * read_every if changed else 0.0

    def _result(self) -> Result:
        stage = self._stage
        return Result(
            findings=tuple(stage.findings.all),
            calls=tuple(stage.watch.calls),
            busy=self._busy,
            rested_at=self._rested_at,
            befallen=stage.watch.befallen,
            deaths=stage.supervisor.deaths,
            accepted=len(stage.promises.accepted),
            states=tuple(message.state for message in stage.model.messages.values()),
            explained=ending.explained(stage.model),
            lines=tuple(stage.trace.lines),
            digest=stage.trace.digest,
        )
