"""What the sending domains publish: all checks of DNS, at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from franked.access.checks import path, policy, replies, signing
from franked.access.checks.notes import Clock
from franked.access.checks.path import mail_from, own_spf, spf
from franked.access.checks.policy import bimi, dkim_alignment, dmarc, spf_alignment
from franked.access.checks.replies import mx
from franked.access.checks.signing import dkim
from franked.access.checks.timely import WITHIN, Check, run_all
from franked.outside import Dns
from franked.rules.finding import Finding

__all__ = [
    "SendingDomain",
    "bimi",
    "dkim",
    "dkim_alignment",
    "dmarc",
    "domain_checks",
    "mail_from",
    "mx",
    "own_spf",
    "spf",
    "spf_alignment",
]


@dataclass(frozen=True, slots=True)
class SendingDomain:
    """A domain that mail comes from, and what SES and the settings say of it. Domains are in A-labels."""

    domain: str
    region: str
    dkim_tokens: tuple[str, ...] = ()
    hosted_zone: str = ""  # SES's SigningHostedZone; "" where the key is the domain's own
    mail_from: str = ""
    senders: tuple[str, ...] = ()  # domains of the From addresses that this identity signs for
    replies_to: tuple[str, ...] = ()  # domains of the Reply-To addresses
    reports_to: str = ""  # who gets DMARC's reports, where a record has yet to be made
    parent: str = ""  # the identity that signs for it; "": it is one itself

    @property
    def identity(self) -> str:
        return self.parent or self.domain

    @property
    def in_use(self) -> tuple[str, ...]:
        """Where people write from and to."""
        return tuple(dict.fromkeys([*self.senders, *self.replies_to]))


async def domain_checks(
    expected: Iterable[SendingDomain], dns: Dns, now: Clock, within: float = WITHIN
) -> Sequence[Finding]:
    """All of them at once. `within`: seconds, after which a check is unknown."""
    return await run_all((check for one in expected for check in _of(one, dns, now)), within)


def _of(one: SendingDomain, dns: Dns, now: Clock) -> Iterator[Check]:
    signed = partial(dkim, one.identity, one.dkim_tokens, one.hosted_zone, dns, now, one.region)
    yield Check("dkim", one.domain, signing.WHY, signed)
    bounced = partial(mail_from, one.identity, one.mail_from, one.region, dns, now, one.in_use)
    yield Check("mail_from", one.domain, path.MAIL_FROM, bounced)
    if one.mail_from:
        yield Check("spf", one.mail_from, path.SPF, partial(spf, one.mail_from, dns, now))
    for domain in one.senders:
        yield from _of_sender(domain, one, dns, now)
    for domain in one.in_use:
        yield Check("mx", domain, replies.WHY, partial(mx, domain, dns, now))


def _of_sender(domain: str, one: SendingDomain, dns: Dns, now: Clock) -> Iterator[Check]:
    strays = tuple(name for name in (one.identity, one.mail_from) if name)
    judged = partial(dmarc, domain, dns, now, strays, one.reports_to)
    by_dkim = partial(dkim_alignment, domain, one.identity, one.region, dns, now)
    by_spf = partial(spf_alignment, domain, one.mail_from, one.identity, one.region, dns, now)
    yield Check("dmarc", domain, policy.DMARC, judged)
    yield Check("dkim_alignment", domain, policy.ALIGNED, by_dkim)
    yield Check("spf_alignment", domain, policy.ALIGNED, by_spf, is_required=False)
    yield Check("own_spf", domain, path.OWN_SPF, partial(own_spf, domain, dns, now), is_required=False)
    yield Check("bimi", domain, policy.BIMI, partial(bimi, domain, dns, now), is_required=False)
