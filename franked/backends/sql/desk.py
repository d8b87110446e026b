"""What the verbs need besides a connection: the seal, the clock, and which streams keep their variables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from franked.backends.sealing import Seal, Unsealable
from franked.backends.sql.rows import Variables, ms


def keeps_none(stream: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Desk:
    seal: Seal
    clock: Callable[[], datetime]
    keep_variables: Callable[[str], bool] = keeps_none  # by stream: after the message has ended

    def now(self) -> int:
        """Milliseconds."""
        return ms(self.clock())

    def sealed(self, variables: Variables, message_id: str) -> bytes:
        return self.seal.seal(msgspec.json.encode(variables), message_id)

    def opened(self, sealed: bytes | None, message_id: str) -> Variables | None:
        """None: dropped, or sealed with another key."""
        if sealed is None:
            return None
        try:
            return msgspec.json.decode(self.seal.open(sealed, message_id), type=dict[str, object])
        except (Unsealable, msgspec.DecodeError):
            return None
