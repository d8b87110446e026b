"""The way out of the sandbox."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from franked.rules.origin import Way
from franked.rules.request import Line as RequestLine


class Requests(Protocol):
    """The request for production access: what was asked, answered, written down. No line is ever changed."""

    async def note_access(self, lines: Sequence[RequestLine]) -> None: ...

    async def access_log(self) -> list[RequestLine]:
        """All of it, in the order written: it is short."""
        ...

    async def count_origins(self) -> Mapping[Way, int]:
        """How many addresses came by each; those of SES's mailbox simulator are in none."""
        ...
