"""DKIM: whether the keys that SES signs with can be found."""

import asyncio
from collections.abc import Sequence

from franked.access.checks.notes import Clock, Notes
from franked.outside import Dns
from franked.rules.dns import Answer, Found, NoName, Type, Unanswered
from franked.rules.domain import dkim as rule
from franked.rules.domain.opinion import Opinion, together
from franked.rules.finding import Finding, Status

WHY = "Only mail that your own domain has signed passes DMARC by itself, and SES lets a domain send once it can sign."


async def dkim(domain: str, tokens: Sequence[str], hosted_zone: str, dns: Dns, now: Clock, region: str = "") -> Finding:
    """`tokens`, `hosted_zone`: as SES has them; without a zone the tokens are selectors of keys of your own."""
    notes, renew = Notes(dns, now), rule.renewal(domain, region)
    wanted = rule.selectors(domain, tokens, hosted_zone)
    if not wanted:
        missing = Opinion(Status.MISSING, f"SES has no DKIM tokens for {domain}.", (renew,))
        return notes.finding("dkim", domain, missing, WHY)
    opinions = await asyncio.gather(*(_selector(one, domain, renew, notes) for one in wanted))
    ok = f"All {len(wanted)} DKIM keys of {domain} are published, with {rule.BITS} bits or more."
    return notes.finding("dkim", domain, together(opinions, ok), WHY)


async def _selector(of: rule.Selector, domain: str, renew: str, notes: Notes) -> Opinion:
    if of.target:
        alias = await notes.ask(of.name, Type.CNAME)
        at_doubled, as_address = await _instead(of, domain, alias, notes)
        if opinion := rule.judge_alias(of, alias, at_doubled, as_address):
            return opinion
    return rule.judge_key(of, await notes.ask(of.name, Type.TXT), renew)


async def _instead(of: rule.Selector, domain: str, alias: Answer, notes: Notes) -> tuple[Answer, Answer]:
    """What stands where a CNAME that is not there may have gone."""
    at_doubled: Answer = NoName()
    if isinstance(alias, Found | Unanswered):
        return at_doubled, NoName()
    for name in rule.doubled(of.name, domain):
        if isinstance(at_doubled := await notes.ask(name, Type.CNAME), Found):
            break
    return at_doubled, await notes.ask(of.name, Type.A)
