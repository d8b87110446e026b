"""The product's website, as AWS's reviewer opens it: over https, with pages for privacy, unsubscribing and contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from franked.access.checks.notes import Clock
from franked.access.checks.timely import WITHIN, Check, run_all
from franked.outside import Visitor
from franked.rules.domain.opinion import Opinion, shown
from franked.rules.finding import Evidence, Finding, in_order
from franked.rules.website import About, Page, Unreached, link_to
from franked.rules.website_opinion import judge_first, judge_page, judge_unlinked, said

WEBSITE = "AWS opens the website that the request names, and refuses where it finds none."
PAGES = {
    About.PRIVACY: "Whoever gives an address must be able to read what becomes of it; reviewers look for that page.",
    About.UNSUBSCRIBE: "Reviewers look for how mail is left; a page says so to those who have no mail at hand.",
    About.CONTACT: "Reviewers and recipients look for who stands behind the mail.",
}


@dataclass(frozen=True, slots=True)
class Website:
    """`named`: pages that the settings name; others are looked for among the links of the first page."""

    url: str
    named: Mapping[About, str] = field(default_factory=dict)


async def website_checks(site: Website, visitor: Visitor, now: Clock, within: float = WITHIN) -> Sequence[Finding]:
    """`within`: seconds for the pages behind the first, after which a check is unknown."""
    first = await visitor.visit(site.url)
    opinion, seen = judge_first(site.url, first), (_seen(site.url, first, now),)
    home = Finding("website", opinion.status, opinion.found, site.url, seen, WEBSITE, opinion.fix)
    pages = await run_all((_check(about, site, first, visitor, now) for about in About), within)
    return in_order([home, *pages])


async def page(about: About, site: Website, first: Page | Unreached, visitor: Visitor, now: Clock) -> Finding:
    """`first`: the website's first page."""
    url = site.named.get(about) or (link_to(about, first) if isinstance(first, Page) else None)
    if url is None:
        return _finding(about, site, judge_unlinked(about, site.url, first), (_seen(site.url, first, now),))
    found = await visitor.visit(url)
    begins_at = first.url if isinstance(first, Page) else site.url
    return _finding(about, site, judge_page(about, url, found, begins_at), (_seen(url, found, now),))


def _check(about: About, site: Website, first: Page | Unreached, visitor: Visitor, now: Clock) -> Check:
    return Check(f"{about}_page", site.url, PAGES[about], partial(page, about, site, first, visitor, now))


def _finding(about: About, site: Website, opinion: Opinion, seen: tuple[Evidence, ...]) -> Finding:
    return Finding(f"{about}_page", opinion.status, opinion.found, site.url, seen, PAGES[about], opinion.fix)


def _seen(url: str, found: Page | Unreached, now: Clock) -> Evidence:
    return Evidence(f"GET {shown(url)}", said(found), now())
