"""The product's website: a page as it was found, and the pages that a reviewer looks for on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from franked.rules.dns import Resolver
from franked.rules.domain.organisation import organisational

MOST_LINKS, LONGEST_LINK, LONGEST_LABEL = 500, 1000, 200


@dataclass(frozen=True, slots=True)
class Page:
    """`url`: where it stood in the end, after redirects. `text`: "" where it is none."""

    url: str
    status: int
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """`why`: a sentence's end. `is_answer`: somebody answered, and that is no page; else nobody did."""

    why: str
    is_answer: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """Where the website is played, in a rehearsal. `ca`: a file of certificates that vouch for it."""

    at: Resolver
    ca: Path | None


class About(StrEnum):
    """What a page is about."""

    PRIVACY = "privacy"
    UNSUBSCRIBE = "unsubscribe"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    label: str


# In a link's words, or in its address; the languages that products write in.
_WORDS = {
    About.PRIVACY: ("privacy", "datenschutz", "data protection", "data-protection", "confidentialit", "privacidad"),
    About.UNSUBSCRIBE: (
        *("unsubscribe", "opt-out", "opt out", "optout", "preferences", "email settings", "email-settings"),
        *("abmelden", "abbestellen", "mail-einstellungen", "mail einstellungen", "désabonn", "desabonn"),
    ),
    About.CONTACT: ("contact", "kontakt", "imprint", "impressum", "contatt"),
}


def is_html(content_type: str) -> bool:
    return content_type.casefold() in {"text/html", "application/xhtml+xml", "text/plain"}


def is_within(host: str, site: str) -> bool:
    """The same organisation's: `www.` and the like are no other site."""
    return host.casefold() == site.casefold() or organisational(host) == organisational(site)


def link_to(about: About, page: Page) -> str | None:
    """The first link of the site whose words say so, else whose address does."""
    links = list(links_of(page))
    by_label = (link.url for link in links if _is_about(about, link.label))
    by_url = (link.url for link in links if _is_about(about, urlsplit(link.url).path))
    return next(by_label, None) or next(by_url, None)


def links_of(page: Page) -> Iterator[Link]:
    """Within the site, over https, without what is behind a `#`."""
    reader = _Links()
    reader.feed(page.text)  # never closed: what a page leaves open at its end is not worth its price
    site = urlsplit(page.url).hostname or ""
    for href, label in reader.found:
        try:
            url = urljoin(page.url, href).partition("#")[0]
            host = urlsplit(url).hostname
        except ValueError:
            continue
        if url.startswith("https://") and host and is_within(host, site) and url.isprintable():
            yield Link(url, label)


def _is_about(about: About, text: str) -> bool:
    said = text.casefold()
    return any(word in said for word in _WORDS[about])


class _Links(HTMLParser):
    """Where a page leads, with the words that say so."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value for name, value in attrs if value}
        if tag == "img":
            self.handle_data(said.get("alt", ""))
        if tag == "a":
            href = said.get("href", "").strip()
            self._is_open = 0 < len(href) <= LONGEST_LINK and len(self.found) < MOST_LINKS
            if self._is_open:
                self.found.append((href, f"{said.get('title', '')} {said.get('aria-label', '')}"[:LONGEST_LABEL]))

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._is_open:
            href, label = self.found[-1]
            self.found[-1] = href, f"{label} {data.strip()}"[:LONGEST_LABEL]
