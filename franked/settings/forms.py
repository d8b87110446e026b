"""What a value may look like: how it is read from TOML or a variable, and how that is said to people."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from franked.rules.address import Address, NotAnAddress, Sender, parse, parse_sender
from franked.rules.asking import Volume, parse_volume
from franked.rules.reach import Network
from franked.rules.reach import network as parse_network
from franked.rules.stream import Limit, parse_limit, parse_span
from franked.settings.faults import meant

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
KEY_BYTES = 32
NAME = re.compile(r"[a-z0-9-]{1,60}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is not allowed, beyond what `Form.allowed` says anyway."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """`read` takes what TOML gives; `of_text` turns a variable's text into that first."""

    allowed: str  # "a whole number from 0 to 65535"
    read: Callable[[object], T | Wrong]
    of_text: Callable[[str], object] = str


def text() -> Form[str]:
    return Form("a line of text", lambda given: _line(given) or Wrong())


def shaped(allowed: str, pattern: str) -> Form[str]:
    """A text that matches `pattern` as a whole."""
    shape = re.compile(pattern)
    return Form(allowed, lambda given: given if isinstance(given, str) and shape.fullmatch(given) else Wrong())


def topic() -> Form[str]:
    return shaped("an SNS topic's ARN", r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")


def name() -> Form[str]:
    return shaped("a name of a to z, 0 to 9 and -, at most 60 characters", NAME.pattern)


def member(enum: type[E]) -> Form[E]:
    words = [word.value for word in enum]

    def read(given: object) -> E | Wrong:
        if isinstance(given, str) and given in words:
            return enum(given)
        return Wrong(meant(str(given).lower(), words, '"{}"'))

    return Form(_either(words), read)


def flag() -> Form[bool]:
    return Form("true or false", lambda given: given if isinstance(given, bool) else Wrong(), _flag_of_text)


def whole(least: int, most: int) -> Form[int]:
    def read(given: object) -> int | Wrong:
        fits = isinstance(given, int) and not isinstance(given, bool) and least <= given <= most
        return given if isinstance(given, int) and fits else Wrong()

    return Form(f"a whole number from {least} to {most}", read, lambda given: _number_of_text(given, int))


def number(allowed: str, fits: Callable[[float], bool]) -> Form[float]:
    def read(given: object) -> float | Wrong:
        if isinstance(given, bool) or not isinstance(given, int | float):
            return Wrong()
        return float(given) if fits(given) else Wrong()

    return Form(allowed, read, lambda given: _number_of_text(given, float))


def span() -> Form[timedelta]:
    def read(given: object) -> timedelta | Wrong:
        found = parse_span(given) if isinstance(given, str) and len(given) < 20 else None
        return found if found else Wrong()

    return Form("a time longer than none, such as 90s, 10m, 24h or 30d", read)


def span_of_at_least(least: timedelta) -> Form[timedelta]:
    def read(given: object) -> timedelta | Wrong:
        found = span().read(given)
        return found if isinstance(found, Wrong) or found >= least else Wrong()

    return Form(f"a time of at least {least.days}d, such as {3 * least.days}d", read)


def limit() -> Form[Limit]:
    def read(given: object) -> Limit | Wrong:
        found = parse_limit(given) if isinstance(given, str) and len(given) < 20 else None
        return found or Wrong()

    return Form("a limit such as 5/hour (per second, minute, hour or day)", read)


def volume() -> Form[Volume]:
    def read(given: object) -> Volume | Wrong:
        text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        return (parse_volume(text) if isinstance(text, str) else None) or Wrong()

    return Form("a number of mails a day such as 200, or from and to such as 10-50", read)


def sender() -> Form[Sender]:
    def read(given: object) -> Sender | Wrong:
        found = parse_sender(given) if isinstance(given, str) else None
        return _or_wrong(found)

    return Form("a sender such as Example <no-reply@example.com>", read)


def address() -> Form[Address]:
    return Form("a bare address", lambda given: _or_wrong(parse(given) if isinstance(given, str) else None))


def addresses() -> Form[tuple[Address, ...]]:
    def read(given: object) -> Address | Wrong:
        found = parse(given) if isinstance(given, str) else None
        return _or_wrong(found)

    return _list_of("a list of bare addresses", read)


def list_of(items: str, form: Form[T]) -> Form[tuple[T, ...]]:
    return _list_of(f"a list of {items}", form.read)


def network() -> Form[str]:
    def read(given: object) -> str | Wrong:
        if not isinstance(given, str):
            return Wrong()
        try:
            ipaddress.ip_network(given)
        except ValueError as error:
            return Wrong(f" ({error})")
        return given

    return Form("an IP address, or a network such as 10.0.0.0/8", read)


def networks() -> Form[tuple[Network, ...]]:
    def read(given: object) -> Network | Wrong:
        found = network().read(given)
        return found if isinstance(found, Wrong) else parse_network(found)

    return list_of("IP addresses or networks", Form("", read))


def url() -> Form[str]:
    """Kept without a slash at its end, so that paths can be put behind it."""

    def read(given: object) -> str | Wrong:
        line = _line(given)
        return line.rstrip("/") if line and _is_url(line) else Wrong()

    return Form("an address that begins with http:// or https://", read)


def postgres() -> Form[str]:
    """Where a database is, with who may open it."""

    def read(given: object) -> str | Wrong:
        line = _line(given)
        return line if line and line.startswith(("postgresql://", "postgres://")) else Wrong()

    return Form("an address such as postgresql://franked@db.example.com/franked", read)


def folder() -> Form[Path]:
    return Form("a folder's path", lambda given: Path(line) if (line := _line(given)) else Wrong())


def key() -> Form[bytes]:
    return Form(f"{KEY_BYTES} bytes as base64 or as {KEY_BYTES * 2} hex digits", _key)


def by_language() -> Form[Mapping[str, str]]:
    """One line for every language (its key is then ""), or a line by language."""

    def read(given: object) -> Mapping[str, str] | Wrong:
        if isinstance(given, str):
            given = {"": given}
        if not isinstance(given, Mapping) or not given:
            return Wrong()
        lines = {language: _line(text) for language, text in given.items()}
        for language, line in lines.items():
            if line is None or (language and not LANGUAGE.fullmatch(language)):
                return Wrong(f"; see {language!r}")
        return {language: line for language, line in lines.items() if line}

    return Form('a line of text, or one by language such as {en = "News", de = "Neues"}', read)


def _list_of(allowed: str, read_one: Callable[[object], T | Wrong]) -> Form[tuple[T, ...]]:
    def read(given: object) -> tuple[T, ...] | Wrong:
        if not isinstance(given, list):
            return Wrong()
        read_all = [read_one(item) for item in given]
        for item, found in zip(given, read_all, strict=True):
            if isinstance(found, Wrong):
                return Wrong(f"; {item!r} is none{found.why}")
        return tuple(found for found in read_all if not isinstance(found, Wrong))

    return Form(allowed, read, lambda given: [item.strip() for item in given.split(",") if item.strip()])


def _line(given: object) -> str | None:
    """The text without its outer blanks; None for what is no text, is empty or holds control characters."""
    line = given.strip() if isinstance(given, str) else ""
    return line if line and line.isprintable() else None


def _or_wrong(found: T | NotAnAddress | None) -> T | Wrong:
    if found is None:
        return Wrong()
    return Wrong(f" ({found.why})") if isinstance(found, NotAnAddress) else found


def _either(words: list[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _flag_of_text(given: str) -> object:
    return {"true": True, "false": False}.get(given.strip().lower(), given)


def _number_of_text(given: str, kind: Callable[[str], int | float]) -> object:
    try:
        return kind(given)
    except ValueError:
        return given


def _is_url(line: str) -> bool:
    try:
        parts = urlsplit(line)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and " " not in line
    except ValueError:  # a port or an IPv6 host that is none
        return False


def _key(given: object) -> bytes | Wrong:
    line = _line(given) or ""
    try:
        found = bytes.fromhex(line) if len(line) == KEY_BYTES * 2 else base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error):
        return Wrong()
    return found if len(found) == KEY_BYTES else Wrong()
