"""`franked templates lint`: what a reviewer would ask about the mails, before a reader does."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from franked.doors.cli.start import said, settings_for
from franked.formats.lint import Finding, lint
from franked.formats.template import Template, TemplateFault
from franked.rules.content import Content
from franked.settings import Settings
from franked.wiring import templates_of


def lint_all(config: Path | None, as_json: bool) -> int:
    return said(lambda: _lint(settings_for(config).settings, as_json))


def _lint(settings: Settings, as_json: bool) -> int:
    read = templates_of(settings)
    found = sorted({finding for one in read for finding in _of(one, settings)})
    if as_json:
        print(msgspec.json.encode({"templates": len(read), "findings": found}).decode())  # noqa: T201
    else:
        _show(found, len(read), settings.templates.directory)
    return int(any(finding.matters for finding in found))


def _of(one: Template | TemplateFault, settings: Settings) -> list[Finding]:
    if isinstance(one, TemplateFault):
        return [Finding(one.file, one.line or 0, "broken", one.sentence, "mend it: no mail goes out with it")]
    letterhead = settings.sender
    sender = {
        "name": letterhead.name,
        "website": letterhead.website,
        "postal_address": letterhead.postal_address,
    }
    streams = settings.streams.values()
    sending = [stream for stream in streams if stream.template == one.name and stream.content is Content.TEMPLATE]
    return lint(one, sending, sender)


def _show(found: list[Finding], count: int, folder: Path) -> None:
    out = Console(emoji=False, highlight=False, soft_wrap=True)
    for one in found:
        place = f"{folder}/{one.file}" + (f", line {one.line}" if one.line else "")
        out.print(Text(f"{place}: {one.what.replace('_', ' ')}\n  {one.why}\n  Way out: {one.way_out}\n"))
    matter = sum(one.matters for one in found)
    out.print(f"{count} templates, {len(found)} findings, {matter} of which matter.")
