"""A person's data is handed out, or goes: one address, or all that an account asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from franked.rules.address import Address

ERASED = "erased:"  # what stands for an address that was erased begins so, and is no address
ACCOUNT_DELETED = "account_deleted"  # the reason of mail that a deleted account would have got

Record = Mapping[str, object]
Collected = Mapping[str, Sequence[Record]]  # by the shelf that they stand on


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom everything is asked. `streams`: those that are declared, by which limits are counted."""

    address: Address
    streams: frozenset[str]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An address is erased: on whose word, and why, in words that are kept."""

    whose: Whose
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Erased:
    """`stands_as`: what the list of suppressions knows the address by from now on."""

    stands_as: str
    messages: int
    dropped: int  # of those, what still waited
    events: int


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """The account that triggers name as `by` gets no more mail, but of the streams in `keep`."""

    account: str
    at: datetime
    by: str
    why: str
    keep: frozenset[str] = frozenset()


def is_erased(address_key: str) -> bool:
    return address_key.startswith(ERASED)
