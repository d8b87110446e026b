"""The product's website as a reviewer opens it: what is there, what is not, what nobody knows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
from aiohttp import web

from franked.access.checks.website import Website, website_checks
from franked.backends.local.site import LINKS, Shown, Site, site
from franked.backends.visiting import Visiting
from franked.rules.dns import Resolver
from franked.rules.finding import Finding, Status
from franked.rules.website import About, Page, link_to, links_of
from tests.product import MovableClock

HOST = "shop.example.com"
HOME = f"https://{HOST}"
PAGES = {f"{about}_page" for about in About}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path, HOST, f"www.{HOST}") as running:
        yield running


async def checked(shop: Site, url: str = HOME, **named: str) -> Sequence[Finding]:
    reader = Visiting({HOST: shop.at, f"www.{HOST}": shop.at}, shop.trusting, within=2.0)
    return await website_checks(
        Website(url, {About(name): page for name, page in named.items()}), reader, MovableClock()
    )


def not_ok(findings: Sequence[Finding]) -> Mapping[str, Status]:
    return {finding.key: finding.status for finding in findings if not finding.is_ok}


def by_key(findings: Sequence[Finding], key: str) -> Finding:
    [found] = [finding for finding in findings if finding.key == key]
    return found


async def test_d14_a_website_with_its_pages_is_ok(shop: Site) -> None:
    findings = await checked(shop)
    assert not_ok(findings) == {}
    assert {finding.key for finding in findings} == {"website", *PAGES}
    assert all(finding.of == HOME and finding.why and finding.is_required for finding in findings)
    [seen] = by_key(findings, "privacy_page").evidence
    assert seen.what == f"GET {HOME}/privacy"
    assert seen.value.startswith("200 text/html, ")


async def test_d14_its_pages_may_be_named(shop: Site) -> None:
    shop.pages |= {"/": "<h1>Shop</h1>", "/legal": "<h1>Privacy</h1>"}
    named = {"privacy": f"{HOME}/legal", "contact": f"{HOME}/contact", "unsubscribe": f"{HOME}/unsubscribe"}
    assert not_ok(await checked(shop, **named)) == {}


async def page_of_a_program(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\x7fELF", content_type="application/octet-stream")


BROKEN: dict[str, tuple[dict[str, Shown], dict[str, Status], str]] = {
    "no_link": (
        {"/": LINKS.replace("/privacy", "#").replace("Privacy", "")},
        {"privacy_page": Status.MISSING},
        "no link",
    ),
    "gone": ({"/contact": (404, "")}, {"contact_page": Status.MISSING}, "is not there: it answers 404"),
    "broken": ({"/contact": (500, "")}, {"contact_page": Status.WRONG}, "answers 500"),
    "empty": ({"/privacy": " \n"}, {"privacy_page": Status.WRONG}, "is empty"),
    "back_home": ({"/privacy": (302, "/")}, {"privacy_page": Status.WRONG}, "leads back to the first page"),
    "led_away": ({"/privacy": (302, "https://example.net/")}, {"privacy_page": Status.WRONG}, "it leads away"),
    "no_page": ({"/unsubscribe": page_of_a_program}, {"unsubscribe_page": Status.WRONG}, "application/octet-stream"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_d14_what_is_amiss_is_told_with_what_mends_it(shop: Site, name: str) -> None:
    pages, statuses, says = BROKEN[name]
    shop.pages |= pages
    findings = await checked(shop)
    assert not_ok(findings) == statuses
    told = by_key(findings, next(iter(statuses)))
    assert says in told.found
    assert told.fix[-2:] == ("[checks]", f'{told.key.removesuffix("_page")} = "https://…"')


async def test_d14_a_website_that_fails_takes_its_pages_with_it(shop: Site) -> None:
    shop.pages["/"] = (503, "")
    findings = await checked(shop)
    assert not_ok(findings) == {"website": Status.WRONG, **dict.fromkeys(PAGES, Status.UNKNOWN)}
    assert by_key(findings, "website").fix == (f"; serve {HOME} over https, with a certificate that browsers accept",)


async def test_d14_without_tls_it_is_wrong(shop: Site) -> None:
    told = by_key(await checked(shop, f"http://{HOST}"), "website")
    assert told.status is Status.WRONG
    assert told.fix == ("; in franked.toml:", "[sender]", f'website = "{HOME}"')
    assert shop.asked == []


async def test_d14_a_certificate_for_another_name_is_wrong(tmp_path: Path) -> None:
    async with site(tmp_path, "other.example.com") as other:
        told = by_key(await checked(other), "website")
    assert told.status is Status.WRONG
    assert "its certificate is not good for this name" in told.found


async def test_d14_nobody_there_is_unknown(shop: Site) -> None:
    reader = Visiting({HOST: Resolver("127.0.0.1", 1)})
    findings = await website_checks(Website(HOME), reader, MovableClock())
    assert not_ok(findings) == dict.fromkeys({"website", *PAGES}, Status.UNKNOWN)
    assert all(finding.fix == () for finding in findings if finding.key == "website")


async def test_a_site_that_stands_below_www_is_the_same(shop: Site) -> None:
    async def home(request: web.Request) -> web.StreamResponse:
        if request.headers["Host"] == HOST:
            raise web.HTTPMovedPermanently(f"https://www.{HOST}/")
        return web.Response(text=LINKS, content_type="text/html")

    shop.pages["/"] = home
    findings = await checked(shop)
    assert not_ok(findings) == {}
    assert f"www.{HOST}/privacy" in shop.asked


@pytest.mark.parametrize(
    ("html", "about", "leads_to"),
    [
        ('<a href="/d">Datenschutz</a>', About.PRIVACY, "/d"),
        ('<a href="/x"><span>Privacy</span> <b>policy</b></a>', About.PRIVACY, "/x"),
        ('<a href="/privacy-policy"><img src="p.png"></a>', About.PRIVACY, "/privacy-policy"),
        ('<a href="/p" aria-label="Privacy policy"></a>', About.PRIVACY, "/p"),
        ('<a href="/first">Our privacy</a><a href="/privacy">x</a>', About.PRIVACY, "/first"),
        ('<A HREF="/mail">Email preferences</A>', About.UNSUBSCRIBE, "/mail"),
        ('<a href="/abmelden">Newsletter</a>', About.UNSUBSCRIBE, "/abmelden"),
        ('<a href="/i"><img src="i.png" alt="Kontakt"></a>', About.CONTACT, "/i"),
        ("<a href=/impressum>Impressum</a>", About.CONTACT, "/impressum"),
        ('<a href="kontakt#form">Kontakt</a>', About.CONTACT, "/kontakt"),
        ('<a href="mailto:hello@example.com">Contact</a>', About.CONTACT, None),
        ('<a href="https://example.net/contact">Contact</a>', About.CONTACT, None),
        ('<a href="javascript:contact()">Contact</a>', About.CONTACT, None),
        ('<a href="http://shop.example.com/contact">Contact</a>', About.CONTACT, None),
        ('<!-- <a href="/contact">Contact</a> -->', About.CONTACT, None),
        ("<a>Contact</a>", About.CONTACT, None),
        ('<a href="https://[x/">Contact</a>', About.CONTACT, None),
    ],
)
def test_d14_links_are_known_by_their_words(html: str, about: About, leads_to: str | None) -> None:
    page = Page(f"{HOME}/", 200, "text/html", html)
    assert link_to(about, page) == (f"{HOME}{leads_to}" if leads_to else None)


@pytest.mark.parametrize("piece", ["<", "<a ", '<a href="', "<!--", "</a ", "&#", "<a a='\"", "<a href=x>", "<script>"])
def test_no_page_makes_the_reader_stumble(piece: str) -> None:
    text = (piece * (262_144 // len(piece) + 1))[:262_144]
    assert len(list(links_of(Page(f"{HOME}/", 200, "text/html", text)))) <= 500
