"""The key with which the simulated SNS signs, and its certificate: new at each start, real in every shape."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_TEN_YEARS = timedelta(days=3652)  # each way: a demo may move its clock


@dataclass(frozen=True, slots=True)
class SigningKey:
    private: rsa.RSAPrivateKey
    pem: bytes
    path: str  # of the certificate, as in its URL

    @classmethod
    def new(cls, now: datetime) -> Self:
        private = _private()
        certificate = _certificate(private, now)
        digest = certificate.fingerprint(hashes.SHA256()).hex()[:32]
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        return cls(private, pem, f"/SimpleNotificationService-{digest}.pem")


@cache
def _private() -> rsa.RSAPrivateKey:
    """One for all topics of a process, as SNS has one for all of a Region."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(private: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    return (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - _TEN_YEARS)
        .not_valid_after(now + _TEN_YEARS)
        .sign(private, hashes.SHA256())
    )
