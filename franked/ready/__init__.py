"""A product to begin with: good mails in German and English, and the settings that declare them. It only knows them;
`franked init` writes them down."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

LANGUAGES = ("en", "de")
LAYOUT = "_layout"
_HERE = files("franked.ready")
_SECTION = re.compile(r"^\[streams\.([a-z-]+)\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wished:
    """What a product says of itself. `languages`: the first is for messages that ask for none."""

    name: str
    website: str
    domain: str
    postal_address: str
    region: str
    languages: Sequence[str]
    mails: Sequence[str]
    admin: str | None


def mails() -> list[str]:
    """Every ready mail, in the order of their settings."""
    return _SECTION.findall(_text(_HERE / "streams.toml"))


def written(wished: Wished) -> Mapping[str, str]:
    """Each file by its path: `franked.toml`, `mail/…`."""
    mail = {
        f"mail/{name}/{file.name}": _text(file)
        for name in (LAYOUT, *wished.mails)
        for file in sorted((_HERE / "mail" / name).iterdir(), key=lambda file: file.name)
        if file.name.partition(".")[0] in wished.languages
    }
    return {"franked.toml": _settings(wished), **mail}


def _settings(wished: Wished) -> str:
    """A JSON text is a TOML text too."""
    head = Template(_text(_HERE / "franked.toml")).substitute(
        comment_name=" ".join(wished.name.split()),
        name=_quoted(wished.name),
        website=_quoted(wished.website),
        postal_address=_quoted(wished.postal_address),
        region=_quoted(wished.region),
        domain=" ".join(wished.domain.split()),
        admins=f"[{_quoted(wished.admin)}]" if wished.admin else "[]",
        locale=_quoted(wished.languages[0]),
        **{"from": _quoted(f"{_display(wished.name)} <no-reply@{wished.domain}>")},
    )
    return head + "\n\n".join(_streams()[name] for name in wished.mails) + "\n"


def _streams() -> Mapping[str, str]:
    sections = _text(_HERE / "streams.toml").strip().split("\n\n")
    return {found[1]: section for section in sections if (found := _SECTION.search(section))}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _display(name: str) -> str:
    """A display name: quoted where RFC 5322 wants it."""
    return name if re.fullmatch(r"[^\x00-\x1f()<>\[\]:;@\\,.\"]+", name) else json.dumps(name, ensure_ascii=False)


def _text(file: Traversable) -> str:
    return file.read_text("utf-8")
