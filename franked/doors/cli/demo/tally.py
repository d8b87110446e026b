"""What the demo counts: the caller's list, the record and the account's own list, held against each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from franked.record import Story
from franked.rules.audit import Audit, Kept, audit
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
    accepted: int
    by_column: Mapping[str, int]
    audit: Audit
    seconds: int

    @property
    def closed(self) -> bool:
        """Nothing lost, nothing doubled, and the loop ran whole: a bounce and a complaint came back, and an address
        that bounced was not mailed again."""
        seen = all(self.by_column[column] for column in ("delivered", "bounced", "complained", "dropped"))
        under_way = self.by_column["queued"] + self.by_column["sent"] + self.by_column["unknown"]
        return self.audit.clean and seen and not under_way

    def as_dict(self) -> dict[str, int]:
        """The keys of `franked demo --json`."""
        lost, doubled = len(self.audit.lost), len(self.audit.doubled)
        counts = {"accepted": self.accepted, **self.by_column}
        return counts | {"lost": lost, "doubled": doubled, "seconds": self.seconds}


def tally(accepted: Sequence[str], stories: Iterable[Story | None], taken: Iterable[str], seconds: float) -> Tally:
    """`accepted`: distinct ids the callers were given; `taken`: the message tag of each mail the account took."""
    known = [story for story in stories if story is not None]
    states = Counter(story.state for story in known)
    by_column = {name: sum(states[state] for state in column) for name, column in _COLUMNS.items()}
    kept = {story.id: Kept(story.state, sum(entry.what == "resend" for entry in story.ledger)) for story in known}
    return Tally(len(accepted), by_column, audit(accepted, kept, taken), round(seconds))
