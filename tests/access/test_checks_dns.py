"""A domain's records, asked of a name server on loopback: what is right, what is not, and the line that mends it."""

from franked.access.checks.dns import dkim
from franked.backends.dns import Resolvers
from franked.backends.local.zones import Zones, name_server
from franked.rules.finding import Status
from franked.wiring import system_clock


async def test_d9_a_cname_that_is_missing_is_named() -> None:
    zones = Zones()
    async with name_server(zones) as server:
        dns = Resolvers([server.address])
        found = await dkim("shop.example.com", ["a", "b", "c"], "dkim.amazonses.com", dns, system_clock)
        assert found.status is Status.MISSING
        assert "a._domainkey.shop.example.com. IN CNAME a.dkim.amazonses.com." in found.fix
