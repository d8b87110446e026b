"""All findings of one template."""

import re
from collections.abc import Iterator, Mapping, Sequence

from jinja2 import meta

from franked.formats.lint.finding import Finding
from franked.formats.lint.letter import faults_of_mail
from franked.formats.lint.markup import faults_of_html, lines_of_text
from franked.formats.lint.words import promotional
from franked.formats.template import Template
from franked.formats.template.parts import HTML, PLAIN
from franked.rules.stream import Kind, Stream

_SECRET = {"code", "otp", "pin", "password", "token"}


def lint(template: Template, streams: Sequence[Stream], sender: Mapping[str, str]) -> list[Finding]:
    """`streams`: those that send it; none where nobody does. `sender`: what a template may show of it."""
    found = {*_of_files(template, streams), *_of_subjects(template, streams), *_of_variables(template)}
    for stream in streams or (None,):
        found.update(faults_of_mail(template, stream, sender))
    return sorted(found)


def place(template: Template, file: str) -> str:
    """Below the folder of the templates; a layout's file has its own."""
    return file if "/" in file else f"{template.name}/{file}"


def _of_files(template: Template, streams: Sequence[Stream]) -> Iterator[Finding]:
    needed = next((stream for stream in streams if stream.kind is Kind.TRANSACTIONAL), None)
    for file, source in template.files.items():
        if file.endswith(".html"):
            yield from faults_of_html(place(template, file), source)
        for number, text in lines_of_text(source) if needed else ():
            for _, word in promotional(text):
                why = f"the stream {needed.name!r} is transactional, and “{word}” advertises" if needed else ""
                yield Finding(place(template, file), number, "promotional", why, "say it in a stream of kind marketing")


def _of_subjects(template: Template, streams: Sequence[Stream]) -> Iterator[Finding]:
    secret = next((stream for stream in streams if stream.secret), None)
    needed = next((stream for stream in streams if stream.kind is Kind.TRANSACTIONAL), None)
    for wording in template.wordings.values():
        subject, file = wording.subject.source, place(template, wording.subject.file)
        line = _line_of_subject(template.files[wording.subject.file])
        bare = re.sub(r"\{\{.*?\}\}", "", subject)
        letters = re.sub(r"\W|\d", "", bare)
        if (len(letters) > 3 and letters.isupper()) or "!!" in bare:
            yield Finding(file, line, "shouting", "the subject shouts, as spam does", "write it as one speaks")
        for name in sorted(meta.find_undeclared_variables(PLAIN.parse(subject)) & _SECRET) if secret else ():
            why = f"{name!r} is secret, and a subject is shown on locked screens and kept in logs"
            yield Finding(file, line, "code_in_subject", why, "say it in the mail only")
        for _, word in promotional(bare) if needed else ():
            why = f"the mail is transactional, and “{word}” advertises"
            yield Finding(file, line, "promotional", why, "say it in a stream of kind marketing")


def _of_variables(template: Template) -> Iterator[Finding]:
    parts = [part for one in template.wordings.values() for part in (one.subject, one.html, one.text) if part]
    used = {name for part in parts for name in meta.find_undeclared_variables(HTML.parse(part.source))}
    for name in sorted(template.optional - used):
        file = place(template, min(file for file in template.files if "/" not in file))
        why = f"the optional variable {name!r} is used nowhere"
        yield Finding(file, 0, "unused_variable", why, "use it, or take it out of the front matter", False)


def _line_of_subject(source: str) -> int:
    lines = source.split("\n")
    return next((number for number, line in enumerate(lines, 1) if line.startswith("subject")), 1)
