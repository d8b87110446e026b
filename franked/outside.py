"""What only the access room asks of the world: the domain name system, and the product's website as anyone sees it."""

from typing import Protocol

from franked.rules.dns import Answer, Type
from franked.rules.website import Page, Unreached


class Dns(Protocol):
    async def look_up(self, name: str, type: Type) -> Answer:
        """Asks each resolver in turn until one answers, within a deadline. Never raises for what a network or a
        stranger can do."""
        ...


class Visitor(Protocol):
    async def visit(self, url: str) -> Page | Unreached:
        """GET over https, as a reader's browser: 10 s in all, at most three redirects, each within the site, and at
        most 256 KB. A name that leads to an address inside is not called. Never raises for what a stranger can do."""
        ...
