"""RFC 6238's own vectors, and what an authenticator app is told."""

from base64 import b32encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from franked.formats.totp import recovery_code, secret_of, step_of, uri_of

SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_rfcs_codes_are_of_their_step(seconds: int, digits: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    step = seconds // 30
    assert step_of(SECRET, digits, now) == step
    assert step_of(SECRET, digits, datetime.fromtimestamp(seconds + 30, UTC)) == step
    assert step_of(SECRET, digits, datetime.fromtimestamp(seconds + 60, UTC)) is None
    assert step_of(SECRET, "", now) is None


def test_a_secret_is_160_bits_and_its_address_names_issuer_and_person() -> None:
    assert secret_of(int.from_bytes(b"12345678901234567890")) == SECRET
    uri = urlsplit(uri_of(SECRET, "ana@example.com", "Example Backup"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Example%20Backup:ana%40example.com")
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Example Backup"]}


def test_a_recovery_code_spells_its_number() -> None:
    assert recovery_code(0) == "00000-00000"
    assert recovery_code((1 << 50) - 1) == "zzzzz-zzzzz"
    assert recovery_code(1) == "00000-00001"
