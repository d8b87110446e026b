"""What the demo counts: the callers' lists, the record and the account's own list, held against each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from franked.record import Story
from franked.rules.audit import Kept, audit
from franked.rules.message import State

_COLUMNS = {  # what people count, and the states behind it; together they are all states
    "queued": {State.QUEUED, State.SENDING},
    "sent": {State.SENT, State.DELAYED},
    "delivered": {State.DELIVERED},
    "soft_bounced": {State.SOFT_BOUNCED},
    "bounced": {State.BOUNCED},
    "complained": {State.COMPLAINED},
    "rejected": {State.REJECTED},
    "refused": {State.REFUSED},
    "held": {State.HELD},
    "dropped": {State.DROPPED},
    "unknown": {State.UNKNOWN},
    "dead": {State.DEAD},
}


@dataclass(frozen=True, slots=True)
class Tally:
    """`by_column` holds how many messages stand where. `lost`, `doubled`: how many, without an explanation."""

    accepted: int
    by_column: Mapping[str, int]
    lost: int
    doubled: int

    @property
    def closed(self) -> bool:
        """Nothing lost, nothing doubled, and the loop ran whole: a bounce and a complaint came back, and an address
        that bounced was not mailed again."""
        seen = all(self.by_column[column] for column in ("delivered", "bounced", "complained", "dropped"))
        under_way = self.by_column["queued"] + self.by_column["sent"] + self.by_column["unknown"]
        return self.clean and seen and not under_way

    @property
    def clean(self) -> bool:
        return not self.lost and not self.doubled

    def as_dict(self, seconds: float) -> dict[str, int]:
        """The keys of `franked demo --json`."""
        counts = {"accepted": self.accepted, **self.by_column}
        return counts | {"lost": self.lost, "doubled": self.doubled, "seconds": round(seconds)}


def tally(accepted: Sequence[str], stories: Iterable[Story | None], taken: Iterable[str]) -> Tally:
    """`accepted`: distinct ids the callers were given; `taken`: the message tag of each mail the account took."""
    known = [story for story in stories if story is not None]
    states = Counter(story.state for story in known)
    by_column = {name: sum(states[state] for state in column) for name, column in _COLUMNS.items()}
    kept = {story.id: Kept(story.state, sum(entry.what == "resend" for entry in story.ledger)) for story in known}
    found = audit(accepted, kept, taken)
    return Tally(len(accepted), by_column, len(found.lost), len(found.doubled))


def summed(tallies: Sequence[Tally]) -> Tally:
    columns = {name: sum(one.by_column[name] for one in tallies) for name in _COLUMNS}
    accepted, lost, doubled = (sum(getattr(one, name) for one in tallies) for name in ("accepted", "lost", "doubled"))
    return Tally(accepted, columns, lost, doubled)
