"""What the journal has said so far, kept apart from the record, so that the record can be held against it."""

from collections import Counter
from dataclasses import dataclass, field

from franked.backends.sql.quota import minute_of
from franked.rules.address import SIMULATOR_DOMAIN
from franked.rules.event import BounceType, Event, Kind, state_of
from franked.rules.message import State
from franked.rules.outcome import Delay
from franked.rules.suppression import consequences
from tests.simulate.journal import Change
from tests.simulate.loop import LIFE
from tests.simulate.product import PERSON, START


@dataclass(slots=True)
class Attempt:
    at: int
    call_by: int
    lease_until: int  # as it was given, or as it was ended
    life: int  # of the process that holds it
    outcome: str | None = None
    detail: str = ""
    ses_id: str | None = None

    @property
    def counts(self) -> bool:
        """Against the quota."""
        return self.outcome not in {"refused", "try_later"}

    @property
    def was_a_server_error(self) -> bool:
        return self.outcome == "try_later" and self.detail.startswith(Delay.SERVER.value)


@dataclass(slots=True)
class Message:
    name: str  # m1, m2, …: for people
    stream: str
    to: str
    state: State
    reason: str | None
    lane: str
    attempts: dict[int, Attempt] = field(default_factory=dict)
    decided_after: dict[int, str] = field(default_factory=dict)  # attempt → who let a second copy go, by the ledger
    copies: list[int] = field(default_factory=list)  # attempts that the account took

    @property
    def is_simulated(self) -> bool:
        return self.to.endswith(f"@{SIMULATOR_DOMAIN}")

    def explanation(self, earlier: int, later: int) -> str | None:
        """Why there is a second copy: a line of the ledger, or AWS's own error on a call whose mail it took."""
        if self.attempts[earlier].was_a_server_error:
            return "server_error"
        return next((why for after, why in self.decided_after.items() if earlier <= after < later), None)


@dataclass(slots=True)
class Notice:
    """A kept event: whose it is, and which counter it moves."""

    owner: str | None
    ses_id: str
    recipient: str | None
    what: str | None
    proves: State | None


@dataclass(slots=True)
class Model:
    messages: dict[str, Message] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)  # idempotency key → message
    suppressed: dict[str, int | None] = field(default_factory=dict)  # address key → until
    left: set[str] = field(default_factory=set)  # address keys that get no digest any more
    notices: dict[str, Notice] = field(default_factory=dict)
    rate: float = 0.0
    quota: float = 0.0
    production: bool = False
    decided: Counter[tuple[str, str]] = field(default_factory=Counter)

    def is_suppressed(self, address_key: str, now: int) -> bool:
        until = self.suppressed.get(address_key, 0)
        return until is None or until > now

    def keep(self, change: Change) -> None:
        """After the change was inspected."""
        match change.what, change.of:
            case "accepted", (state, stream, to, reason, lane, _):
                name = f"m{len(self.messages) + 1}"
                self.messages[change.id] = Message(name, stream, to, State(state), reason, lane)
                self.decided[stream, "accepted"] += 1
                self._count(change.id)
            case "moved", (_, state, number, lease_until, _, reason):
                self._move(change.id, State(state), number, lease_until, reason)
            case "attempt", (number, at, call_by, lease_until, *_):
                self.messages[change.id].attempts[number] = Attempt(at, call_by, lease_until, LIFE.get())
            case "answered", (number, outcome, detail, ses_id, *_):
                attempt = self.messages[change.id].attempts[number]
                attempt.outcome, attempt.detail, attempt.ses_id = outcome, detail, ses_id
            case "ledger", (what, _, by, *_) if what == "resend" or by == PERSON:
                message = self.messages[change.id]
                message.decided_after[max(message.attempts)] = "resend" if what == "resend" else "person"
            case "suppressed", (_, until, *_):
                self.suppressed[change.id] = until
            case "consent", (_, standing, *_):
                (self.left.add if standing == "left" else self.left.discard)(change.id)
            case "event", (owner, kind, ses_id, recipient, bounce_type, subtype):
                event = _event(kind, recipient, bounce_type, subtype)
                what = consequences(event, []).counts_as
                self.notices[change.id] = Notice(owner, ses_id, recipient, what, state_of(event))
            case "owned", (owner, *_):
                self.notices[change.id].owner = owner
            case "named", (message_id, *_):
                self.named[change.id] = message_id
            case "account", (quota, production, *_):
                self.rate, self.quota, self.production = change.id, quota, bool(production)
            case _:
                pass

    def counters(self) -> dict[tuple[str, str], int]:
        """What the record's counters must say."""
        owned = {(n.owner, n.what) for n in self.notices.values() if n.owner and n.what}
        for id_, message in self.messages.items():
            if any(attempt.outcome == "sent" for attempt in message.attempts.values()):
                owned.add((id_, "simulated_sent" if message.is_simulated else "sent"))
        strange = {(n.ses_id, n.recipient, n.what) for n in self.notices.values() if n.owner is None and n.what}
        counted = Counter((self.messages[owner].stream, what) for owner, what in owned if owner and what)
        counted.update(("", what) for _, _, what in strange if what)
        return dict(counted + self.decided)

    def minutes(self, since: int) -> dict[int, int]:
        """What the record's own count against the quota must say, from that minute on."""
        counted: Counter[int] = Counter()
        for message in self.messages.values():
            for attempt in message.attempts.values():
                if minute_of(attempt.at) >= since and not message.is_simulated:
                    counted[minute_of(attempt.at)] += attempt.counts
        return dict(counted)

    def used(self, since: int) -> int:
        """Recipients that count against the quota, taken after that."""
        others = (one for one in self.messages.values() if not one.is_simulated)
        return sum(attempt.counts and attempt.at > since for one in others for attempt in one.attempts.values())

    def _move(self, id_: str, state: State, number: int, lease_until: int | None, reason: str | None) -> None:
        message = self.messages[id_]
        if lease_until is not None and number in message.attempts:
            message.attempts[number].lease_until = lease_until
        was, message.state, message.reason = message.state, state, reason
        if was is not state:
            self._count(id_)

    def _count(self, id_: str) -> None:
        message = self.messages[id_]
        if message.state in {State.HELD, State.DROPPED}:
            self.decided[message.stream, message.state.value] += 1


def _event(kind: str, recipient: str | None, bounce_type: str | None, subtype: str | None) -> Event:
    return Event(
        key="",
        kind=Kind(kind),
        ses_id="",
        message_id=None,
        attempt_id=None,
        recipient=recipient,
        at=START,
        bounce_type=BounceType(bounce_type) if bounce_type else None,
        subtype=subtype,
        feedback="abuse" if kind == "complaint" else None,
    )
