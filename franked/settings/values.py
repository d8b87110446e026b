"""One setting's value: said by a variable, by the file, or by nobody; allowed or not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from franked.settings.document import Document
from franked.settings.faults import Fault
from franked.settings.forms import Wrong
from franked.settings.setting import Setting

_FILE = "_FILE"
_WORTH_SHOWING = 60  # characters of a wrong value


@dataclass(frozen=True, slots=True)
class Said:
    value: object
    origin: str  # "franked.toml:12" or a variable's name


@dataclass(frozen=True, slots=True)
class Taken:
    """The values of one table, by field; what is wrong or unsaid has its default."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    faults: tuple[Fault, ...]


def take(settings: Iterable[Setting], document: Document, environ: Mapping[str, str]) -> Taken:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    faults: list[Fault] = []
    for setting in settings:
        values[setting.field] = setting.default
        match _value(setting, document, environ):
            case Fault() as fault:
                faults.append(fault)
            case Said(value, origin):
                values[setting.field], origins[setting.path] = value, origin
            case None:
                pass
    return Taken(values, origins, tuple(faults))


def variables(settings: Sequence[Setting]) -> set[str]:
    """Every variable that says one of these."""
    names = {setting.variable for setting in settings}
    return names | {f"{setting.variable}{_FILE}" for setting in settings if setting.secret}


def _value(setting: Setting, document: Document, environ: Mapping[str, str]) -> Said | Fault | None:
    by_variable = _by_variable(setting, environ)
    if isinstance(by_variable, Fault):
        return by_variable
    if by_variable is not None:
        found = setting.form.read(by_variable.value)
        return _told(setting, by_variable, found) or Said(found, by_variable.origin)
    given = document.said(setting.keys)
    if given is None:
        return _missing(setting, document) if setting.required and document.name else None
    return _by_file(setting, given, document)


def _by_file(setting: Setting, given: object, document: Document) -> Said | Fault:
    found = setting.form.read(given)
    if isinstance(found, Wrong):
        return document.fault(setting.keys, f"{_label(setting)}: {_sentence(setting, given, found)}")
    return Said(found, document.where(setting.keys))


def _by_variable(setting: Setting, environ: Mapping[str, str]) -> Said | Fault | None:
    named, plain = f"{setting.variable}{_FILE}", setting.variable
    if not setting.secret or named not in environ:
        return Said(setting.form.of_text(environ[plain]), plain) if plain in environ else None
    if plain in environ:
        return Fault(named, f"{plain} is set too: say it once")
    try:
        return Said(setting.form.of_text(Path(environ[named]).read_text("utf-8").strip()), named)
    except OSError as error:
        return Fault(named, f"{environ[named]} cannot be read: {error.strerror or error}")
    except ValueError:  # no UTF-8, or a path that can be none
        return Fault(named, f"{environ[named]!r} is no text file")


def _told(setting: Setting, said: Said, found: object) -> Fault | None:
    return Fault(said.origin, _sentence(setting, said.value, found)) if isinstance(found, Wrong) else None


def _missing(setting: Setting, document: Document) -> Fault:
    return document.fault(setting.keys, f"{_label(setting)} is missing: {setting.form.allowed}")


def _label(setting: Setting) -> str:
    return f"[{setting.section}] {setting.name}"


def _sentence(setting: Setting, given: object, wrong: Wrong) -> str:
    shown = "what stands there" if setting.secret else _shown(given)
    return f"{shown} is not {setting.form.allowed}{'' if setting.secret else wrong.why}"


def _shown(given: object) -> str:
    text = json.dumps(given, default=str, ensure_ascii=False)
    return text if len(text) <= _WORTH_SHOWING else f"{text[:_WORTH_SHOWING]}…"
