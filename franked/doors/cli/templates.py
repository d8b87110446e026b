"""`franked templates`: where each stands, and the steps of its approval, through the Franked that runs."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.send import variables_of
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.timeline import minute


def list_templates(config: Path | None, as_json: bool) -> int:
    return said(lambda: _list(client(config), as_json))


def _list(franked: Client, as_json: bool) -> int:
    """Exit status 1 where mail is held until a template is approved."""
    found = franked.call("GET", "/v1/templates")
    held = [one for one in found if one["needed"] and one["stands"] != "approved"]
    if as_json:
        _print({"templates": found})
    else:
        _show_all(found)
        if held:
            _say("Mail of these streams is held until they are approved: " + ", ".join(_streams(held)))
    return 1 if held else 0


def _streams(templates: Sequence[dict[str, Any]]) -> list[str]:
    return [name for one in templates for name in one["streams"]]


def _show_all(found: Sequence[dict[str, Any]]) -> None:
    table = Table()
    for column in ("template", "stands", "version", "streams"):
        table.add_column(column, no_wrap=column != "streams")
    table.add_column("last step", overflow="fold")
    for one in found:
        stands = one["stands"] if one["needed"] else f"{one['stands']} (no approval asked)"
        last = _step(one["last"]) if one["last"] else ""
        table.add_row(*map(Text, (one["name"], stands, one["version"], ", ".join(one["streams"]), last)))
    Console(emoji=False, highlight=False).print(table)


def _step(one: dict[str, Any]) -> str:
    note = f": {one['note']}" if one["note"] else ""
    return f"{minute(one['at'])} {one['step']} by {one['by']}{note}"


def step(
    what: str, name: str, by: str | None, note: str, version: str | None, config: Path | None, as_json: bool
) -> int:
    body = {"by": by or getpass.getuser(), "note": note, "version": version}
    return said(lambda: _take_step(what, name, body, client(config), as_json))


def _take_step(what: str, name: str, body: dict[str, str | None], franked: Client, as_json: bool) -> int:
    now = franked.call("POST", f"{_path(name)}/{what}", body)
    if as_json:
        _print(now)
    else:
        _say(f"{name}, version {now['version']}: {_step(now['last'])}")
    return 0


def show(name: str, version: str | None, config: Path | None, as_json: bool) -> int:
    return said(lambda: _show(name, version, client(config), as_json))


def _show(name: str, version: str | None, franked: Client, as_json: bool) -> int:
    found = franked.call("GET", f"{_path(name)}{_query(version=version)}")
    if as_json:
        _print(found)
        return 0
    template = found["template"]
    _say(f"{name}, version {template['version']}: {template['stands']}")
    for one in found["reviews"]:
        _say(f"  {one['version'][:12]} {_step(one)} (key: {one['key']})")
    for file, source in sorted(found["files"].items()):
        _say(f"\n--- {file} ---\n{source}")
    return 0


def diff(name: str, old: str | None, new: str | None, config: Path | None, as_json: bool) -> int:
    return said(lambda: _diff(name, _query(old=old, new=new), client(config), as_json))


def _diff(name: str, query: str, franked: Client, as_json: bool) -> int:
    found = franked.call("GET", f"{_path(name)}/diff{query}")
    if as_json:
        _print(found)
    elif found["old"] is None:
        _say(f"No other version of {name} was approved before; this one is all new:\n\n{found['diff']}")
    else:
        _say(found["diff"] or f"Nothing differs between {found['old']} and {found['new']}.")
    return 0


def preview(
    name: str,
    locale: str | None,
    var: Sequence[str],
    version: str | None,
    out: Path | None,
    inbox: bool,
    config: Path | None,
    as_json: bool,
) -> int:
    def shown() -> int:
        body = {"locale": locale, "variables": variables_of(var), "version": version, "inbox": inbox}
        return _preview(name, body, out, client(config), as_json)

    return said(shown)


def _preview(name: str, body: dict[str, Any], out: Path | None, franked: Client, as_json: bool) -> int:
    mail = franked.call("POST", f"{_path(name)}/preview", body)
    if out:
        _write(out, mail)
    if as_json:
        _print(mail)
        return 0
    _say(f"Subject: {mail['subject']}\n\n{mail['text']}")
    for where in filter(None, (out and str(out), mail["inbox"])):
        _say(f"To look at: {where}")
    return 0


def _write(out: Path, mail: dict[str, Any]) -> None:
    if not mail["html"]:
        raise Unusable("this template has no HTML part in this language: leave --out away, and read the text")
    try:
        out.write_text(mail["html"], "utf-8")
    except OSError as error:
        raise Unusable(f"{out} can't be written: {error.strerror}") from error


def _path(name: str) -> str:
    return f"/v1/templates/{quote(name, safe='')}"


def _query(**given: str | None) -> str:
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"?{asked}" if asked else ""


def _print(found: object) -> None:
    print(msgspec.json.encode(found).decode())  # noqa: T201


def _say(text: str) -> None:
    Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(text)
