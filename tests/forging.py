"""What a forger of SNS's messages works with: keys, certificates, a trap, and a stand-in for SNS's origin."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha1, sha256
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from franked.backends.local.topic import Topic
from franked.formats import sns
from tests.formats.test_ses_event import bounce, notice

ORIGIN = "https://sns.eu-central-1.amazonaws.com"
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


# --- keys and certificates


def rsa_key(bits: int = 2048, whose: str = "attacker") -> rsa.RSAPrivateKey:
    return _rsa_key(bits, whose)


@cache
def _rsa_key(bits: int, _: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class TinyKey:
    """RSA of 512 bits, by hand: no library makes one any more."""

    def __init__(self) -> None:
        p, q = _prime(0xD << 252), _prime(0xE << 252)
        self.n, self.d = p * q, pow(65537, -1, (p - 1) * (q - 1))

    @property
    def public(self) -> rsa.RSAPublicKey:
        return rsa.RSAPublicNumbers(65537, self.n).public_key()

    def sign(self, text: bytes) -> str:
        """PKCS #1 v1.5 over SHA-1."""
        digest = bytes.fromhex("3021300906052b0e03021a05000414") + sha1(text).digest()
        padded = b"\x00\x01" + b"\xff" * (61 - len(digest)) + b"\x00" + digest
        return b64encode(pow(int.from_bytes(padded), self.d, self.n).to_bytes(64)).decode()


def _prime(least: int) -> int:
    return next(n for n in count(least | 1, 2) if pow(2, n - 1, n) == 1 and (n - 1) % 65537)


def certificate(
    key: Any,
    name: str = "sns.amazonaws.com",
    days: tuple[int, int] = (-1, 1),
) -> bytes:
    """For this public key, signed by a strong one of the attacker's; good between these days from now."""
    now, subject = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    first, last = (now + timedelta(days=day) for day in days)
    made = x509.CertificateBuilder(subject, subject, key, x509.random_serial_number(), first, last)
    return made.sign(rsa_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# --- who is asked for what


@dataclass
class Trap:
    """A port of this machine that nobody should ever come to."""

    port: int = 0
    visits: int = 0

    async def visited(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@asynccontextmanager
async def trap() -> AsyncIterator[Trap]:
    """On 127.0.0.1 and, where the machine has it, ::1."""
    laid = Trap()
    async with await asyncio.start_server(laid.visited, "127.0.0.1", 0) as first:
        laid.port = first.sockets[0].getsockname()[1]
        try:
            second = await asyncio.start_server(laid.visited, "::1", laid.port)
        except OSError:
            yield laid
            return
        async with second:
            yield laid


@dataclass
class Origin:
    """Stands where SNS's name leads: it has certificates of its own, and hands all else on to the simulated SNS."""

    simulated: str
    url: str = ""
    asked: list[str] = field(default_factory=list)  # with their queries
    pages: dict[str, Page] = field(default_factory=dict)  # by path

    def serve(self, page: Page) -> str:
        """The URL of a certificate."""
        path = f"/SimpleNotificationService-{sha256(str(len(self.pages)).encode()).hexdigest()[:32]}.pem"
        self.pages[path] = page
        return ORIGIN + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        page = self.pages.get(request.path)
        if page:
            return await page(request)
        async with aiohttp.ClientSession() as http, http.get(self.simulated + request.raw_path) as said:
            return web.Response(status=said.status, body=await said.read())

    @property
    def confirmations(self) -> int:
        return sum(asked.startswith("/?") for asked in self.asked)


@asynccontextmanager
async def origin(simulated: str) -> AsyncIterator[Origin]:
    stands = Origin(simulated)
    app = web.Application()
    app.router.add_get("/{path:.*}", stands.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stands.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stands
    await runner.cleanup()


# --- messages


@dataclass(frozen=True, slots=True)
class Posted:
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain; charset=UTF-8"})
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Forger:
    """Knows everything but Amazon's key, and here, to leave a check alone with its forgery, even that. `address` is
    the one whose bounce it tells."""

    address: str
    topic: Topic
    origin: Origin
    trap: Trap

    def event(self, *addresses: str) -> str:
        """A hard bounce of a mail that we never sent, like no other."""
        body = bounce("Permanent", "General", *addresses or [self.address])
        return notice("Bounce", body | {"feedbackId": self.address}, messageId=f"ses-{self.address.partition('@')[0]}")

    def notification(self, **changes: Any) -> dict[str, Any]:
        return {
            "Type": "Notification",
            "MessageId": f"id-{self.address.partition('@')[0]}",
            "TopicArn": self.topic.arn,
            "Subject": "Amazon SES Email Event Notification",
            "Message": self.event(),
            "Timestamp": "2026-03-04T10:15:08.400Z",
            "SigningCertURL": ORIGIN + self.topic.key.path,
        } | self.spelled(changes)

    def confirmation(self, **changes: Any) -> dict[str, Any]:
        """Of the subscription that the running product has at the simulated SNS."""
        fields = self.notification(Type="SubscriptionConfirmation", Token=self.token) | {
            "SubscribeURL": f"{ORIGIN}/?Action=ConfirmSubscription&TopicArn={self.topic.arn}&Token={self.token}"
        }
        del fields["Subject"]
        return fields | self.spelled(changes)

    @property
    def token(self) -> str:
        return next(iter(self.topic.subscriptions.values())).token

    def signed(self, fields: dict[str, Any], version: str = "1") -> dict[str, Any]:
        return sns.sign(fields, self.topic.key.private, version)

    def certified(self, pem: bytes, key: rsa.RSAPrivateKey) -> Posted:
        """A bounce signed with this key; SNS's own origin serves this certificate."""
        fields = self.notification(SigningCertURL=self.origin.serve(page(pem)))
        return posted(sns.sign(fields, key, "1"))

    def spelled(self, changes: dict[str, Any]) -> dict[str, Any]:
        """PORT is the trap's, PATH that of the genuine certificate, TOPIC ours, TOKEN the subscription's."""
        words = {"PORT": self.trap.port, "PATH": self.topic.key.path, "TOPIC": self.topic.arn, "TOKEN": self.token}
        return {name: _replaced(value, words) for name, value in changes.items()}


def _replaced(value: Any, words: dict[str, Any]) -> Any:
    for word, meaning in words.items() if isinstance(value, str) else ():
        value = value.replace(word, str(meaning))
    return value


def posted(fields: dict[str, Any]) -> Posted:
    return Posted(json.dumps(fields).encode())


def page(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Page:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer
