"""Variables for a preview: those of the front matter's `[examples]`, and what a name suggests where it says nothing."""

import re
import tomllib
from collections.abc import Mapping, Set

from franked.formats.template import TemplateFiles

_MATTER = re.compile(r"\ufeff?\+\+\+[ \t]*\r?\n(?P<toml>.*?)^\+\+\+", re.DOTALL | re.MULTILINE)
_INVENTED = (  # the first that a variable's name holds
    ("code", "424242"),
    ("url", "https://example.com/…"),
    ("link", "https://example.com/…"),
    ("mail", "ana@example.com"),
    ("name", "Ana"),
    ("number", "1042"),
    ("count", 3),
    ("minutes", 10),
    ("hours", 24),
    ("days", 7),
    ("amount", "24.90"),
    ("total", "24.90"),
    ("price", "24.90"),
    ("date", "2026-03-04"),
    ("time", "10:15"),
)


def sample_for(names: Set[str], files: TemplateFiles, locale: str) -> dict[str, object]:
    """A value for each name. Of several locales' samples, the one asked for says it, else any."""
    given: dict[str, object] = {}
    for file in sorted(files, key=lambda file: file.partition(".")[0].lower() == locale.lower()):
        given |= _of_file(files[file])
    return {name: given.get(name, _invented(name)) for name in sorted(names)}


def _of_file(source: str) -> Mapping[str, object]:
    found = _MATTER.match(source)
    sample = tomllib.loads(found["toml"].replace("\r\n", "\n")).get("examples") if found else None
    return sample if isinstance(sample, dict) else {}


def _invented(name: str) -> object:
    return next((value for part, value in _INVENTED if part in name.lower()), f"({name})")
