"""What must hold after every commit: each change of the record is held against the rules, and what was before."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from franked.backends.sql.quota import DAY, minute_of
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import UNKNOWN_OUTCOME
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import ENDED, State, may_move
from franked.rules.pace import NO_QUOTA
from franked.rules.suppression import EVERYWHERE
from tests.simulate.findings import Findings
from tests.simulate.journal import Change, Totals
from tests.simulate.model import Message, Model
from tests.simulate.product import DECLARED, START
from tests.simulate.trace import Trace
from tests.simulate.windows import Window

_SHORTEST_LEASE = 1000 * (DECLARED.call_deadline.total_seconds() + 30)  # ms after `call_by`


class Inspector:
    """`now`: milliseconds as the record has them. `may_call`: does the worker of this process live?"""

    def __init__(
        self,
        model: Model,
        findings: Findings,
        trace: Trace,
        now: Callable[[], int],
        totals: Callable[[], Totals],
        may_call: Callable[[int], bool],
    ) -> None:
        self._model, self._findings, self._trace = model, findings, trace
        self._now, self._totals, self._may_call = now, totals, may_call
        self._taken = Window()

    def changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._inspect(change)
            self._model.keep(change)
        self._tell(changes)
        if changes:
            totals, since = self._totals(), minute_of(self._now() - DAY)
            self._same("the counters", totals.counters, self._model.counters())
            minutes = {minute: sent for minute, sent in totals.minutes.items() if minute >= since}
            self._same("the minutes", minutes, self._model.minutes(since))

    def _same(self, what: str, kept: Mapping[Any, int], wanted: Mapping[Any, int]) -> None:
        if kept != wanted:
            both = {name: (kept.get(name, 0), wanted.get(name, 0)) for name in kept.keys() | wanted.keys()}
            wrong = {name: pair for name, pair in sorted(both.items()) if pair[0] != pair[1]}
            self._findings.add("counters", None, f"{what} differ from a recount (kept, recounted): {wrong}")

    def _inspect(self, change: Change) -> None:
        match change.what, change.of:
            case "moved", (before, after, number, lease_until, is_forgotten, _):
                self._moved(change.id, State(before), State(after))
                self._leased(change.id, number, lease_until)
                if State(after) in ENDED and not is_forgotten:
                    self._findings.add("variables", change.id, f"{after}, and its variables are still kept")
            case "attempt", (number, at, call_by, lease_until, *_):
                self._begun(change.id, number, at)
                if lease_until - call_by < _SHORTEST_LEASE:
                    self._findings.add("lease", change.id, f"the lease of attempt {number} may end during its call")
            case "answered", (number, outcome, *_) if outcome != "sent":
                if self._model.messages[change.id].attempts[number].outcome == "sent":
                    self._findings.add("ledger", change.id, f"attempt {number} was sent, and is now {outcome}")
            case "suppressed", (scope, *_) if scope != EVERYWHERE:
                self._findings.add("scope", None, f"a suppression in the scope {scope}")
            case "account", _:
                self._taken.learn(change.id, self._now() / 1000)
            case _:
                pass

    def _moved(self, id_: str, before: State, after: State) -> None:
        message, found = self._model.messages[id_], self._findings.add
        if before is after:
            return
        if not may_move(before, after):
            found("arrows", id_, f"{before} → {after}")
        if after.taken_by_ses and not message.copies:
            found("lost", id_, f"{after}, though the account never took it")
        if after is State.SENDING and self._model.is_suppressed(message.to, self._now()):
            found("suppression", id_, f"taken to be sent to {message.to}, which was suppressed before")
        if after is State.SENDING and message.stream == "digest" and message.to in self._model.left:
            found("consent", id_, f"taken to be sent to {message.to}, who had left before")
        if before is State.HELD and message.reason == UNKNOWN_OUTCOME and after is State.DROPPED:
            found("holds", id_, "nobody knows whether it was sent, and it is dropped")
        if before is State.UNKNOWN and not after.taken_by_ses:
            self._has_waited(id_, message)

    def _has_waited(self, id_: str, message: Message) -> None:
        newest = message.attempts[max(message.attempts)]
        if newest.outcome == "try_later":  # a late answer: SES never had it, and nobody need wait for an event
            return
        ended = newest.lease_until
        if self._now() < ended + ms(START + unknown_wait(Lane(message.lane))) - ms(START):
            self._findings.add("wait", id_, "decided before an event had the time to prove that it was taken")

    def _leased(self, id_: str, number: int, until: int | None) -> None:
        held = self._model.messages[id_].attempts.get(number)
        if held and until is not None and until < held.lease_until and self._may_call(held.life):
            self._findings.add("lease", id_, f"the lease of attempt {number} is ended, and its worker lives")

    def _begun(self, id_: str, number: int, at: int) -> None:
        message, found = self._model.messages[id_], self._findings.add
        for earlier, attempt in message.attempts.items():
            if attempt.outcome is None and attempt.lease_until > at:
                found("lease", id_, f"attempt {number} begins while attempt {earlier} has a live lease")
        if number != len(message.attempts) + 1:
            found("ledger", id_, f"attempt {number} after {len(message.attempts)}")
        if not self._taken.one_more(at / 1000):
            found("pace", id_, f"taken faster than {self._model.rate:g} a second")
        if not message.is_simulated and self._model.quota != NO_QUOTA:
            used = self._model.used(at - DAY) + 1
            if used > self._model.quota:
                found("quota", id_, f"taken as number {used} of {self._model.quota:g} in 24 hours")

    def _tell(self, changes: Sequence[Change]) -> None:
        for change in changes:
            message = self._model.messages.get(change.id)
            if message and change.what != "moved":
                words = [str(word) for word in change.of[:3] if word not in (None, "")]
                self._trace.say(f"{message.name} {change.what}: {' '.join(words)}")
            elif message and change.of[0] != change.of[1]:
                why = f" ({change.of[5]})" if change.of[5] else ""
                self._trace.say(f"{message.name} {change.of[0]} → {change.of[1]}{why}")
            elif change.what in {"suppressed", "consent"}:
                self._trace.say(f"{change.what}: {change.id}")
