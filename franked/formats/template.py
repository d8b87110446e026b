"""A mail's template: front matter, one wording a locale, compiled once, rendered strictly."""

import hashlib
import re
import tomllib
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import jinja2
import msgspec
from jinja2 import ChainableUndefined, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from franked.formats.html import Piece, Unreadable, inline_css, plain_text, text_source

_Texts = Mapping[str, str | None]
TemplateFiles = Mapping[str, str]  # file name ("de.html", "de.txt") → content

SENDER = ("name", "website", "postal_address")  # what `sender` holds in every template
LINKS = ("leave", "preferences", "why")  # what `links` holds: a URL, or nothing where there is none
NO_LINKS: _Texts = dict.fromkeys(LINKS)
_PARTS = {"sender": SENDER, "links": LINKS}
_GIVEN = frozenset({"sender", "locale", "links"})  # always there, never declared


class _Environment(ImmutableSandboxedEnvironment):
    """Sandboxed: a template reaches what it is given, and nothing behind it."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A variable's own names come before a dictionary's methods: `order.items` is what the order has. That is also
        a third of the time, for Jinja looks for methods first."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_HTML = _Environment(autoescape=True, undefined=StrictUndefined)
_PLAIN = _Environment(  # subject and text part are no HTML
    autoescape=False,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_FILE = re.compile(r"(default|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.(html|txt)")
_FENCED = re.compile(r"\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    html: str  # "" when the locale has a .txt only
    text: str


class RenderError(Exception):
    """A variable is missing or of a shape the template can't use. `str()` names it, never its value."""


class TemplateFault(Exception):
    """The files are no template: which file, which line where it is known, and a sentence for who wrote it."""

    def __init__(self, file: str, line: int | None, sentence: str) -> None:
        super().__init__(f"{file}, line {line}: {sentence}" if line else f"{file}: {sentence}")
        self.file, self.line, self.sentence = file, line, sentence


@dataclass(frozen=True, slots=True)
class _Part:
    """One compiled source: a subject, an HTML or a text part."""

    file: str
    source: str = field(repr=False)
    compiled: jinja2.Template = field(repr=False)

    def render(self, context: Mapping[str, object]) -> str:
        try:
            rendered = self.compiled.render(context)
            rendered.encode()  # half of a surrogate pair would fail only at the socket
        except Exception as error:
            raise RenderError(self._blame(error)) from None  # the cause may quote a value
        return rendered

    def _blame(self, error: Exception) -> str:
        lines = {frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.file}
        names = {name.name for name in _HTML.parse(self.source).find_all(nodes.Name) if name.lineno in lines}
        who = ", ".join(map(repr, sorted(names))) or "a variable"
        return f"{self.file}: {who} has a shape that the template can't use ({type(error).__name__})"


@dataclass(frozen=True, slots=True)
class _Wording:
    """One locale, compiled."""

    locale: str
    subject: _Part
    html: _Part | None
    text: _Part | None  # None: made from each rendered HTML
    absent: Mapping[str, ChainableUndefined]  # an optional variable that was not given prints nothing, and is false


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template. Made by `parse`; shared by all who render it."""

    name: str
    version: str
    variables: frozenset[str]  # required variables: the union over all locales
    optional: frozenset[str] = frozenset()
    files: TemplateFiles = field(default_factory=dict, repr=False, compare=False)
    _wordings: Mapping[str, _Wording] = field(default_factory=dict, repr=False, compare=False)
    _otherwise: str = field(default="", repr=False, compare=False)  # for a locale that has no wording

    def render(self, variables: Mapping[str, Any], locale: str, sender: _Texts, links: _Texts = NO_LINKS) -> Rendered:
        """Strict: raises RenderError. `locale` falls back: de-CH, de, the default locale, `default`, the first."""
        if missing := missing_variables(self, variables):
            raise RenderError(f"the variable {missing[0]!r} is missing")
        wording = self._wording(locale)
        context = {**wording.absent, **variables, "sender": sender, "links": links, "locale": wording.locale}
        html = wording.html.render(context) if wording.html else ""
        text = wording.text.render(context) if wording.text else plain_text(html)
        return Rendered(_subject(wording.subject, context), html, re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")

    def faults(self, variables: Mapping[str, object]) -> list[tuple[str, str]]:
        """Each variable that is missing or unknown, with a sentence."""
        missing, unknown = missing_variables(self, variables), unknown_variables(self, variables)
        return [
            *((name, f"the template {self.name!r} needs the variable {name!r}") for name in missing),
            *((name, f"the template {self.name!r} has no variable {name!r}") for name in unknown),
        ]

    def _wording(self, locale: str) -> _Wording:
        asked = locale[:35].replace("_", "-").lower()  # RFC 5646: 35 characters hold any tag in use
        while asked and asked not in self._wordings:
            asked = asked.rpartition("-")[0]
        return self._wordings[asked or self._otherwise]


def missing_variables(template: Template, given: Collection[str]) -> list[str]:
    return sorted(template.variables.difference(given))


def unknown_variables(template: Template, given: Collection[str]) -> list[str]:
    return sorted(set(given) - template.variables - template.optional)


def _subject(part: _Part, context: Mapping[str, object]) -> str:
    subject = part.render(context)
    if _CONTROL.search(subject):
        used = meta.find_undeclared_variables(_PLAIN.parse(part.source))
        names = [name for name in sorted(used) if _CONTROL.search(str(context.get(name, "")))]
        raise RenderError(f"the subject has one line, without control characters: see {', '.join(names)}")
    return subject


def lint(template: Template) -> list[str]:
    """What a reviewer would ask about, one sentence each; nothing here stops a mail."""
    found = []
    for file, source in sorted(template.files.items()):
        if re.search(r"<script\b", source, re.IGNORECASE):
            found.append(f"{file}: mail programs run no <script>")
        if re.search(r"<img\b[^>]*\bsrc\s*=\s*[\"']?http:", source, re.IGNORECASE):
            found.append(f"{file}: an image over plain http: is not shown, or warned about")
    for wording in template._wordings.values():
        letters = re.sub(r"\{\{.*?\}\}|\W|\d", "", wording.subject.source)
        if (len(letters) > 3 and letters.isupper()) or "!!" in wording.subject.source:
            found.append(f"{wording.subject.file}: the subject shouts")
    return found


# --- reading the files ------------------------------------------------------------------------------------------------


class _FrontMatter(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    subject: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    variables: frozenset[str]
    optional: frozenset[str] = frozenset()
    sample: dict[str, Any] = {}  # for previews: formats.sample


def parse(name: str, files: TemplateFiles, default_locale: str) -> Template:
    """Raises TemplateFault."""
    locales: dict[str, dict[str, str]] = {}
    for file in sorted(files):
        if not (found := _FILE.fullmatch(file)):
            raise TemplateFault(file, None, "a template's files are named <locale>.html or <locale>.txt")
        if _HALF.search(files[file]):
            raise TemplateFault(file, None, "it holds half of a character (U+D800 to U+DFFF): save it as UTF-8")
        locales.setdefault(found[1], {})[file] = files[file].removeprefix("\ufeff").replace("\r\n", "\n")
    if not locales:
        raise TemplateFault(name, None, "a template has at least one <locale>.html or <locale>.txt")
    read = {locale: _read(locale, sources, default_locale) for locale, sources in locales.items()}
    wordings = {locale.lower(): wording for locale, (_, wording) in read.items()}
    variables = frozenset[str]().union(*(matter.variables for matter, _ in read.values()))
    optional = frozenset[str]().union(*(matter.optional for matter, _ in read.values())) - variables
    preferred = (default_locale.lower(), default_locale.partition("-")[0].lower(), "default")
    otherwise = next((locale for locale in preferred if locale in wordings), min(wordings))
    return Template(name, _version(files), variables, optional, dict(files), wordings, otherwise)


def _version(files: TemplateFiles) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file}\0{len(files[file])}\0{files[file]}".encode())
    return digest.hexdigest()[:32]


def _read(locale: str, sources: Mapping[str, str], default_locale: str) -> tuple[_FrontMatter, _Wording]:
    first = min(sources)  # the .html, where there is one
    matter, body = _front_matter(first, sources[first])
    for file in sources.keys() - {first}:
        if _FENCED.match(sources[file]):
            raise TemplateFault(file, 1, f"the front matter stands in {first}")
    parts = [(first, matter.subject), *{**sources, first: body}.items()]
    used = set[str]().union(*(_used(*part, matter.variables | matter.optional) for part in parts))
    for name in sorted(matter.variables - used):
        raise TemplateFault(first, None, f"the variable {name!r} is declared and used nowhere")
    html = body if first.endswith(".html") else None
    txt = parts[-1][1] if parts[-1][0].endswith(".txt") else None
    return matter, _Wording(
        locale if locale != "default" else default_locale,
        _part(_PLAIN, first, matter.subject),
        _part(_HTML, first, _inlined(first, html)) if html is not None else None,
        _part(_PLAIN, parts[-1][0], txt) if txt is not None else _text_of(first, body),
        {name: ChainableUndefined(name=name) for name in matter.optional},
    )


def _front_matter(file: str, source: str) -> tuple[_FrontMatter, str]:
    """And the body, padded with empty lines, so that Jinja counts the lines of the file."""
    if not (found := _FENCED.match(source)):
        raise TemplateFault(file, 1, "a template begins with its front matter between two lines of +++")
    try:
        matter = msgspec.convert(tomllib.loads(found["toml"]), _FrontMatter)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        at = re.search(r" \(at line (\d+)", str(error))
        raise TemplateFault(file, int(at[1]) + 1 if at else None, str(error).partition(" (at ")[0]) from None
    for name in sorted(matter.variables | matter.optional):
        if name in _GIVEN or not name.isidentifier() or name in matter.variables & matter.optional:
            raise TemplateFault(file, None, f"{name!r} can't be declared: it is no name, always given, or there twice")
    return matter, "\n" * found[0].count("\n") + source[found.end() :]


def _used(file: str, source: str, declared: frozenset[str]) -> set[str]:
    """The variables a source uses; TemplateFault where one is not declared, or Jinja can't read it."""
    try:
        _HTML.compile(source)  # `parse` alone takes a filter that does not exist
        tree = _HTML.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateFault(file, error.lineno, error.message or "Jinja can't read this") from None
    for alone in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        raise TemplateFault(file, alone.lineno, "a template stands alone: no extends, include or import")
    used = meta.find_undeclared_variables(tree) - _HTML.globals.keys()
    for name in tree.find_all(nodes.Name):
        if name.name in used - declared - _GIVEN:
            raise TemplateFault(file, name.lineno, f"the variable {name.name!r} is used, but not declared")
    for part in tree.find_all(nodes.Getattr):
        whose = part.node.name if isinstance(part.node, nodes.Name) else ""
        if part.attr not in _PARTS.get(whose, (part.attr,)):
            raise TemplateFault(file, part.lineno, f"`{whose}` has {', '.join(_PARTS[whose])}, but no {part.attr!r}")
    return used


def _part(env: jinja2.Environment, file: str, source: str) -> _Part:
    """Raises TemplateFault: what CSS was set into may be no Jinja any more, after a raw that never ends."""
    try:
        code = env.compile(source, filename=file)
    except TemplateSyntaxError as error:
        raise TemplateFault(file, None, error.message or "Jinja can't read this") from None
    return _Part(file, source, jinja2.Template.from_code(env, code, dict(env.globals)))  # Jinja's own is 3 × as slow


def _pieces(source: str) -> list[Piece]:
    """The source cut at its Jinja tags."""
    pieces, spelled = [], ""
    for line, kind, value in _HTML.lex(source):
        spelled += value
        if kind in ("data", "raw_begin") or kind.endswith("_end"):
            pieces.append(Piece(spelled, line, is_tag=kind != "data"))
            spelled = ""
    return pieces


def _inlined(file: str, source: str) -> str:
    try:
        return inline_css(_pieces(source))
    except Unreadable as error:
        raise TemplateFault(file, error.line, error.sentence) from None


def _text_of(file: str, source: str) -> _Part | None:
    text = text_source(_pieces(source))
    try:
        return None if text is None else _part(_PLAIN, file, text)
    except TemplateFault:
        return None
