"""checkdmarc, asked of the same name server, is of our opinion about SPF and DMARC.

Left out is where it lets pass what RFC 7208 does not: terms behind `all` that are none (4.6), an `exists:` with a
length (5.7), and an `exists:` that finds nothing, which is a look-up for nothing like any other (4.6.4). A DMARC record
without p= is none by RFC 7489, and p=none by its successor, which checkdmarc follows: we ask for it to be said.
"""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import dns.resolver
import pytest
from checkdmarc.dmarc import check_dmarc
from checkdmarc.spf import check_spf
from checkdmarc.utils import DNS_CACHE

from franked.access.checks.dns import dmarc, own_spf
from franked.backends.dns import Resolvers
from franked.backends.local.zones import NameServer, Zones, name_server
from franked.rules.domain.lines import txt_line
from tests.broken_domains import DMARC, SPF
from tests.domains import Case
from tests.product import MovableClock

LOOKED_AT = [one for one in [Case("good"), *SPF, *DMARC] if one.name not in {"no_policy", "spf_lets_everybody"}]
ONE_BY_ONE = """a mx ptr a:h.example.net mx:h.example.net a/24 a:h.example.net/24 a:h.example.net//64 mx/24//64 +a -mx A
ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:192.0.2.0/33 ip4:2001:db8::1 ip6:2001:db8::/32 ip6:192.0.2.1 ip6:2001:db8::/129
include:ok.example.net INCLUDE:ok.example.net include:none.example.net include:two.example.net include:bad.example.net
include:deep.example.net exists:%{i}.x.example.net exists:h.example.net redirect=ok.example.net exp=%{d}.example.net
redirect=none.example.net exp=h.example.net foo foo:bar foo=bar x-y=z ip4 include include: include:h a: a:/24 all:x
a:h.example.net/ mx:nope.example.net a:nope.example.net a:%{d}.x a:%{z}.x ip4:1.2.3 a=b include=ok.example.net
ptr:h.example.net ptr/24 exists redirect= redirect:ok.example.net"""
TERMS = ONE_BY_ONE.split()


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    DNS_CACHE.clear()
    async with name_server(Zones()) as running:
        yield running


def pointed_at(server: NameServer) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = [server.host], server.port, 2.0
    return resolver


async def theirs(ask: Any, domain: str, server: NameServer) -> dict[str, Any]:
    found: dict[str, Any] = await asyncio.to_thread(ask, domain, resolver=pointed_at(server))
    return found


@pytest.mark.parametrize("case", LOOKED_AT, ids=lambda case: case.name)
async def test_d9_checkdmarc_is_of_the_same_opinion(server: NameServer, case: Case) -> None:
    case.publish(server.zones)
    resolvers, sender = Resolvers([server.address]), case.expected.senders[0]
    spf = await own_spf(case.expected.mail_from, resolvers, MovableClock())
    judged = await dmarc(sender, resolvers, MovableClock())
    nothing = "has no SPF record" in spf.found  # which is ok for a domain that need not have one
    assert (await theirs(check_spf, case.expected.mail_from, server))["valid"] is (spf.is_ok and not nothing)
    assert (await theirs(check_dmarc, sender, server))["valid"] is judged.is_ok


@pytest.mark.parametrize("seed", range(4))
async def test_d9_checkdmarc_counts_as_we_do(server: NameServer, seed: int) -> None:
    """Records of any terms: whether they hold, and how many look-ups they need."""
    random = Random(seed)
    server.zones.publish(
        "h.example.net. IN A 192.0.2.1",
        "h.example.net. IN MX 10 h.example.net.",
        txt_line("ok.example.net", "v=spf1 ip4:192.0.2.0/24 -all"),
        txt_line("two.example.net", "v=spf1 -all"),
        txt_line("two.example.net", "v=spf1 ~all"),
        txt_line("bad.example.net", "v=spf1 ipv4:1.2.3.4 -all"),
        txt_line("deep.example.net", "v=spf1 include:ok.example.net a:h.example.net -all"),
    )
    held = 0
    for number in range(40):
        domain, words = f"d{number}.example.com", [random.choice(TERMS) for _ in range(random.randint(1, 3))]
        text = " ".join(["v=spf1", *words, random.choice(["-all", "~all", "?all", "-ALL", ""])]).rstrip()
        server.zones.publish(txt_line(domain, text), f"{domain}. IN A 192.0.2.1", f"{domain}. IN MX 10 h.example.net.")
        ours = await own_spf(domain, Resolvers([server.address]), MovableClock())
        counted = await theirs(check_spf, domain, server)
        assert counted["valid"] is ours.is_ok, (text, ours.found, counted)
        if ours.is_ok:
            held += 1
            assert f"({counted['dns_lookups']} look-ups)" in ours.found, text
    assert 2 < held < 38
