"""SES is spoken to over TLS: a server that can't prove its name gets nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from franked.rules.outcome import Delay, Sent, TryLater
from tests.contract.test_ses_transport import LATER, MAIL, SENT, answer, answering, event_loop_policy, transport
from tests.contract.test_ses_transport import Server as Plain

__all__ = ["event_loop_policy"]
pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Plain]:
    """As `localhost`, by a certificate that nobody has signed but itself; it lies in `chain`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certified(tmp_path))
    plain, script = Plain(), answering(answer(200, SENT), answer(200, SENT))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plain.connections += 1
        await script(plain, reader, writer)
        writer.close()

    listening = await asyncio.start_server(connected, "localhost", 0, ssl=context)
    plain.port = listening.sockets[0].getsockname()[1]
    yield plain
    listening.close()


def certified(folder: Path) -> tuple[Path, Path]:
    private, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    chain = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    (folder / "chain").write_bytes(chain.public_bytes(serialization.Encoding.PEM))
    spelled = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key").write_bytes(private.private_bytes(*spelled))
    return folder / "chain", folder / "key"


async def test_two_mails_go_over_one_connection(server: Plain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "chain"))
    async with transport(f"https://localhost:{server.port}") as ses:
        assert [await ses.send(MAIL, LATER) for _ in range(2)] == [Sent("0100-1")] * 2
    assert (len(server.requests), server.connections) == (2, 1)


async def test_a_certificate_that_nobody_vouches_for_gets_nothing(server: Plain) -> None:
    async with transport(f"https://localhost:{server.port}") as ses:
        said = await ses.send(MAIL, LATER)
    assert isinstance(said, TryLater)
    assert said.why is Delay.CONNECTION
    assert "certificate" in said.detail
    assert server.requests == []
