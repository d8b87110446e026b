"""Links in mails, for readers who have no account with us: whoever has the link may do what it says, and no more.

A link's token is sealed (AES-SIV): no address stands in a URL, where proxies and scanners would log it; the same link
is the same text each time; and one that was changed by a letter opens nothing. It never ends: links in old mail keep
working.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_LENGTH = 64
LONGEST = 1000  # characters of a token: an address of 254 and a name of 60 make 500


class Use(StrEnum):
    """What a link is for; a token for one use opens no other."""

    LEAVE = "leave"  # one topic: address, topic
    PREFERENCES = "preferences"  # all topics of an address: address
    WHY = "why"  # what we know of one mail: message id


@dataclass(frozen=True, slots=True)
class Links:
    """`base`: how the world reaches Franked, without a slash at its end. `key`: KEY_LENGTH bytes."""

    base: str
    key: bytes = field(repr=False)
    _cipher: AESSIV = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESSIV(self.key))  # to make one costs as much as to seal two tokens

    def to(self, use: Use, *parts: str) -> str:
        return f"{self.base}/u/{use.value}/{self.token(use, *parts)}"

    def token(self, use: Use, *parts: str) -> str:
        sealed = self._cipher.encrypt(msgspec.msgpack.encode(parts), [use.value.encode()])
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, use: Use, token: str) -> tuple[str, ...] | None:
        """The parts; None for whatever we did not write for this use."""
        if len(token) > LONGEST or not token.isascii():
            return None
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            plain = self._cipher.decrypt(sealed, [use.value.encode()])
        except (ValueError, InvalidTag):
            return None
        return tuple(msgspec.msgpack.decode(plain, type=list[str]))
