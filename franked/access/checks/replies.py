"""Whether somebody can answer: the MX of the domains of From and Reply-To."""

import asyncio

from franked.access.checks.notes import Clock, Notes
from franked.outside import Dns
from franked.rules.dns import Answer, Found, Type
from franked.rules.domain import mail_exchange as rule
from franked.rules.finding import Finding

WHY = "People answer mail, and providers and AWS write to its domain: what cannot be answered looks forged."


async def mx(domain: str, dns: Dns, now: Clock) -> Finding:
    notes = Notes(dns, now)
    answer = await notes.ask(domain, Type.MX)
    hosts = rule.worth_asking(answer)
    addresses = await asyncio.gather(*(_address(host, notes) for host in hosts))
    opinion = rule.judge(domain, answer, dict(zip(hosts, addresses, strict=True)))
    return notes.finding("mx", domain, opinion, WHY)


async def _address(host: str, notes: Notes) -> Answer:
    by_v4 = await notes.ask(host, Type.A)
    return by_v4 if isinstance(by_v4, Found) else await notes.ask(host, Type.AAAA)
