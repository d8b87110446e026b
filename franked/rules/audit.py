"""Was anything lost, was anything sent twice? Three lists are compared: the caller's, the record's, the account's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from franked.rules.message import State


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record says of one message: its state, and how many copies it decided to send again."""

    state: State
    resends: int = 0


@dataclass(frozen=True, slots=True)
class Audit:
    lost: tuple[str, ...]  # accepted ids in no state, or called sent though the account never took them
    doubled: tuple[str, ...]  # ids the account took more often than one, plus the decided resends

    @property
    def clean(self) -> bool:
        return not self.lost and not self.doubled


def audit(accepted: Iterable[str], kept: Mapping[str, Kept], taken: Iterable[str]) -> Audit:
    """`accepted`: ids the callers were given; `taken`: the message tag of every mail the account took, with repeats."""
    copies = Counter(taken)
    lost = tuple(id_ for id_ in accepted if _is_lost(kept.get(id_), copies[id_]))
    doubled = tuple(
        id_ for id_, number in sorted(copies.items()) if number > 1 + (kept[id_].resends if id_ in kept else 0)
    )
    return Audit(lost, doubled)


def _is_lost(kept: Kept | None, copies: int) -> bool:
    return kept is None or (kept.state.taken_by_ses and copies == 0)
