"""A product's website on this machine: over TLS on loopback, under its own name, with an authority of its own."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from franked.rules.dns import Resolver

Shown = str | tuple[int, str] | Callable[[web.Request], Awaitable[web.StreamResponse]]
LINKS = '<a href="/privacy">Privacy</a> <a href="/unsubscribe">Unsubscribe</a> <a href="/contact">Contact</a>'
_DAYS = timedelta(days=30)


@dataclass(slots=True)
class Site:
    """`pages`: by path, a page's HTML, or a (status, Location), or a function. `asked`: host and path, in order."""

    at: Resolver = field(default_factory=lambda: Resolver("127.0.0.1", 0))
    ca: Path = field(default_factory=Path)
    pages: dict[str, Shown] = field(
        default_factory=lambda: {
            "/": f"<html><h1>Shop</h1>{LINKS}</html>",
            "/privacy": "<h1>Privacy</h1><p>What becomes of your data</p>",
            "/unsubscribe": "<h1>Leave</h1><p>How to leave our mail</p>",
            "/contact": "<h1>Contact</h1><p>Who we are</p>",
        }
    )
    asked: list[str] = field(default_factory=list)

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.headers['Host']}{request.path_qs}")
        match self.pages.get(request.path):
            case None:
                return web.Response(status=404, text="not here")
            case str() as page:
                return web.Response(text=page, content_type="text/html", charset="utf-8")
            case (int() as status, str() as location):
                return web.Response(status=status, headers={"Location": location} if location else {})
            case function:
                return await function(request)


@asynccontextmanager
async def site(folder: Path, *names: str, expired: bool = False) -> AsyncIterator[Site]:
    """`names`: of its certificate."""
    made = Site(ca=folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder, names, expired=expired))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, made.at.address, 0, ssl_context=context).start()
    made.at = Resolver(made.at.address, runner.addresses[0][1])
    try:
        yield made
    finally:
        await runner.cleanup()


def _certificate(folder: Path, names: tuple[str, ...], *, expired: bool) -> Path:
    """Key and certificate in one file, signed by an authority whose own is in ca.pem."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Example Authority")])
    ca = _builder(issuer, issuer, authority.public_key(), _DAYS).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    leaf = _builder(issuer, subject, key.public_key(), -timedelta(days=1) if expired else _DAYS).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
    )
    (folder / "ca.pem").write_bytes(_pem(ca.sign(authority, hashes.SHA256())))
    spelled = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "site.pem").write_bytes(key.private_bytes(*spelled) + _pem(leaf.sign(authority, hashes.SHA256())))
    return folder / "site.pem"


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, good_for: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        .not_valid_before(now - _DAYS)
        .not_valid_after(now + good_for)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
