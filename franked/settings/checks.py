"""How the checks ask the world before AWS is asked: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from franked.rules.dns import Resolver, resolver
from franked.rules.website import About, StandIn
from franked.settings import forms
from franked.settings.forms import Form, Wrong
from franked.settings.setting import setting


def _resolver(given: object) -> Resolver | Wrong:
    try:
        return resolver(given) if isinstance(given, str) else Wrong()
    except ValueError:
        return Wrong()


def _page() -> Form[str]:
    """Kept as it is: with a slash at its end it may be another one."""

    def read(given: object) -> str | Wrong:
        if not isinstance(given, str) or not given.isprintable() or " " in given:
            return Wrong()
        try:
            parts = urlsplit(given)
            fits = parts.scheme == "https" and parts.hostname and parts.port != 0 and not parts.username
        except ValueError:  # a port or an IPv6 host that is none
            return Wrong()
        return given if fits else Wrong()

    return Form("a page's address that begins with https://", read)


def _file() -> Form[Path]:
    return Form("a file's path", forms.folder().read)


_UNSAID = "a link on the website's first page"


@dataclass(frozen=True, slots=True)
class Checks:
    """What is looked at before AWS is asked (docs/access.md)."""

    resolvers: tuple[Resolver, ...] = setting(
        forms.list_of("resolvers such as 1.1.1.1, 127.0.0.1:5353 or [::1]:5353", Form("", _resolver)),
        (),
        "Who is asked about DNS records, one after the other until one answers.",
        unsaid="the machine's resolvers",
    )
    privacy: str | None = setting(_page(), None, "The website's page on privacy.", unsaid=_UNSAID)
    unsubscribe: str | None = setting(
        _page(), None, "The website's page on which mail is left, or chosen.", unsaid=_UNSAID
    )
    contact: str | None = setting(_page(), None, "The website's page that says whom to write to.", unsaid=_UNSAID)
    website_at: Resolver | None = setting(
        Form("an IP address with a port, such as 127.0.0.1:8443", _resolver),
        None,
        "With the simulator only: where the website stands in for itself, over TLS and under its own name.",
        unsaid="where its name leads",
    )
    website_ca: Path | None = setting(
        _file(), None, "With the simulator only: a file with the certificates that vouch for it.", unsaid="none"
    )

    @property
    def pages(self) -> Mapping[About, str]:
        """Those that are named."""
        named = {About.PRIVACY: self.privacy, About.UNSUBSCRIBE: self.unsubscribe, About.CONTACT: self.contact}
        return {about: url for about, url in named.items() if url}

    @property
    def stand_in(self) -> StandIn | None:
        return StandIn(self.website_at, self.website_ca) if self.website_at else None
