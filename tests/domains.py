"""Sending domains for tests: one that is all right, and what may be wrong with it, as records of a name server."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franked.access.checks.dns import SendingDomain
from franked.backends.local.zones import NameFault, Zones
from franked.rules.domain.lines import cname_line, mx_line, txt_line
from franked.rules.finding import Status

SHOP = "shop.example.com"  # the identity and the From domain; example.com is the organisation's
BOUNCE = f"bounce.{SHOP}"
REGION = "eu-central-1"
TOKENS = ("tokena", "tokenb", "tokenc")
ZONE = "dkim.amazonses.com"
SES_SPF = "v=spf1 include:amazonses.com ~all"
MISSING, WRONG, UNKNOWN = Status.MISSING, Status.WRONG, Status.UNKNOWN
NO_LOGO = {"bimi": MISSING}


@cache
def public_key(bits: int) -> str:
    der = generate_private_key(65537, bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def key_text(bits: int = 2048) -> str:
    return f"p={public_key(bits)}"


def of_ses() -> list[str]:
    """What Amazon publishes."""
    keys = [txt_line(f"{token}.{ZONE}", key_text()) for token in TOKENS]
    return [*keys, txt_line("amazonses.com", "v=spf1 ip4:192.0.2.0/24 -all"), "mx.example.net. IN A 192.0.2.25"]


def good(domain: str = SHOP, region: str = REGION, policy: str = "v=DMARC1; p=none") -> list[str]:
    return [
        *(cname_line(f"{token}._domainkey.{domain}", f"{token}.{ZONE}") for token in TOKENS),
        mx_line(f"bounce.{domain}", 10, f"feedback-smtp.{region}.amazonses.com"),
        txt_line(f"bounce.{domain}", SES_SPF),
        mx_line(domain, 10, "mx.example.net"),
        txt_line(f"_dmarc.{domain}", policy),
    ]


def expected(domain: str = SHOP) -> SendingDomain:
    return SendingDomain(domain, REGION, TOKENS, ZONE, f"bounce.{domain}", (domain,), (domain,), f"ops@{domain}")


@dataclass(frozen=True)
class Case:
    """A domain with something amiss. `statuses`: of the checks that are not ok; `says`: in the finding of the first of
    them; `fix`: the first line of its remedy. `mends`: publishing the remedies makes it ok."""

    name: str
    lines: Sequence[str] = ()
    gone: Sequence[str] = ()
    statuses: Mapping[str, Status] = field(default_factory=dict)
    says: str = ""
    fix: str = ""
    mends: bool = True
    faults: Mapping[str, NameFault] = field(default_factory=dict)
    expected: SendingDomain = field(default_factory=expected)

    def publish(self, zones: Zones) -> None:
        zones.publish(*of_ses(), *good(self.expected.domain))
        zones.withdraw(*self.gone)
        zones.publish(*self.lines)
        for name, fault in self.faults.items():
            zones.fail(name, fault)
