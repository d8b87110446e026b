"""What must hold after every step of a run. Each broken rule is a finding: the rule, and a sentence."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from franked.backends.local.account import SimulatedAccount
from franked.backends.local.letter import Letter
from franked.backends.sql.quota import DAY
from franked.backends.sql.schema import UNKNOWN_OUTCOME
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG, Mail
from franked.record import Added, Finished, IdempotencyConflict
from franked.rules.event import Event
from franked.rules.message import ENDED, State, may_move
from franked.rules.pace import NO_QUOTA
from franked.rules.suppression import EVERYWHERE, Suppression
from franked.rules.verdict import TurnedAway
from tests.simulate.model import Message, Model
from tests.simulate.record import Change
from tests.simulate.trace import Trace

UNDER_WAY = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    message: str  # its name in the trace, "" where it is about none
    sentence: str


class Window:
    """At most rate · (t + 1) recipients in any t seconds, where the rate may change."""

    def __init__(self) -> None:
        self._at, self._count, self._allowed, self._rate = 0.0, 0, 0.0, 0.0
        self._least, self._highest = 0.0, 1.0  # where the worst window begins; the highest rate in it

    def learn(self, rate: float, now: float) -> None:
        self._allowed += self._rate * (now - self._at)
        self._at, self._rate = now, rate
        self._highest = max(self._highest, rate)

    def one_more(self, now: float) -> bool:
        """False when this one is too many."""
        self.learn(self._rate, now)
        if self._count - self._allowed <= self._least:
            self._least, self._highest = self._count - self._allowed, max(1.0, self._rate)
        self._count += 1
        return self._count - self._allowed - self._least <= self._highest + 1e-6


class Inspector:
    """`now`: milliseconds as the record has them. `lives`: is the process there? `found`: called at each finding."""

    def __init__(
        self,
        now: Callable[[], int],
        trace: Trace,
        account: SimulatedAccount,
        counters: Callable[[], dict[tuple[str, str], int]],
        lives: Callable[[int], bool],
        found: Callable[[], None],
    ) -> None:
        self._now, self._trace, self._account, self._counters, self._found = now, trace, account, counters, found
        self._lives = lives
        self.model = Model()
        self.findings: list[Finding] = []
        self.accepted: dict[str, str | None] = {}  # id → idempotency key: what the callers were told
        self.calls: set[tuple[str, int]] = set()  # under way: message, attempt
        self.explained: Counter[str] = Counter()  # second copies, by the decision that explains them
        self._taken, self._arrived = Window(), Window()

    # what the record says

    def changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._inspect(change)
            self.model.keep(change)
        self._told(changes)
        if changes and (counters := self._counters()) != (wanted := self.model.counters()):
            wrong = {name: (counters.get(name, 0), wanted.get(name, 0)) for name in counters.keys() | wanted.keys()}
            differing = {name: both for name, both in sorted(wrong.items()) if both[0] != both[1]}
            self.find("counters", None, f"the counters differ from a recount (counted, recounted): {differing}")

    def _inspect(self, change: Change) -> None:
        match change.what, change.of:
            case "moved", (before, after, number, lease_until, is_forgotten, _):
                self._moved(change.id, State(before), State(after))
                self._leased(change.id, number, lease_until)
                if State(after) in ENDED and not is_forgotten:
                    self.find("variables", change.id, f"{after}, and its variables are still kept")
            case "attempt", (number, at, *_):
                self._begun(change.id, number, at)
            case "suppressed", (scope, *_) if scope != EVERYWHERE:
                self.find("scope", None, f"a suppression in the scope {scope}")
            case "account", _:
                self._taken.learn(change.id, self._now() / 1000)
            case _:
                pass

    def _moved(self, id_: str, before: State, after: State) -> None:
        message = self.model.messages[id_]
        if before is not after and not may_move(before, after):
            self.find("arrows", id_, f"{before} → {after}")
        if after.taken_by_ses and not message.copies:
            self.find("lost", id_, f"{after}, though the account never took it")
        if after is State.SENDING and before is not after and self.model.is_suppressed(message.to, self._now()):
            self.find("suppression", id_, f"taken to be sent to {message.to}, which was suppressed before")

    def _leased(self, id_: str, number: int, until: int | None) -> None:
        held = self.model.messages[id_].attempts.get(number)
        if held and until is not None and until < held.lease_until and self._lives(held.life):
            self.find("lease", id_, f"the lease of attempt {number} is ended, and its process lives")

    def _begun(self, id_: str, number: int, at: int) -> None:
        message = self.model.messages[id_]
        for earlier, attempt in message.attempts.items():
            if attempt.outcome is None and attempt.lease_until > at:
                self.find("lease", id_, f"attempt {number} begins while attempt {earlier} has a live lease")
        if number != len(message.attempts) + 1:
            self.find("ledger", id_, f"attempt {number} after {len(message.attempts)}")
        if not self._taken.one_more(at / 1000):
            self.find("pace", id_, f"taken faster than {self.model.rate:g} a second")
        self._within_quota(id_, message, at)

    def _within_quota(self, id_: str, message: Message, at: int) -> None:
        if message.is_simulated or self.model.quota == NO_QUOTA:
            return
        others = (one for one in self.model.messages.values() if not one.is_simulated)
        used = sum(a.counts and a.at > at - DAY for one in others for a in one.attempts.values())
        if used + 1 > self.model.quota:
            self.find("quota", id_, f"taken as number {used + 1} of {self.model.quota:g} in 24 hours")

    def _told(self, changes: Sequence[Change]) -> None:
        for change in changes:
            message = self.model.messages.get(change.id)
            if message and change.what != "moved":
                words = [str(word) for word in change.of[:3] if word not in (None, "")]
                self._trace.say(f"{message.name} {change.what}: {' '.join(words)}")
            elif message and change.of[0] != change.of[1]:
                why = f" ({change.of[5]})" if change.of[5] else ""
                self._trace.say(f"{message.name} {change.of[0]} → {change.of[1]}{why}")
            elif change.what == "suppressed":
                self._trace.say(f"suppressed: {change.id}")

    # what the way to the account sees

    def begin_call(self, mail: Mail) -> tuple[str, int]:
        """The first byte leaves."""
        id_, number = _tags(mail.tags)
        message = self.model.messages[id_]
        attempt = message.attempts.get(number)
        self._trace.say(f"{message.name} attempt {number} calls SES")
        if attempt is None:
            self.find("ledger", id_, f"attempt {number} calls and is not in the ledger")
            return id_, number
        if self._now() > attempt.call_by:
            late = (self._now() - attempt.call_by) / 1000
            self.find("call_by", id_, f"attempt {number} calls {late:.3f} s after its call_by")
        for other, rival in ((other, message.attempts[other]) for one, other in self.calls if one == id_):
            if other != number and rival.outcome is None and rival.lease_until > self._now():
                self.find("lease", id_, f"attempt {number} calls while attempt {other} does, whose lease lives")
        self.calls.add((id_, number))
        return id_, number

    def end_call(self, call: tuple[str, int]) -> None:
        self.calls.discard(call)

    def took(self, letter: Letter) -> None:
        """The account took a mail."""
        id_, number = _tags(letter.tags)
        message = self.model.messages[id_]
        self._trace.say(f"the account takes {message.name} attempt {number} as {letter.ses_id}")
        if number in message.copies:
            self.find("copies", id_, f"the account took attempt {number} twice")
        message.copies = sorted([*message.copies, number])
        for earlier, later in pairwise(message.copies):
            if message.explanation(earlier, later) is None:
                self.find("copies", id_, f"a second copy (attempts {earlier} and {later}) that no decision explains")
        limits = self._account.limits
        self._arrived.learn(limits.rate, self._now() / 1000)
        if not self._arrived.one_more(self._now() / 1000):
            self.find("pace", id_, f"the account took more than {limits.rate:g} a second")

    # what callers are told

    def promised(self, verb: str, asked: Sequence[Any]) -> None:
        """A verb of the store returned: what it was told is durable."""
        for one in asked:
            match verb, one:
                case "finish", Finished(taken=taken):
                    attempt = self.model.messages[taken.message.id].attempts[taken.attempt]
                    if attempt.outcome is None:
                        self.find("durable", taken.message.id, f"the outcome of attempt {taken.attempt} is forgotten")
                case "settle", Event(key=key) if key not in self.model.notices:
                    self.find("durable", None, f"the event {key[:12]} is forgotten")
                case "suppress", Suppression(address_key=key) if key not in self.model.suppressed:
                    self.find("durable", None, f"the suppression of {key} is forgotten")
                case _:
                    pass

    def answered(self, key: str | None, answer: Added | TurnedAway | IdempotencyConflict) -> None:
        if not isinstance(answer, Added):
            self.find("answer", None, f"{answer}")
            return
        if answer.id not in self.model.messages:
            self.find("lost", None, f"{answer.id} was accepted, and is not in the record")
            return
        self._trace.say(f"{self.model.messages[answer.id].name} is accepted: {answer.state}")
        if key is not None and self.model.named.get(key) != answer.id:
            self.find("idempotency", answer.id, f"the key {key} has made two messages")
        self.accepted[answer.id] = key

    # at the end

    @property
    def is_quiet(self) -> bool:
        return not self.calls and not any(one.state in UNDER_WAY for one in self.model.messages.values())

    @property
    def something_is_held(self) -> bool:
        return any(one.state is State.HELD for one in self.model.messages.values())

    def rest(self) -> None:
        """Nothing is due, and the account was read again since anything changed."""
        verified = self._account.standing.identities
        for id_, message in self.model.messages.items():
            if message.state in UNDER_WAY:
                self.find("end", id_, f"still {message.state}, when nothing is due any more")
            free = self.model.production or message.to in verified
            if message.state is State.HELD and message.reason == "sandbox" and free:
                self.find("holds", id_, "still held for the sandbox, though it may go")

    def conclude(self) -> None:
        """After the longest `useful_for`, too."""
        for id_, message in self.model.messages.items():
            if message.state is State.HELD and message.reason != UNKNOWN_OUTCOME:
                self.find("end", id_, f"still held for {message.reason}, when it is of no use any more")
            for earlier, later in pairwise(message.copies):
                self.explained[message.explanation(earlier, later) or ""] += 1

    def find(self, rule: str, id_: str | None, sentence: str) -> None:
        message = self.model.messages.get(id_ or "")
        finding = Finding(rule, message.name if message else "", sentence)
        self._trace.say(f"FOUND {rule}: {finding.message} {sentence}")
        self.findings.append(finding)
        self._found()


def _tags(tags: Sequence[tuple[str, str]]) -> tuple[str, int]:
    named = dict(tags)
    return named[MESSAGE_TAG], int(named[ATTEMPT_TAG].rpartition("-")[2])
