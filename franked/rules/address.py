"""What an address is, and when two spellings are one person."""

import re
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from functools import lru_cache
from typing import Self
from unicodedata import category

from email_validator import EmailNotValidError, validate_email

SIMULATOR_DOMAIN = "simulator.amazonses.com"
LONGEST = 254  # RFC 5321, the path without its angle brackets
LONGEST_SENDER = 600  # a name of any reasonable length, and an address

_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_NAMED = re.compile(r'"?(?P<name>[^"<>]*?)"?\s*<(?P<bare>[^<>]+)>')
_NO_NAME = {"Cc", "Cs", "Zl", "Zp"}  # controls, half characters, line and paragraph separators
_RESERVED = {"test", "invalid", "local", "localhost", "arpa", "onion"}
_GMAIL = {"gmail.com", "googlemail.com"}


@dataclass(frozen=True, slots=True)
class Address:
    """One checked address. `key` compares (SES ignores case too); `mailbox` is for limits only."""

    spelled: str  # as it goes out: local part as given, domain in lower-case IDNA A-labels
    key: str

    @classmethod
    def of_spelled(cls, spelled: str) -> Self:
        """An address that was checked when it was stored."""
        return cls(spelled, spelled.casefold())

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]

    @property
    def mailbox(self) -> str:
        local, _, domain = self.key.rpartition("@")
        local = local.partition("+")[0] or local
        if domain in _GMAIL:
            return f"{local.replace('.', '')}@gmail.com"
        return f"{local}@{domain}"

    @property
    def is_simulator(self) -> bool:
        """SES's own mailbox simulator: allowed in the sandbox, outside quota and reputation."""
        return self.domain == SIMULATOR_DOMAIN

    @property
    def masked(self) -> str:
        """For logs: enough to recognise, too little to mail."""
        local, _, domain = self.spelled.rpartition("@")
        return f"{local[:1]}…@{domain}"

    def __str__(self) -> str:
        return self.spelled


@dataclass(frozen=True, slots=True)
class NotAnAddress:
    """Why a text is not one address; `why` is a sentence for the person who sent it."""

    why: str


@dataclass(frozen=True, slots=True)
class Sender:
    """A From or Reply-To: a display name (may be empty) and an address."""

    name: str
    address: Address

    @property
    def header(self) -> str:
        """RFC 5322, display name quoted where needed, non-ASCII names as RFC 2047 words."""
        return _header(self.name, self.address.spelled)


@lru_cache(maxsize=1024)  # a product has few senders
def _header(name: str, spelled: str) -> str:
    if not name:
        return spelled
    if not name.isascii():
        return f"{Header(name, 'utf-8', maxlinelen=75).encode(linesep='')} <{spelled}>"
    local, _, domain = spelled.rpartition("@")
    return str(HeaderAddress(name, local, domain))


def parse(text: str) -> Address | NotAnAddress:
    """One bare address as a person types it: 7-bit local part, no comment, no quotes (SES takes nothing else)."""
    text = text.strip()
    if len(text) > LONGEST:
        return NotAnAddress(f"an address has at most {LONGEST} characters, this one has {len(text)}")
    return Address.of_spelled(text) if _is_plain(text) else _thorough(text)


def parse_sender(text: str) -> Sender | NotAnAddress:
    """`Name <address>` or a bare address."""
    if len(text) > LONGEST_SENDER:
        return NotAnAddress(f"a sender has at most {LONGEST_SENDER} characters, this one has {len(text)}")
    if any(category(char) in _NO_NAME for char in text):
        return NotAnAddress("a sender has no line breaks or control characters")
    named = _NAMED.fullmatch(text.strip())
    address = parse(named["bare"] if named else text)
    return address if isinstance(address, NotAnAddress) else Sender(named["name"] if named else "", address)


def _is_plain(text: str) -> bool:
    """Nearly every address: what the thorough check would let through unchanged, at a hundredth of its cost."""
    if not _PLAIN.fullmatch(text):
        return False
    local, _, domain = text.partition("@")
    labels = domain.split(".")
    return len(local) <= 64 and labels[-1] not in _RESERVED and not any(len(x) > 63 or x[2:4] == "--" for x in labels)


def _thorough(text: str) -> Address | NotAnAddress:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        return NotAnAddress(str(error))
    return Address.of_spelled(f"{found.local_part}@{found.ascii_domain}")
