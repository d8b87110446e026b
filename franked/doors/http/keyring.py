"""API keys: `fk_<8 id>_<32 secret>`. The secret is compared in constant time, and kept nowhere."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from franked.record import ApiKey
from franked.rules.verdict import Caller
from franked.store import Store

_SHAPE = re.compile(r"fk_(?P<id>[a-z0-9]{8})_(?P<secret>[A-Za-z0-9]{32})")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_NOBODY = bytes(32)
STALE_AFTER = 5.0  # seconds: another process may have revoked a key


def make_key(name: str, streams: frozenset[str], senders: frozenset[str], now: datetime) -> tuple[str, ApiKey]:
    """The key as it is shown once, and its record. Empty sets: every stream, each stream's own sender."""
    key_id, secret = _random(8), _random(32)
    record = ApiKey(Caller(key_id, name, streams, senders), _digest(secret), now)
    return f"fk_{key_id}_{secret}", record


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

    async def find(self, presented: str, monotonic: float) -> ApiKey | None:
        """The key's record, None for any key that is malformed, unknown, wrong or revoked: all alike."""
        if monotonic - self.read_at > STALE_AFTER:
            await self.reload(monotonic)
        shape = _SHAPE.fullmatch(presented)
        key_id, secret = (shape["id"], shape["secret"]) if shape else ("", "")
        record = self.keys.get(key_id)
        genuine = hmac.compare_digest(_digest(secret), record.digest if record else _NOBODY)
        return record if genuine and record and record.revoked_at is None else None

    def forget(self) -> None:
        """The next key is looked up anew."""
        self.read_at = float("-inf")

    async def reload(self, monotonic: float) -> None:
        self.keys = {key.caller.key_id: key for key in await self.store.keys()}
        if self.control:
            self.keys[self.control.caller.key_id] = self.control
        self.read_at = monotonic
