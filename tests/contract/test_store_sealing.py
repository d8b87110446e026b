"""What is sealed opens with its key and in its context, and with nothing else."""

from pathlib import Path

import pytest

from franked.backends.sealing import NoKey, Seal, Unsealable, load_or_create_key

SEAL = Seal(bytes(32))


def test_what_was_sealed_opens_in_its_context_only() -> None:
    sealed = SEAL.seal(b"424242", "m_1")
    assert SEAL.open(sealed, "m_1") == b"424242"
    with pytest.raises(Unsealable):
        SEAL.open(sealed, "m_2")
    with pytest.raises(Unsealable):
        Seal(bytes([1] * 32)).open(sealed, "m_1")


def test_the_same_words_never_look_the_same() -> None:
    assert len({SEAL.seal(b"424242", "m_1") for _ in range(100)}) == 100


@pytest.mark.parametrize("place", [0, 1, 5, 13, -1])
def test_a_changed_byte_opens_nothing(place: int) -> None:
    sealed = bytearray(SEAL.seal(b"424242", "m_1"))
    sealed[place] ^= 1
    with pytest.raises(Unsealable):
        SEAL.open(bytes(sealed), "m_1")


@pytest.mark.parametrize("length", [0, 1, 8, 13, 20])
def test_a_cut_one_opens_nothing(length: int) -> None:
    with pytest.raises(Unsealable):
        SEAL.open(SEAL.seal(b"", "m_1")[:length], "m_1")


def test_a_fingerprint_is_the_keys_own() -> None:
    assert SEAL.fingerprint(b"draft") == Seal(bytes(32)).fingerprint(b"draft")
    assert SEAL.fingerprint(b"draft") != SEAL.fingerprint(b"drafT")
    assert SEAL.fingerprint(b"draft") != Seal(bytes([1] * 32)).fingerprint(b"draft")


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    key = load_or_create_key(path)
    assert len(key) == 32
    assert load_or_create_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "abcd", "not a key", "zz" * 32])
def test_a_key_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)
    with pytest.raises(NoKey, match=r"secret\.key"):
        load_or_create_key(path)
    assert path.read_text() == content


def test_a_short_key_is_no_key() -> None:
    with pytest.raises(NoKey):
        Seal(b"short")
