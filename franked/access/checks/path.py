"""The way that mail takes out of SES: the MAIL FROM domain and its SPF."""

from collections.abc import Collection

from franked.access.checks.notes import Clock, Notes
from franked.outside import Dns
from franked.rules.dns import Type
from franked.rules.domain import mail_from as rule
from franked.rules.domain.opinion import together
from franked.rules.domain.spf import VERSION
from franked.rules.domain.spf_opinion import judge_own, judge_path
from franked.rules.domain.spf_walk import Tally, walk
from franked.rules.finding import Finding

MAIL_FROM = "With a MAIL FROM domain of your own, bounces come back under your name and SPF counts for DMARC."
SPF = "Receivers ask the MAIL FROM domain whether SES may send for it, and stop at ten look-ups."
OWN_SPF = "SES needs no SPF at the From domain, but a broken one there harms whatever else the domain sends."


async def mail_from(domain: str, name: str, region: str, dns: Dns, now: Clock, in_use: Collection[str] = ()) -> Finding:
    """`name`: the MAIL FROM domain as SES has it, "" for none. `in_use`: domains of From and Reply-To addresses."""
    notes = Notes(dns, now)
    if not name:
        return notes.finding("mail_from", domain, rule.judge_none(domain, region), MAIL_FROM)
    place = rule.judge_place(name, domain, region, in_use)
    mx = rule.judge_mx(name, region, await notes.ask(name, Type.MX))
    return notes.finding("mail_from", domain, together([place, mx], mx.found), MAIL_FROM)


async def spf(name: str, dns: Dns, now: Clock) -> Finding:
    """Of the MAIL FROM domain."""
    notes = Notes(dns, now)
    return notes.finding("spf", name, judge_path(name, await _walked(name, notes)), SPF)


async def own_spf(domain: str, dns: Dns, now: Clock) -> Finding:
    """Of a From domain: informative."""
    notes = Notes(dns, now)
    opinion = judge_own(domain, await _walked(domain, notes))
    return notes.finding("own_spf", domain, opinion, OWN_SPF, is_required=False)


async def _walked(domain: str, notes: Notes) -> Tally:
    walking = walk(domain)
    name, type = next(walking)
    try:
        while True:
            name, type = walking.send(await notes.ask(name, type, VERSION if type is Type.TXT else ""))
    except StopIteration as end:
        tally: Tally = end.value
        return tally
