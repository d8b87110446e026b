"""API keys: `fk_<8 id>_<32 secret>`. The secret is compared in constant time, and kept nowhere."""

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from franked.record import ApiKey, OldSecret
from franked.rules.stream import Limit
from franked.rules.verdict import Caller
from franked.store import Store

_SHAPE = re.compile(r"fk_(?P<id>[a-z0-9]{8})_(?P<secret>[A-Za-z0-9]{32})")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = OldSecret(bytes(32), _LONG_AGO)
_NOBODY = ApiKey(Caller("", ""), bytes(32), _LONG_AGO, revoked_at=_LONG_AGO)
STALE_AFTER = 5.0  # seconds: another process may have revoked a key


def make_key(
    name: str, streams: frozenset[str], senders: frozenset[str], now: datetime, limit: Limit | None = None
) -> tuple[str, ApiKey]:
    """The key as it is shown once, and its record. Empty sets: every stream, each stream's own sender."""
    key_id = _random(8)
    shown, digest = new_secret(key_id)
    return shown, ApiKey(Caller(key_id, name, streams, senders, limit), digest, now)


def new_secret(key_id: str) -> tuple[str, bytes]:
    """The key as it is shown once, and the digest of its secret."""
    secret = _random(32)
    return f"fk_{key_id}_{secret}", _digest(secret)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


@dataclass(slots=True)
class Keyring:
    """The keys in memory; the store's shelf is asked again when they may be stale."""

    store: Store
    control: ApiKey | None = None  # this process's own key for the command line, never stored
    keys: dict[str, ApiKey] = field(default_factory=dict)
    read_at: float = float("-inf")
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, presented: str, now: datetime, monotonic: float) -> ApiKey | None:
        """The key's record, None for any key that is malformed, unknown, wrong, outlived or revoked: all alike.

        One way for all of them, so that the time it takes doesn't tell which keys there are.
        """
        if self._is_stale(monotonic):
            await self._refresh(monotonic)
        shape = _SHAPE.fullmatch(presented)
        key_id, secret = (shape["id"], shape["secret"]) if shape else ("", "")
        digest = _digest(secret)
        key = self.keys.get(key_id, _NOBODY)
        old = key.old or _NEVER
        newest = hmac.compare_digest(digest, key.digest)
        older = hmac.compare_digest(digest, old.digest) & (now < old.until)
        return key if (newest | older) & (key.revoked_at is None) else None

    def _is_stale(self, monotonic: float) -> bool:
        return monotonic - self.read_at > STALE_AFTER

    async def _refresh(self, monotonic: float) -> None:
        """Whoever waited for another's reading finds the keys fresh."""
        async with self.reading:
            if self._is_stale(monotonic):
                await self._read(monotonic)

    def forget(self) -> None:
        """The next key is looked up anew."""
        self.read_at = float("-inf")

    async def reload(self, monotonic: float) -> None:
        """After a change. One reading at a time: an older one that comes in late would undo it."""
        async with self.reading:
            await self._read(monotonic)

    async def _read(self, monotonic: float) -> None:
        self.keys = {key.caller.key_id: key for key in await self.store.keys()}
        if self.control:
            self.keys[self.control.caller.key_id] = self.control
        self.read_at = monotonic
