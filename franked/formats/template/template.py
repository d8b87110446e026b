"""One version of a template, ready to be rendered."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jinja2 import ChainableUndefined, meta

from franked.formats.html import plain_text
from franked.formats.sample import invented
from franked.formats.template.faults import RenderError
from franked.formats.template.parts import PLAIN, Part
from franked.formats.template.source import TemplateFiles

NO_LINKS: Mapping[str, str | None] = {"leave": None, "preferences": None, "why": None}
_BLANK = re.compile(r"\n(?:[ \t]*\n){2,}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    html: str  # "" when the locale has a .txt only
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One locale, compiled."""

    locale: str
    subject: Part
    html: Part | None
    text: Part | None  # None: made from each rendered HTML
    absent: Mapping[str, ChainableUndefined]  # an optional variable that was not given prints nothing, and is false
    sample: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Template:
    """Made by `parse`; shared by all who render it. `files`: its own, and those of its layout."""

    name: str
    version: str
    variables: frozenset[str]  # required variables: the union over all locales
    optional: frozenset[str] = frozenset()
    files: TemplateFiles = field(default_factory=dict, repr=False, compare=False)
    wordings: Mapping[str, Wording] = field(default_factory=dict, repr=False, compare=False)  # by lower-case locale
    otherwise: str = field(default="", repr=False, compare=False)  # for a locale that has no wording

    def render(
        self,
        variables: Mapping[str, object],
        locale: str,
        sender: Mapping[str, str],
        links: Mapping[str, str | None] = NO_LINKS,
    ) -> Rendered:
        """Strict: raises RenderError. `locale` falls back: de-CH, de, the default locale, `default`, the first."""
        if missing := missing_variables(self, variables):
            raise RenderError(f"the variable {missing[0]!r} is missing")
        wording = self.wording(locale)
        given = {"sender": sender, "locale": wording.locale, "links": {**NO_LINKS, **links}}
        context = {**wording.absent, **variables, **given}
        html = wording.html.render(context) if wording.html else ""
        text = wording.text.render(context) if wording.text else plain_text(html)
        return Rendered(_subject(wording.subject, context), html, _BLANK.sub("\n\n", text).strip() + "\n")

    def faults(self, variables: Mapping[str, object]) -> list[tuple[str, str]]:
        """Each variable that is missing or unknown, with a sentence."""
        missing, unknown = missing_variables(self, variables), unknown_variables(self, variables)
        return [
            *((name, f"the template {self.name!r} needs the variable {name!r}") for name in missing),
            *((name, f"the template {self.name!r} has no variable {name!r}") for name in unknown),
        ]

    def sample(self, locale: str) -> Mapping[str, object]:
        """For a mail to look at: the front matter's, another language's where this one has none."""
        sample: dict[str, object] = {name: invented(name) for name in sorted(self.variables)}
        for wording in (*self.wordings.values(), self.wording(locale)):
            sample |= wording.sample
        return sample

    def wording(self, locale: str) -> Wording:
        asked = locale[:35].replace("_", "-").lower()  # RFC 5646: 35 characters hold any tag in use
        while asked and asked not in self.wordings:
            asked = asked.rpartition("-")[0]
        return self.wordings[asked or self.otherwise]


def missing_variables(template: Template, given: Collection[str]) -> list[str]:
    return sorted(template.variables.difference(given))


def unknown_variables(template: Template, given: Collection[str]) -> list[str]:
    return sorted(set(given) - template.variables - template.optional)


def _subject(part: Part, context: Mapping[str, object]) -> str:
    subject = part.render(context)
    if _CONTROL.search(subject):
        used = meta.find_undeclared_variables(PLAIN.parse(part.source))
        names = [name for name in sorted(used) if _CONTROL.search(str(context.get(name, "")))]
        raise RenderError(f"the subject has one line, without control characters: see {', '.join(names)}")
    return subject
