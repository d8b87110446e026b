"""DKIM as SES signs: three CNAMEs that lead to keys of SES's, or one key of the domain's own (RFC 6376)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from franked.rules.dns import Answer, Found, NoName, NoRecord, Unanswered
from franked.rules.domain.lines import cname_line, remark
from franked.rules.domain.opinion import Opinion, none_there, shown, unknown
from franked.rules.domain.organisation import organisational
from franked.rules.domain.tags import tags_of
from franked.rules.finding import Status

BITS = 2048
_MISSING, _WRONG = partial(Opinion, Status.MISSING), partial(Opinion, Status.WRONG)


@dataclass(frozen=True, slots=True)
class Selector:
    """Where one key is looked for. `target`: where SES wants it to lead; "" where the key is the domain's own."""

    name: str
    target: str = ""

    @property
    def line(self) -> str:
        return cname_line(self.name, self.target)


def selectors(domain: str, tokens: Sequence[str], hosted_zone: str) -> list[Selector]:
    """As SES names them. Without a zone of SES's, the tokens are selectors of keys of the domain's own."""
    zone = hosted_zone.strip(".").casefold()
    return [Selector(f"{token}._domainkey.{domain}", f"{token}.{zone}" if zone else "") for token in tokens]


def doubled(name: str, domain: str) -> list[str]:
    """Where a record stands when a DNS console has put the zone behind a name that had it already."""
    return list(dict.fromkeys(f"{name}.{zone}" for zone in (domain, organisational(domain))))


def judge_alias(of: Selector, alias: Answer, at_doubled: Answer, as_address: Answer) -> Opinion | None:
    """None: it leads to where it should, and the key behind is next. The last two: what was asked where it is not."""
    match alias:
        case Unanswered():
            return unknown(of.name, alias)
        case Found(records=(to,)) if to == of.target:
            return None
        case Found(records=records):
            return _WRONG(f"{of.name} leads to {shown(' and '.join(records))} instead of {of.target}.", (of.line,))
        case NoName() | NoRecord():
            return _judge_absence(of, alias, at_doubled, as_address)


def _judge_absence(of: Selector, alias: Answer, at_doubled: Answer, as_address: Answer) -> Opinion:
    if isinstance(at_doubled, Found):
        found = f"The CNAME of {of.name} stands at a name that has the zone twice: the DNS console has added it."
        return _WRONG(found, (of.line,))
    if isinstance(as_address, Found):
        found = f"{of.name} is an address instead of a CNAME: it is switched to proxying, and must be DNS only."
        return _WRONG(found, (of.line,))
    return _MISSING(f"{of.name} has no CNAME: {none_there(alias)}.", (of.line,))


def judge_key(of: Selector, answer: Answer, renew: str) -> Opinion:
    """`renew`: the command by which SES makes a new key."""
    fix = (renew,) if of.target else (remark(f'publish your key at {of.name}: IN TXT "v=DKIM1; k=rsa; p=…"'),)
    match answer:
        case Unanswered():
            return unknown(of.name, answer)
        case NoName() | NoRecord() if of.target:
            return _WRONG(f"{of.name} leads to {of.target}, where there is no key.", fix)
        case NoName() | NoRecord():
            return _MISSING(f"{of.name} has no key: {none_there(answer)}.", fix)
        case Found(records=(text,)):
            return _judge_text(of, text, fix)
        case Found(records=records):
            return _WRONG(f"At {of.name} there are {len(records)} TXT records instead of one.", fix)


def _judge_text(of: Selector, text: str, fix: tuple[str, ...]) -> Opinion:
    bits = bits_of(text)
    if isinstance(bits, NoKey):
        return _WRONG(f"The key at {of.name} is none: {bits.why}.", fix)
    if bits < BITS:
        return _WRONG(f"The key at {of.name} has {bits} bits; {BITS} are needed.", fix)
    return Opinion(Status.OK, f"The key at {of.name} has {bits} bits.")


@dataclass(frozen=True, slots=True)
class NoKey:
    why: str  # a sentence's end


def bits_of(text: str) -> int | NoKey:
    """How long the RSA key is that a TXT record has."""
    tags = tags_of(text)
    if tags.fault:
        return NoKey(tags.fault)
    if "v" in tags.by_name and (tags.first != "v" or tags.get("v") != "DKIM1"):
        return NoKey("it does not begin with v=DKIM1")
    if tags.get("k", "rsa") != "rsa":
        return NoKey(f"it is of the kind {shown(tags.get('k'), 20)}, not rsa")
    if "p" not in tags.by_name:
        return NoKey("it has no p=")
    if not tags.get("p"):
        return NoKey("its p= is empty, which revokes it")
    return _bits("".join(tags.get("p").split()))


def _bits(spelled: str) -> int | NoKey:
    try:
        key = load_der_public_key(base64.b64decode(spelled, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return NoKey("its p= can't be read")
    return key.key_size if isinstance(key, RSAPublicKey) else NoKey("its p= is no RSA key")


def renewal(domain: str, region: str) -> str:
    """The command by which SES makes new keys, of the length that is needed."""
    at = f" --region {region}" if region else ""
    attributes = "NextSigningKeyLength=RSA_2048_BIT"
    return (
        f"aws sesv2 put-email-identity-dkim-signing-attributes --email-identity {domain}"
        f" --signing-attributes-origin AWS_SES --signing-attributes {attributes}{at}"
    )
