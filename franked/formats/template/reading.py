"""From files to a template: strict, so that what is wrong is told before a mail needs it."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from jinja2 import ChainableUndefined, TemplateSyntaxError

from franked.formats.html import Unreadable, inline_css, text_source
from franked.formats.template.faults import TemplateFault
from franked.formats.template.layout import FOLDER, laid_out, layout_file, layout_of
from franked.formats.template.names import GIVEN, names_in
from franked.formats.template.parts import HTML, PLAIN, Part, part
from franked.formats.template.source import Source, Stretch, TemplateFiles, cut, joined
from franked.formats.template.template import Template, Wording

_LOCALE = r"(default|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)"
_FILE = re.compile(rf"{_LOCALE}\.(html|txt)")
_LAYOUT = re.compile(rf"{FOLDER.pattern}/{_LOCALE}\.(html|txt)")
_FENCED = re.compile(r"\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HALF = re.compile("[\ud800-\udfff]")


class _FrontMatter(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    subject: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    variables: frozenset[str]
    optional: frozenset[str] = frozenset()
    sample: dict[str, Any] = {}  # a value for each, to look at


@dataclass(frozen=True, slots=True)
class _Read:
    """One locale. `layouts`: the layout's files that it uses."""

    matter: _FrontMatter
    wording: Wording
    layouts: frozenset[str]


def parse(name: str, files: TemplateFiles, default_locale: str) -> Template:
    """`files`: the template's own, and all of the layouts' by folder/name: those that are used become part of the
    version. Raises TemplateFault."""
    clean = {file: _clean(file, text) for file, text in sorted(files.items())}
    locales: dict[str, dict[str, str]] = {}
    for file, text in clean.items():
        if found := _FILE.fullmatch(file):
            locales.setdefault(found[1], {})[file] = text
        elif not _LAYOUT.fullmatch(file):
            raise TemplateFault(file, None, "a template's files are named <locale>.html or <locale>.txt")
    if not locales:
        raise TemplateFault(name, None, "a template has at least one <locale>.html or <locale>.txt")
    read = {locale: _read(locale, sources, clean, default_locale) for locale, sources in locales.items()}
    variables = frozenset[str]().union(*(one.matter.variables for one in read.values()))
    optional = frozenset[str]().union(*(one.matter.optional for one in read.values())) - variables
    wordings = {locale.lower(): one.wording for locale, one in read.items()}
    preferred = (default_locale.lower(), default_locale.partition("-")[0].lower(), "default")
    otherwise = next((locale for locale in preferred if locale in wordings), min(wordings))
    layouts = frozenset[str]().union(*(one.layouts for one in read.values()))
    kept = {file: text for file, text in files.items() if file in layouts or _FILE.fullmatch(file)}
    return Template(name, _version(kept), variables, optional, kept, wordings, otherwise)


def _clean(file: str, text: str) -> str:
    if _HALF.search(text):
        raise TemplateFault(file, None, "it holds half of a character (U+D800 to U+DFFF): save it as UTF-8")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _version(files: TemplateFiles) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file}\0{len(files[file])}\0{files[file]}".encode())
    return digest.hexdigest()[:32]


def _read(locale: str, own: Mapping[str, str], files: TemplateFiles, default_locale: str) -> _Read:
    first = min(own)  # the .html, where there is one
    matter, begin = _front_matter(first, own[first])
    locales = [default_locale] if locale == "default" else [locale]
    bodies = {}
    for file in sorted(own):
        if file != first and _FENCED.match(own[file]):
            raise TemplateFault(file, 1, f"the front matter stands in {first}")
        body = _body(own[file], file, begin if file == first else 1)
        bodies[file] = _laid_out(body, locales, files, matter.subject)
    sources = {file: source for file, (source, _) in bodies.items()}
    _refuse_misused(first, sources, matter, locales[0])
    wording = _wording(locales[0], first, sources, matter)
    return _Read(matter, wording, frozenset(layout for _, layout in bodies.values() if layout))


def _body(text: str, file: str, begin: int) -> Sequence[Stretch]:
    return _cut(Stretch("\n".join(text.split("\n")[begin - 1 :]), file, begin))


def _cut(whole: Stretch) -> Sequence[Stretch]:
    try:
        return cut(whole)
    except TemplateSyntaxError as error:
        raise TemplateFault(whole.file, whole.line + error.lineno - 1, _why(error)) from None


def _laid_out(
    body: Sequence[Stretch], locales: Sequence[str], files: TemplateFiles, subject: str
) -> tuple[Source, str | None]:
    """And the layout's file that it uses."""
    file, folder = (body[0].file, layout_of(body)) if body else ("", None)
    if folder is None:
        return joined(file, body), None
    suffix = file[file.rindex(".") :]
    layout = layout_file(folder, locales, suffix, files)
    if layout is None:
        raise TemplateFault(file, body[0].line, f"there is no {folder}/{locales[0]}{suffix} to stand in")
    return laid_out(file, body, _cut(Stretch(files[layout], layout, 1)), subject), layout


def _front_matter(file: str, source: str) -> tuple[_FrontMatter, int]:
    """And the line where the body begins."""
    if not (found := _FENCED.match(source)):
        raise TemplateFault(file, 1, "a template begins with its front matter between two lines of +++")
    try:
        matter = msgspec.convert(tomllib.loads(found["toml"]), _FrontMatter)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        at = re.search(r" \(at line (\d+)", str(error))
        raise TemplateFault(file, int(at[1]) + 1 if at else None, str(error).partition(" (at ")[0]) from None
    for name in sorted(matter.variables | matter.optional):
        if name in GIVEN or not name.isidentifier() or name in matter.variables & matter.optional:
            raise TemplateFault(file, None, f"{name!r} can't be declared: it is no name, always given, or there twice")
    for name in sorted(matter.sample.keys() - matter.variables - matter.optional):
        raise TemplateFault(file, None, f"{name!r} has a sample, but is not declared")
    return matter, found[0].count("\n") + 1


def _refuse_misused(first: str, sources: Mapping[str, Source], matter: _FrontMatter, locale: str) -> None:
    declared = matter.variables | matter.optional
    subject = Source(first, matter.subject, ((first, 2),))
    used = set[str]().union(*(names_in(one, declared, locale) for one in (subject, *sources.values())))
    for name in sorted(matter.variables - used):
        raise TemplateFault(first, None, f"the variable {name!r} is declared and used nowhere")


def _wording(locale: str, first: str, sources: Mapping[str, Source], matter: _FrontMatter) -> Wording:
    html = sources[first] if first.endswith(".html") else None
    txt = next((source for file, source in sources.items() if file.endswith(".txt")), None)
    compiled = _part(HTML, first, _inlined(html)) if html else None
    text = _text_of(html) if html and not txt else None
    return Wording(
        locale,
        _part(PLAIN, first, matter.subject),
        compiled,
        _part(PLAIN, txt.file, txt.text) if txt else text,
        {name: ChainableUndefined(name=name) for name in matter.optional},
        matter.sample,
    )


def _part(env: Any, file: str, source: str) -> Part:
    """What CSS was set into may be no Jinja any more, after a raw that never ends."""
    try:
        return part(env, file, source)
    except TemplateSyntaxError as error:
        raise TemplateFault(file, None, _why(error)) from None


def _inlined(source: Source) -> str:
    try:
        return inline_css(source.pieces())
    except Unreadable as error:
        raise TemplateFault(*source.place(error.line), error.sentence) from None


def _text_of(source: Source) -> Part | None:
    text = text_source(source.pieces())
    try:
        return None if text is None else part(PLAIN, source.file, text)
    except TemplateSyntaxError:
        return None


def _why(error: TemplateSyntaxError) -> str:
    return error.message or "Jinja can't read this"
