"""The checks as a running Franked makes them: by the resolvers, the pages and the stand-in that its settings name."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from franked.access.checks.dns import domain_checks
from franked.access.checks.website import Website, website_checks
from franked.backends.local.site import Site, site
from franked.backends.local.zones import NameServer, Zones, name_server
from franked.rules.dns import Resolver
from franked.rules.website import About
from franked.settings import SettingsFault, read
from franked.wiring import Ses, opened
from tests.domains import NO_LOGO, expected, good, of_ses
from tests.product import TOML, MovableClock, settings_in

HOST = "backup.example.com"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path, HOST) as running:
        yield running


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server(Zones()) as running:
        running.zones.publish(*of_ses(), *good(HOST))
        yield running


async def test_d9_the_settings_say_whom_to_ask(tmp_path: Path, server: NameServer, shop: Site) -> None:
    section = f"""[checks]
resolvers = ["127.0.0.1:1", "{server.address}"]
contact = "https://{HOST}/about-us"
website_at = "{shop.at}"
website_ca = "../ca.pem"

[canary]"""
    settings = settings_in(tmp_path / "product", ("[canary]", section))
    shop.pages |= {"/": '<a href="/privacy">Privacy</a> <a href="/unsubscribe">Unsubscribe</a>', "/about-us": "Hello"}
    clock = MovableClock()
    async with opened(settings, Ses.SIMULATED, clock) as wired:
        world = wired.world
        assert world.dns is not None
        assert world.visitor is not None
        named = Website(world.declared.website, world.declared.site_pages)
        found = [
            *await domain_checks([expected(HOST)], world.dns, world.now),
            *await website_checks(named, world.visitor, world.now),
        ]
    assert {finding.key: finding.status for finding in found if not finding.is_ok} == NO_LOGO
    assert f"{HOST}/about-us" in shop.asked


@pytest.mark.parametrize(("ses", "asked"), [(Ses.SIMULATED, ["localhost/"]), (Ses.AWS, [])])
async def test_only_a_rehearsal_has_a_website_that_stands_in(tmp_path: Path, ses: Ses, asked: list[str]) -> None:
    async with site(tmp_path, "localhost") as local:
        section = f'[checks]\nwebsite_at = "{local.at}"\nwebsite_ca = "../ca.pem"\n\n[canary]'
        named = ('website = "https://backup.example.com"', 'website = "https://localhost"')
        settings = settings_in(tmp_path / "product", ("[canary]", section), named)
        async with opened(settings, ses, MovableClock()) as wired:
            assert wired.world.visitor is not None
            await wired.world.visitor.visit("https://localhost/")
        assert local.asked == asked


def checks_in(folder: Path, lines: str) -> Path:
    (folder / "franked.toml").write_text(f"{TOML}\n[checks]\n{lines}\n")
    return folder / "franked.toml"


def test_resolvers_and_pages_are_read(tmp_path: Path) -> None:
    said = 'resolvers = ["1.1.1.1", "[::1]:5353"]\nprivacy = "https://example.com/privacy/"'
    checks = read(checks_in(tmp_path, said), {}).checks
    assert checks.resolvers == (Resolver("1.1.1.1"), Resolver("::1", 5353))
    assert checks.pages == {About.PRIVACY: "https://example.com/privacy/"}
    by_variable = read(None, {"FRANKED_CHECKS_RESOLVERS": "9.9.9.9, 127.0.0.1:53"}).checks
    assert [str(one) for one in by_variable.resolvers] == ["9.9.9.9", "127.0.0.1"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('resolvers = ["dns.example.com"]', "1.1.1.1, 127.0.0.1:5353 or [::1]:5353; 'dns.example.com' is none"),
        ('resolvers = ["1.1.1.1:99999"]', "'1.1.1.1:99999' is none"),
        ('privacy = "http://example.com/privacy"', "is not a page's address that begins with https://"),
        ('contact = "https://user:secret@example.com/"', "is not a page's address"),
        ('website_at = "localhost:8443"', "is not an IP address with a port"),
        ('imprint = "https://example.com/"', "imprint"),
    ],
)
def test_what_can_not_be_is_refused_by_name(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsFault) as refused:
        read(checks_in(tmp_path, line), {})
    assert says in str(refused.value)
