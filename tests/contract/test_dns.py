"""Questions to resolvers that may be slow, broken or hostile, answered by name servers on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator

import dns.resolver
import pytest

from franked.backends.dns import LONGEST, MOST_RECORDS, Resolvers
from franked.backends.local.zones import NameFault, NameServer, NotALine, Zones, name_server
from franked.rules.dns import Answer, Found, NoName, NoRecord, Resolver, Silence, Type, Unanswered, resolver
from franked.rules.domain.lines import txt_line

NAME = "shop.example.com"
CLOSED = Resolver("127.0.0.1", 1)


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    zones = Zones()
    zones.publish(
        f"{NAME}. IN MX 10 MX1.example.net.",
        f"{NAME}. IN MX 20 mx2.example.net.",
        f'{NAME}. IN TXT "one" "two"',
        f"www.{NAME}. IN CNAME edge.example.net.",
        f"lost.{NAME}. IN CNAME nowhere.example.net.",
        "edge.example.net. IN A 192.0.2.1",
        "edge.example.net. IN AAAA 2001:db8::1",
    )
    async with name_server(zones) as running:
        yield running


async def asked(server: NameServer, name: str, type: Type) -> Answer:
    return await Resolvers([server.address], within=1.0, each=0.3).look_up(name, type)


@pytest.mark.parametrize(
    ("name", "type", "answer"),
    [
        (NAME, Type.MX, Found(("10 mx1.example.net", "20 mx2.example.net"))),
        (NAME, Type.TXT, Found(("onetwo",))),
        (f"{NAME}.", Type.TXT, Found(("onetwo",))),
        ("SHOP.Example.com", Type.TXT, Found(("onetwo",))),
        (f"www.{NAME}", Type.CNAME, Found(("edge.example.net",))),
        (f"www.{NAME}", Type.A, Found(("192.0.2.1",), ("edge.example.net",))),
        (f"www.{NAME}", Type.AAAA, Found(("2001:db8::1",), ("edge.example.net",))),
        (f"www.{NAME}", Type.TXT, NoRecord(("edge.example.net",))),
        (f"lost.{NAME}", Type.A, NoName(("nowhere.example.net",))),
        (NAME, Type.A, NoRecord()),
        ("example.com", Type.TXT, NoRecord()),  # it is there, because something below it is
        ("nothing.example.com", Type.TXT, NoName()),
    ],
)
async def test_what_is_there_is_found(server: NameServer, name: str, type: Type, answer: Answer) -> None:
    assert await asked(server, name, type) == answer


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (NameFault.SERVFAIL, Silence.SERVFAIL),
        (NameFault.REFUSED, Silence.REFUSED),
        (NameFault.SILENCE, Silence.TIMEOUT),
        (NameFault.GARBAGE, Silence.TIMEOUT),
        (NameFault.WRONG_ID, Silence.TIMEOUT),
    ],
)
async def test_what_is_no_answer_is_none(server: NameServer, fault: NameFault, why: Silence) -> None:
    server.zones.fail(NAME, fault)
    assert await asked(server, NAME, Type.TXT) == Unanswered(why)
    server.zones.fail(NAME, None)
    assert await asked(server, NAME, Type.TXT) == Found(("onetwo",))


async def test_what_is_too_long_for_udp_comes_over_tcp(server: NameServer) -> None:
    server.zones.fail(NAME, NameFault.TRUNCATED)
    assert await asked(server, NAME, Type.TXT) == Found(("onetwo",))
    assert server.asked == [(f"TXT {NAME}", "udp"), (f"TXT {NAME}", "tcp")]
    server.asked.clear()
    server.zones.publish(*(txt_line("long.example.com", f"{number:03d}" * 60) for number in range(20)))
    answer = await asked(server, "long.example.com", Type.TXT)
    assert isinstance(answer, Found)
    assert len(answer.records) == 20
    assert [over for _, over in server.asked] == ["udp", "tcp"]


@pytest.mark.parametrize("fault", [NameFault.SERVFAIL, NameFault.REFUSED, NameFault.SILENCE, NameFault.GARBAGE])
async def test_the_next_resolver_is_asked(server: NameServer, fault: NameFault) -> None:
    async with name_server(Zones()) as broken:
        broken.zones.fail(".", fault)
        both = Resolvers([broken.address, CLOSED, server.address], within=3.0, each=0.2)
        assert await both.look_up(NAME, Type.TXT) == Found(("onetwo",))
        assert broken.asked == [(f"TXT {NAME}", "udp")]


async def test_whoever_knows_is_believed(server: NameServer) -> None:
    """A name that is not there is an answer: the next resolver is not asked until one says what is liked."""
    async with name_server(Zones()) as first:
        both = Resolvers([first.address, server.address])
        assert await both.look_up(NAME, Type.TXT) == NoName()
        assert server.asked == []


async def test_nobody_there_is_unanswered() -> None:
    assert await Resolvers([CLOSED], each=0.2).look_up(NAME, Type.TXT) == Unanswered(Silence.TIMEOUT)
    nowhere = Resolvers([Resolver("255.255.255.255")], each=0.2)
    assert await nowhere.look_up(NAME, Type.TXT) == Unanswered(Silence.NOBODY)


async def test_a_question_has_an_end(server: NameServer) -> None:
    server.zones.fail(NAME, NameFault.SILENCE)
    started = time.monotonic()
    many = Resolvers([server.address] * 50, within=0.5, each=0.3)
    assert await many.look_up(NAME, Type.TXT) == Unanswered(Silence.TIMEOUT)
    assert time.monotonic() - started < 1.5


async def test_an_answer_without_end_is_none(server: NameServer) -> None:
    server.zones.publish(txt_line("long.example.com", "x" * (LONGEST + 1)))
    assert await asked(server, "long.example.com", Type.TXT) == Unanswered(Silence.TOO_LARGE)
    server.zones.publish(*(txt_line("many.example.com", str(number)) for number in range(MOST_RECORDS + 1)))
    assert await asked(server, "many.example.com", Type.TXT) == Unanswered(Silence.TOO_LARGE)


async def test_aliases_in_a_circle_are_no_answer(server: NameServer) -> None:
    server.zones.publish("a.example.com. IN CNAME b.example.com.", "b.example.com. IN CNAME a.example.com.")
    assert await asked(server, "a.example.com", Type.A) == Unanswered(Silence.MALFORMED)


async def test_bytes_that_are_no_text_are_found_all_the_same(server: NameServer) -> None:
    server.zones.publish(f'{NAME}. IN TXT "\\255\\000\\195\\188"')
    assert await asked(server, NAME, Type.TXT) == Found(("�\x00ü",))


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64 + ".example.com", ".".join(["abcdefgh"] * 40), "\ud800.com"])
async def test_what_can_be_no_name_is_not_asked(server: NameServer, name: str) -> None:
    answer = await asked(server, name, Type.TXT)
    assert answer == Unanswered(Silence.NO_NAME)
    assert server.asked == []


async def test_letters_of_ones_own_are_asked_in_their_ascii_form(server: NameServer) -> None:
    server.zones.publish('xn--bcher-kva.example. IN TXT "here"')
    assert await asked(server, "bücher.example", Type.TXT) == Found(("here",))
    server.zones.publish('xn--strae-oqa.example. IN TXT "here too"')
    assert await asked(server, "straße.example", Type.TXT) == Found(("here too",))


async def test_the_machines_own_resolvers_are_asked(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class System(dns.resolver.Resolver):
        def __init__(self) -> None:
            super().__init__(configure=False)
            self.nameservers, self.port = [server.host], server.port

    monkeypatch.setattr(dns.resolver, "Resolver", System)
    assert await Resolvers().look_up(NAME, Type.TXT) == Found(("onetwo",))


async def test_a_machine_without_resolvers_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_configured() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", none_configured)
    assert await Resolvers().look_up(NAME, Type.TXT) == Unanswered(Silence.NOBODY)


async def test_many_questions_at_once(server: NameServer) -> None:
    server.zones.publish(*(f'n{number}.example.com. IN TXT "{number}"' for number in range(100)))
    resolvers = Resolvers([server.address])
    answers = await asyncio.gather(*(resolvers.look_up(f"n{number}.example.com", Type.TXT) for number in range(100)))
    assert answers == [Found((str(number),)) for number in range(100)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.1.1.1", Resolver("1.1.1.1")),
        ("127.0.0.1:5353", Resolver("127.0.0.1", 5353)),
        ("2606:4700::1111", Resolver("2606:4700::1111")),
        ("[::1]:5353", Resolver("::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, found: Resolver) -> None:
    assert resolver(text) == found
    assert str(found) == text


@pytest.mark.parametrize("text", ["", "dns.example.com", "1.1.1.1:0", "1.1.1.1:65536", "1.1.1", "[::1]", "[::1]:x"])
def test_what_is_no_resolver(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        resolver(text)


@pytest.mark.parametrize("line", ["x", "a.example. IN TXT", "a.example. IN MX ten mx.", "a..b. IN A 192.0.2.1"])
def test_what_is_no_line_of_a_zone_file_is_said(line: str) -> None:
    with pytest.raises(NotALine, match="is no line of a zone file"):
        Zones().publish(line)
