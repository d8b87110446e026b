"""TOTP as authenticator apps do it (RFC 6238): six digits, thirty seconds, SHA-1, a step of grace for their clocks."""

from base64 import b32encode
from datetime import datetime

import pyotp

SECRET_BYTES = 20  # RFC 4226: as long as the hash
STEP = 30  # seconds
_AROUND = (0, -1, 1)
_RECOVERY = "0123456789abcdefghjkmnpqrstvwxyz"  # no letter that looks like another


def secret_of(drawn: int) -> str:
    """`drawn`: a number below 2^160."""
    return b32encode(drawn.to_bytes(SECRET_BYTES, "big")).decode()


def uri_of(secret: str, label: str, issuer: str) -> str:
    """What a QR code shows to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer)


def step_of(secret: str, digits: str, now: datetime) -> int | None:
    """The time step whose code this is; None: of none near now."""
    codes, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    return next(
        (current + n for n in _AROUND if pyotp.utils.strings_equal(codes.at((current + n) * STEP), digits)), None
    )


def recovery_code(drawn: int) -> str:
    """`drawn`: a number below 2^50. Ten letters and digits, `k3v9x-0h2mq`."""
    text = "".join(_RECOVERY[drawn >> shift & 31] for shift in range(45, -1, -5))
    return f"{text[:5]}-{text[5:]}"
