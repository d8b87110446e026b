"""What the sending domains publish: DKIM, MAIL FROM, SPF, DMARC, MX, BIMI."""

import asyncio
from collections.abc import Sequence

from franked.access.checks.notes import Clock, Notes
from franked.outside import Dns
from franked.rules.dns import Answer, Found, NoName, NoRecord, Type
from franked.rules.domain import dkim as rule
from franked.rules.domain.opinion import Opinion, together
from franked.rules.finding import Finding, Status

_DKIM = "Without a signature of your own domain, mail is taken for forged, and SES does not let the domain send."


async def dkim(domain: str, tokens: Sequence[str], hosted_zone: str, dns: Dns, now: Clock, region: str = "") -> Finding:
    """`tokens`, `hosted_zone`: as SES has them; without a zone the tokens are selectors of your own keys."""
    notes = Notes(dns, now)
    wanted = rule.selectors(domain, tokens, hosted_zone)
    if not wanted:
        missing = Opinion(Status.MISSING, f"SES has no DKIM tokens for {domain}.", (rule.renewal(domain, region),))
        return notes.finding("dkim", domain, missing, _DKIM)
    opinions = await asyncio.gather(*(_selector(one, domain, rule.renewal(domain, region), notes) for one in wanted))
    ok = f"{len(wanted)} keys of at least {rule.BITS} bits are published for {domain}."
    return notes.finding("dkim", domain, together(opinions, ok), _DKIM)


async def _selector(of: rule.Selector, domain: str, renew: str, notes: Notes) -> Opinion:
    if of.target:
        alias = await notes.ask(of.name, Type.CNAME)
        if opinion := rule.judge_alias(of, alias, *await _instead(of, domain, alias, notes)):
            return opinion
    return rule.judge_key(of, await notes.ask(of.name, Type.TXT), renew)


async def _instead(of: rule.Selector, domain: str, alias: Answer, notes: Notes) -> tuple[Answer, Answer]:
    """What stands where a CNAME that is not there may have gone."""
    if isinstance(alias, Found) or not isinstance(alias, NoName | NoRecord):
        return NoName(), NoName()
    return await notes.ask(rule.doubled(of.name, domain), Type.CNAME), await notes.ask(of.name, Type.A)
