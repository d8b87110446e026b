"""A mail's template: front matter, locales, strict rendering. (skeleton, being written)"""

from collections.abc import Mapping
from dataclasses import dataclass

TemplateFiles = Mapping[str, str]  # file name ("de.html", "de.txt") → content


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    html: str
    text: str


class RenderError(Exception):
    """A variable is missing or of a shape the template can't use. `str()` names it, never its value."""


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    version: str
    variables: frozenset[str]  # required variables: the union over all locales
    optional: frozenset[str] = frozenset()

    def render(self, variables: Mapping[str, object], locale: str, sender: Mapping[str, str]) -> Rendered:
        raise RenderError("not written yet")
