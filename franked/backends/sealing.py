"""What is secret at rest is sealed with the server's key; what is only compared is fingerprinted with it."""

import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_LENGTH = 32
_NONCE = 12
_FIRST_WAY = b"\x01"  # AES-256-GCM; another way of sealing gets another byte


class Unsealable(Exception):
    """Sealed with another key, for another context, or damaged."""


class NoKey(Exception):
    """The key file can't be used. `str()` is for an operator."""


class Seal:
    """Seals and fingerprints under keys that are derived from the server's, one for each use."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_LENGTH:
            raise NoKey(f"the server's key has at least {KEY_LENGTH} bytes, this one has {len(key)}")
        self._key = key
        self._cipher = AESGCM(_derived(key, b"franked sealing 1"))
        self._fingerprints = _derived(key, b"franked fingerprints 1")

    def seal(self, plain: bytes, context: str) -> bytes:
        """`context` (a message's id) is not stored, but opens nothing else."""
        nonce = os.urandom(_NONCE)
        return _FIRST_WAY + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises Unsealable."""
        if sealed[:1] != _FIRST_WAY:
            raise Unsealable(context)
        try:
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable(context) from error

    def key_for(self, use: str, length: int) -> bytes:
        """A key of its own for something else that the server's key stands for."""
        return _derived(self._key, use.encode(), length)

    def fingerprint(self, data: bytes) -> bytes:
        """Keyed: whoever reads the store can't try out which code a draft held."""
        return hmac.digest(self._fingerprints, data, "sha256")


def _derived(key: bytes, use: bytes, length: int = KEY_LENGTH) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=use).derive(key)


def load_or_create_key(path: Path) -> bytes:
    """The server's key, 64 hexadecimal digits in a file that only its owner reads. Raises NoKey."""
    try:
        if not path.exists():
            _create(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not hexadecimal"
        raise NoKey(f"the key file {path.name} can't be used: {why}") from error
    if len(key) != KEY_LENGTH:
        raise NoKey(f"the key file {path.name} holds {len(key)} bytes, a key has {KEY_LENGTH}")
    return key


def _create(path: Path) -> None:
    """Whole or not at all, and never over another's: two that start at once end up with one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        _write_durably(draft, f"{os.urandom(KEY_LENGTH).hex()}\n".encode())
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
