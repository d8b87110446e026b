"""What the verbs need besides a connection: the seal, the clock, and which streams keep their variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from franked.backends.sealing import Seal, Unsealable
from franked.backends.sql.rows import ms
from franked.rules.content import Attachment, Written
from franked.rules.message import Message


class Contents(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message says, and nobody else needs to know."""

    variables: Mapping[str, object]
    content: Written | None = None
    attachments: tuple[Attachment, ...] = ()


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

    def sealed(self, message: Message) -> bytes:
        contents = Contents(message.variables, message.content, message.attachments)
        return self.seal.seal(msgspec.json.encode(contents), message.id)

    def opened(self, sealed: bytes | None, message_id: str) -> Contents | None:
        """None: dropped, or sealed with another key."""
        if sealed is None:
            return None
        try:
            return msgspec.json.decode(self.seal.open(sealed, message_id), type=Contents)
        except (Unsealable, msgspec.DecodeError):
            return None
