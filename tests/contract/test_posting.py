"""Posting to a place that somebody named: nothing inside is reached, nobody is waited for too long."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from franked.backends.posting import Poster
from franked.ports import Post, Posted
from franked.rules.reach import Network, network
from tests.contract.test_ses_over_tls import certified

LOOPBACK = (network("127.0.0.0/8"), network("::1/128"))
ONLY_OUTER = (network("127.0.0.2/32"),)  # stands for the public internet; 127.0.0.1 is inside
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Place:
    """A server of a few lines: what it was sent, and what it says to that."""

    port: int = 0
    says: bytes = ANSWER
    heard: list[bytes] = field(default_factory=list)
    drips: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.read(65_536))
        try:
            writer.write(self.says)
            await writer.drain()
            while self.drips:
                writer.write(b"x-more: " + b"y" * 8_000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            return
        if self.says:
            writer.close()
        else:
            await asyncio.sleep(30)


@asynccontextmanager
async def open_place(host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Place]:
    place = Place()
    server = await asyncio.start_server(place.serve, host, port, ssl=tls)
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        server.close()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place() as opened:
        yield opened


class Names:
    """A name server that may say something else each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise socket.gaierror("no such name")
        return answer


async def posted(url: str, *allow: Network, names: Names | None = None, within: float = 1.0) -> Posted:
    poster = Poster(names, connect=within, within=within)
    return await poster(Post(url, {"content-type": "application/json", "webhook-id": "w_1"}, b'{"type":"test"}', allow))


async def test_a_body_is_posted_with_its_headers(place: Place) -> None:
    assert await posted(f"http://127.0.0.1:{place.port}/hooks/?a=b", *LOOPBACK) == Posted(204)
    [heard] = place.heard
    assert heard.startswith(b"POST /hooks/?a=b HTTP/1.1\r\n")
    assert b"webhook-id: w_1\r\n" in heard
    assert heard.endswith(b'\r\n\r\n{"type":"test"}')


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "[::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.", "①②⑦.⓪.⓪.①", "LOCALHOST", "%31%32%37.0.0.1"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_inside_is_called_however_it_is_spelled(place: Place, scheme: str, host: str) -> None:
    answer = await posted(f"{scheme}://{host}:{place.port}/")
    assert answer.status is None
    assert answer.why
    await asyncio.sleep(0.02)
    assert place.heard == []


@pytest.mark.parametrize("ip", ["169.254.169.254", "10.0.0.1", "fd00:ec2::254", "64:ff9b::7f00:1", "2002:7f00:1::"])
async def test_a_name_that_leads_inside_is_not_called(ip: str) -> None:
    answer = await posted("https://hooks.example.com/", names=Names([ip]))
    assert answer.why == f"hooks.example.com leads to {ip}, which is not public: see `allow` in docs/webhooks.md"


async def test_one_address_inside_among_public_ones_is_one_too_many() -> None:
    answer = await posted("https://hooks.example.com/", names=Names(["93.184.216.34", "127.0.0.1"]))
    assert "127.0.0.1, which is not public" in answer.why


async def test_the_second_look_up_leads_nowhere() -> None:
    """DNS rebinding: the name is looked up once for each call, and what was looked at is what is called."""
    names = Names(["127.0.0.2"], ["127.0.0.1"])
    async with open_place("127.0.0.2") as outside, open_place("127.0.0.1", outside.port) as inside:
        url = f"http://rebinding.example.com:{outside.port}/"
        poster = Poster(names, connect=1, within=1)
        assert await poster(Post(url, {}, b"{}", ONLY_OUTER)) == Posted(204)
        assert names.asked == 1
        second = await poster(Post(url, {}, b"{}", ONLY_OUTER))
        assert (second.status, names.asked) == (None, 2)
        assert "leads to 127.0.0.1" in second.why
        assert (len(outside.heard), inside.heard) == (1, [])
    assert f"host: rebinding.example.com:{outside.port}\r\n".encode() in outside.heard[0].lower()


async def test_a_redirect_is_not_followed(place: Place) -> None:
    async with open_place() as inside:
        for to in (f"http://127.0.0.1:{inside.port}/", "http://169.254.169.254/latest/meta-data/"):
            place.says = f"HTTP/1.1 307 Away\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
            assert await posted(f"http://127.0.0.1:{place.port}/", *LOOPBACK) == Posted(307)
        assert (len(place.heard), inside.heard) == (2, [])


async def test_without_tls_it_goes_only_where_it_is_allowed() -> None:
    answer = await posted("http://hooks.example.com/", *LOOPBACK, names=Names(["93.184.216.34"]))
    assert "over the internet it is https://" in answer.why


async def test_whoever_hangs_is_given_up(place: Place) -> None:
    place.says = b""
    answer = await posted(f"http://127.0.0.1:{place.port}/", *LOOPBACK, within=0.2)
    assert answer == Posted(None, "it did not answer in time")


async def test_a_name_server_that_hangs_is_given_up() -> None:
    class Silent(Names):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            await asyncio.sleep(30)
            return []

    answer = await posted("https://hooks.example.com/", names=Silent([]), within=0.2)
    assert answer.status is None


async def test_a_head_without_an_end_is_not_read_to_it(place: Place) -> None:
    place.says, place.drips = b"HTTP/1.1 200 OK\r\n", True
    answer = await posted(f"http://127.0.0.1:{place.port}/", *LOOPBACK, within=5)
    assert answer.status is None
    assert "no answer that is HTTP" in answer.why


async def test_of_an_endless_body_nothing_is_read(place: Place) -> None:
    place.says, place.drips = b"HTTP/1.1 200 OK\r\n\r\n", True
    assert await posted(f"http://127.0.0.1:{place.port}/", *LOOPBACK, within=5) == Posted(200)


@pytest.mark.parametrize("says", [b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_what_is_no_answer_is_none(place: Place, says: bytes) -> None:
    place.says = says
    answer = await posted(f"http://127.0.0.1:{place.port}/", *LOOPBACK)
    assert answer.status is None
    assert answer.why


@pytest.mark.parametrize("names", [Names([]), None])
async def test_a_name_that_is_none_has_no_address(names: Names | None) -> None:
    assert (await posted("https://no-such-name.invalid/", names=names)).status is None


async def test_nobody_listens(place: Place) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        answer = await posted(f"http://127.0.0.1:{bound.getsockname()[1]}/", *LOOPBACK)
    assert "no connection" in answer.why


@pytest.fixture
async def safe(tmp_path: Path) -> AsyncIterator[tuple[Place, Path]]:
    """A place with a certificate for localhost, and who vouches for it."""
    chain, key = certified(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    async with open_place(tls=context) as opened:
        yield opened, Path(chain)


async def call(host: str, safe: tuple[Place, Path], *, trusts: bool) -> Posted:
    place, chain = safe
    tls = ssl.create_default_context(cafile=str(chain) if trusts else None)
    poster = Poster(Names(["127.0.0.1"]), connect=5, within=5, tls=tls)
    return await poster(Post(f"https://{host}:{place.port}/", {}, b"{}", LOOPBACK))


async def test_the_certificate_is_asked_for_by_name_though_an_address_is_called(safe: tuple[Place, Path]) -> None:
    assert await call("localhost", safe, trusts=True) == Posted(204)


async def test_a_certificate_of_another_name_or_of_nobody_is_refused(safe: tuple[Place, Path]) -> None:
    for answer in (await call("hooks.example.com", safe, trusts=True), await call("localhost", safe, trusts=False)):
        assert answer == Posted(None, "its certificate is not good for this name, or nobody vouches for it")
    assert safe[0].heard == []
