"""One SPF record, read as RFC 7208 says: its terms, and which of them ask DNS."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

VERSION = "v=spf1"
MOST_TERMS, LONGEST = 200, 4096
ASKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})  # each costs one of ten look-ups

_TERM = re.compile(r"(?P<qualifier>[+?~-]?)(?P<name>[a-z][a-z0-9]*)(?:(?P<by>[:/])(?P<value>.*))?", re.I)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9._-]*)=(?P<value>.*)", re.I)
_MACRO = r"%\{[slodiphcrtv][0-9]{0,3}r?[.\-+,/_=]*\}"
_SPEC = re.compile(rf"(?:{_MACRO}|%%|%_|%-|[\x21-\x24\x26-\x7e])+", re.I)
_END = re.compile(rf"(?:{_MACRO}|\.(?![0-9]+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)$", re.I)
_CIDR = re.compile(r"(?P<spec>.*?)(?P<v4>/[0-9]{1,2})?(?P<v6>//[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Term:
    """`target`: the domain that it names; "" for the record's own."""

    qualifier: str
    name: str
    target: str = ""

    @property
    def has_macro(self) -> bool:
        return "%" in self.target

    def __str__(self) -> str:
        by = "=" if self.name == "redirect" else ":"
        return f"{self.name}{by}{self.target}" if self.target else self.name


@dataclass(frozen=True, slots=True)
class Spf:
    """What is evaluated: terms behind `all`, and a redirect beside one, never are."""

    text: str
    terms: tuple[Term, ...]

    @property
    def all(self) -> str:
        """How everybody else is judged: `+`, `?`, `~` or `-`; "" where it does not say."""
        return next((term.qualifier for term in self.terms if term.name == "all"), "")


@dataclass(frozen=True, slots=True)
class NoSpf:
    """Receivers ignore the whole record. `why`: a sentence's end."""

    why: str


def is_spf(text: str) -> bool:
    return text[: len(VERSION)].casefold() == VERSION and text[len(VERSION) : len(VERSION) + 1] in {"", " "}


def records_of(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if is_spf(text)]


def parse(text: str) -> Spf | NoSpf:
    words = text.split(" ")[1:]
    if len(text) > LONGEST or len(words) > MOST_TERMS:
        return NoSpf("it is too long")
    terms: list[Term] = []
    for word in filter(None, words):
        term = _modifier(word) or _mechanism(word)
        if isinstance(term, NoSpf):
            return term
        terms.append(term)
    for name in ("redirect", "exp"):
        if sum(term.name == name for term in terms) > 1:
            return NoSpf(f"it says {name}= twice")
    return Spf(text, tuple(_evaluated(terms)))


def _evaluated(terms: Sequence[Term]) -> Iterator[Term]:
    for term in terms:
        if term.name not in {"redirect", "exp", "modifier"}:
            yield term
        if term.name == "all":
            return
    yield from (term for term in terms if term.name == "redirect")


def _modifier(word: str) -> Term | NoSpf | None:
    found = _MODIFIER.fullmatch(word)
    if not found:
        return None
    name, value = found["name"].casefold(), found["value"]
    if name not in {"redirect", "exp"}:
        return Term("", "modifier")
    return Term("", name, _host(value)) if _is_spec(value) else _bad(word)


def _mechanism(word: str) -> Term | NoSpf:
    found = _TERM.fullmatch(word)
    if not found:
        return _bad(word)
    name, by, value = found["name"].casefold(), found["by"], found["value"] or ""
    term = Term(found["qualifier"] or "+", name)
    match name:
        case "all":
            return term if by is None else _bad(word)
        case "ip4" | "ip6":
            return term if by == ":" and _is_network(value, 4 if name == "ip4" else 6) else _bad(word)
        case "include" | "exists":
            return Term(term.qualifier, name, _host(value)) if by == ":" and _is_spec(value) else _bad(word)
        case "a" | "mx" | "ptr":
            return _with_target(term, by, value) or _bad(word)
        case _:
            return _bad(word)


def _with_target(term: Term, by: str | None, value: str) -> Term | None:
    """`a`, `a:host`, `a/24`, `a:host/24//64`; a ptr has no length."""
    if by is None:
        return term
    found = _CIDR.fullmatch(value if by == ":" else f"/{value}")
    if not found or (term.name == "ptr" and (found["v4"] or found["v6"])) or not _fits(found):
        return None
    spec = found["spec"]
    if by == "/":
        return term if not spec else None
    return Term(term.qualifier, term.name, _host(spec)) if _is_spec(spec) else None


def _fits(found: re.Match[str]) -> bool:
    return int((found["v4"] or "/0")[1:]) <= 32 and int((found["v6"] or "//0")[2:]) <= 128


def _is_spec(text: str) -> bool:
    return len(text) <= 253 and bool(_SPEC.fullmatch(text)) and bool(_END.search(text))


def _is_network(text: str, version: int) -> bool:
    try:
        return ip_network(text, strict=False).version == version and "%" not in text
    except ValueError:
        return False


def _host(text: str) -> str:
    return text.removesuffix(".").casefold()


def _bad(word: str) -> NoSpf:
    plain = "".join(sign for sign in word[:40] if sign.isprintable())
    return NoSpf(f"{plain!r} is no term of SPF")
