"""Which records must be in the DNS, named exactly as SES names them, and which identity covers a domain."""

from collections.abc import Iterator, Mapping

from franked.rules.at_aws import Record, SesIdentity
from franked.rules.domain.mail_from import PREFERENCE, SPF, host_in
from franked.rules.wanted import Found, Published, Wanted


def candidates(domain: str) -> tuple[str, ...]:
    """Identities that would cover it, the nearest first: a verified parent does as well."""
    labels = domain.split(".")
    names = tuple(".".join(labels[start:]) for start in range(max(1, len(labels) - 1)))
    return names if len(names) <= 4 else (*names[:2], *names[-2:])  # a call each


def covering(domain: str, identities: Mapping[str, SesIdentity]) -> SesIdentity | None:
    """The nearest that is there; of the parents only one that is verified."""
    own = identities.get(domain)
    parents = (identities.get(name) for name in candidates(domain)[1:])
    return own or next((one for one in parents if one and one.verified), None)


def records(wanted: Wanted, found: Found) -> Iterator[Published]:
    """Of the identities that are there: their names and values are SES's."""
    covers = (covering(domain, found.identities) for domain in wanted.domains)
    for identity in {one.name: one for one in covers if one}.values():
        yield from (Published(one, identity.dkim.status) for one in identity.dkim_records)
        if identity.mail_from:
            for one in mail_from_records(identity.mail_from.domain, wanted.region):
                yield Published(one, identity.mail_from.status)
    for domain in wanted.domains:
        if domain not in found.policies:
            yield Published(dmarc_record(domain, wanted.reports_to))


def mail_from_records(domain: str, region: str) -> tuple[Record, Record]:
    return Record(domain, "MX", f"{PREFERENCE} {host_in(region)}"), Record(domain, "TXT", SPF)


def dmarc_record(domain: str, reports_to: str | None) -> Record:
    """To begin with: nothing is refused. Reports go to an address of the same organisation only; another's would have
    to agree in its own DNS (RFC 7489, 7.1)."""
    theirs = (reports_to or "").rpartition("@")[2]
    is_near = theirs and (domain == theirs or domain.endswith(f".{theirs}") or theirs.endswith(f".{domain}"))
    rua = f"; rua=mailto:{reports_to}" if is_near else ""
    return Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none{rua}")
