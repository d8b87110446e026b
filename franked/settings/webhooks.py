"""The part of the table that is about the owner's applications: who is told what, and signed with which secret."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from franked.rules.reach import Network
from franked.rules.webhook import EVENTS, GROUPS, MOST_SECRETS, Endpoint, parse_secret
from franked.settings import forms
from franked.settings.document import Document
from franked.settings.faults import Fault, meant
from franked.settings.forms import NAME, Form, Wrong
from franked.settings.lines import Keys
from franked.settings.setting import Setting, setting, settings_of
from franked.settings.unknown import unknown_keys
from franked.settings.values import take

SECTION = "webhooks"
_WORDS = (*GROUPS, *EVENTS)


def _url() -> Form[str]:
    """Kept as it is: a path with a slash at its end is another one."""

    def read(given: object) -> str | Wrong:
        if not isinstance(given, str) or not given.isprintable() or " " in given:
            return Wrong()
        try:
            parts = urlsplit(given)
            fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:  # a port or an IPv6 host that is none
            return Wrong()
        return given if fits and not parts.username and not parts.password and not parts.fragment else Wrong()

    return Form("an address that begins with http:// or https://, without a user or a password", read)


def _events() -> Form[tuple[str, ...]]:
    def read(given: object) -> str | Wrong:
        return given if isinstance(given, str) and given in _WORDS else Wrong(meant(str(given), _WORDS))

    return forms.list_of("events such as message.bounced, or groups (message, suppression, consent)", Form("", read))


def _secret() -> Form[tuple[bytes, ...]]:
    """One, or the new one and the old one."""

    def read(given: object) -> tuple[bytes, ...] | Wrong:
        texts = given if isinstance(given, list) else str(given).replace(",", " ").split()
        found = [parse_secret(text) for text in texts if isinstance(text, str)]
        keys = tuple(key for key in found if key)
        return keys if 0 < len(keys) == len(texts) <= MOST_SECRETS else Wrong()

    return Form("`whsec_` and 24 to 64 bytes as base64; two of them, the newer first, while they change", read)


@dataclass(frozen=True, slots=True)
class DeclaredWebhook:
    """An endpoint of your application, which is told what becomes of its mail."""

    url: str = setting(_url(), "", "Where it is told.", required=True)
    secret: tuple[bytes, ...] | None = setting(
        _secret(), None, "What the calls are signed with.", secret=True, unsaid="Franked does not start without"
    )
    events: tuple[str, ...] = setting(_events(), EVENTS, "What it is told of.", unsaid="everything")
    streams: tuple[str, ...] = setting(
        forms.list_of("names of streams", forms.name()), (), "Of which mail it is told.", unsaid="all"
    )
    allow: tuple[Network, ...] = setting(
        forms.networks(),
        (),
        "Networks it may be in though they are not public, such as 127.0.0.1/32; only there may it be http://.",
        unsaid="none",
    )


WEBHOOK = settings_of(f"{SECTION}.NAME", DeclaredWebhook)
NAMES = {one.name for one in WEBHOOK}


@dataclass(frozen=True, slots=True)
class Webhooks:
    by_name: Mapping[str, Endpoint]
    origins: Mapping[str, str]
    faults: tuple[Fault, ...]
    settings: tuple[Setting, ...]  # of all that are declared


def declared_webhooks(document: Document, environ: Mapping[str, str], streams: Mapping[str, object]) -> Webhooks:
    by_name: dict[str, Endpoint] = {}
    origins: dict[str, str] = {}
    faults: list[Fault] = []
    known: list[Setting] = []
    for name in document.table((SECTION,)):
        if misnamed := _misnamed(name, document):
            faults.append(misnamed)
            continue
        its = settings_named(name)
        taken = take(its, document, environ)
        known += its
        origins.update(taken.origins)
        endpoint = Endpoint(name, **taken.values)
        faults += [*taken.faults, *unknown_keys((SECTION, name), NAMES, document)]
        faults += () if taken.faults else _unfit(endpoint, document, streams)
        by_name[name] = endpoint
    return Webhooks(by_name, origins, tuple(faults), tuple(known))


def settings_named(name: str) -> tuple[Setting, ...]:
    return tuple(replace(one, section=f"{SECTION}.{name}") for one in WEBHOOK)


def secret_variable(name: str) -> str:
    return next(one.variable for one in settings_named(name) if one.name == "secret")


def _misnamed(name: str, document: Document) -> Fault | None:
    keys = (SECTION, name)
    if not NAME.fullmatch(name):
        allowed = "of a to z, 0 to 9 and -, at most 60 characters"
        return document.fault(keys, f"[{SECTION}.{name}]: the name of a webhook is {allowed}")
    if not isinstance(document.said(keys), Mapping):
        return document.fault(keys, f"a webhook is a section of its own: write [{SECTION}.{name}]")
    return None


def _unfit(endpoint: Endpoint, document: Document, streams: Mapping[str, object]) -> Iterator[Fault]:
    where: Keys = (SECTION, endpoint.name)
    label = f"[{SECTION}.{endpoint.name}]"
    if endpoint.url.startswith("http:") and not endpoint.allow:
        what = "http:// is for the networks that `allow` names: over the internet it is https://"
        yield document.fault((*where, "url"), f"{label} url: {what}")
    for name in endpoint.streams:
        if name not in streams:
            what = f"there is no [streams.{name}]{meant(name, streams)}"
            yield document.fault((*where, "streams"), f"{label} streams: {what}")
