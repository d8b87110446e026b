"""What the domain name system answers: records, that there are none, or nothing that could be told from nothing."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]{1,5})")


class Type(StrEnum):
    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    MX = "MX"
    TXT = "TXT"


class Silence(StrEnum):
    """Why a question has no answer, in words."""

    SERVFAIL = "the name server failed (SERVFAIL)"
    TIMEOUT = "no name server answered in time"
    REFUSED = "the name server refused to answer"
    MALFORMED = "the answer could not be read"
    TOO_LARGE = "the answer is too large"
    NOBODY = "no name server could be reached"
    NO_NAME = "that can be no name in DNS"


@dataclass(frozen=True, slots=True)
class Found:
    """A TXT record's strings are joined; a host has no dot at its end, but for the root, which is `.`; an MX is
    `10 host`. `aliases`: the CNAMEs that led there, in order."""

    records: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoName:
    """NXDOMAIN. With `aliases`: they lead to a name that is not there."""

    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoRecord:
    """The name is there, and has no record of this type."""

    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows: that is neither yes nor no."""

    why: Silence


@dataclass(frozen=True, slots=True)
class Resolver:
    """Whom to ask."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.address if self.port == 53 else f"{host}:{self.port}"


def resolver(text: str) -> Resolver:
    """`1.1.1.1`, `127.0.0.1:5353`, `::1` or `[::1]:5353`. Raises ValueError."""
    if found := _WITH_PORT.fullmatch(text):
        host, port = found["v6"] or found["v4"], int(found["port"])
        if not 0 < port < 65_536:
            raise ValueError("no such port")
        return Resolver(str(ip_address(host)), port)
    return Resolver(str(ip_address(text)))


Answer = Found | NoName | NoRecord | Unanswered


def mx_of(record: str) -> tuple[int, str]:
    """Preference and host of an MX as `Found` has it; one that is none has a preference that no record can have."""
    preference, _, host = record.partition(" ")
    is_number = preference.isascii() and preference.isdecimal() and len(preference) <= 5
    return (int(preference) if is_number else -1), host.casefold()


def joined(name: str, *below: str) -> str:
    """`joined("example.com", "_dmarc")` is `_dmarc.example.com`."""
    return ".".join([*below, name])
