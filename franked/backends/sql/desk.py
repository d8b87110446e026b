"""What the verbs need besides a connection: the seal, the clock, and which streams keep their variables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from franked.backends.sealing import Seal, Unsealable
from franked.backends.sql.rows import ms
from franked.rules.message import Message
from franked.rules.person import ERASED

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)


def keeps_none(stream: str) -> bool:
    return False


def may_be_left(stream: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Desk:
    seal: Seal
    clock: Callable[[], datetime]
    keep_variables: Callable[[str], bool] = keeps_none  # by stream: after the message has ended
    has_topic: Callable[[str], bool] = may_be_left  # by stream: whether consents bear on its mail
    asks_canary: bool = False  # whether a first mail waits for the canary
    at_limit_all: bool = False  # what the governor stops in the end: codes too?

    def now(self) -> int:
        """Milliseconds."""
        return ms(self.clock())

    def pseudonym(self, address_key: str) -> str:
        """What stands for an address that was erased: it can be recognised, and not be read."""
        return f"{ERASED}{self.seal.fingerprint(b'erased ' + address_key.encode()).hex()[:32]}"

    def sealed(self, message: Message) -> bytes:
        """All of it, so that whoever takes it need not put it together from columns."""
        return self.seal.seal(_encoder.encode(message), message.id)

    def opened(self, sealed: bytes | None, message_id: str) -> Message | None:
        """None: dropped, or sealed with another key."""
        if sealed is None:
            return None
        try:
            return _decoder.decode(self.seal.open(sealed, message_id))
        except (Unsealable, msgspec.DecodeError):
            return None
