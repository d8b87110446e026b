"""DMARC: what the From domain tells receivers to do, and whether our mail passes; BIMI, which builds on it."""

import asyncio
from collections.abc import Sequence

from franked.access.checks.notes import Clock, Notes
from franked.outside import Dns
from franked.rules.dns import Answer, Found, Type, Unanswered
from franked.rules.domain import alignment
from franked.rules.domain import bimi as logo
from franked.rules.domain import dmarc as rule
from franked.rules.domain.dmarc import Policy
from franked.rules.domain.opinion import Opinion, unknown
from franked.rules.domain.organisation import organisational
from franked.rules.finding import Finding, Status

DMARC = "Gmail, Yahoo and Microsoft ask whoever sends in bulk for a DMARC record at the From domain."
ALIGNED = "DMARC passes only where the domain that signed, or the one that bounces go to, belongs to the From."
BIMI = "Some mailboxes show the sender's logo beside its mail."


async def dmarc(domain: str, dns: Dns, now: Clock, elsewhere: Sequence[str] = (), reports_to: str = "") -> Finding:
    """`domain`: of the From. `elsewhere`: other names of ours at which a record may stand by mistake."""
    notes = Notes(dns, now)
    return notes.finding("dmarc", domain, await _judged(domain, elsewhere, reports_to, notes), DMARC)


async def dkim_alignment(domain: str, signed_by: str, region: str, dns: Dns, now: Clock) -> Finding:
    notes = Notes(dns, now)
    policy = await _policy(domain, notes)
    opinion = alignment.judge_dkim(domain, signed_by, None if isinstance(policy, Opinion) else policy, region)
    return notes.finding("dkim_alignment", domain, _in_doubt(opinion, policy), ALIGNED)


async def spf_alignment(domain: str, mail_from: str, signed_by: str, region: str, dns: Dns, now: Clock) -> Finding:
    """Good to have: DKIM alone is enough for DMARC."""
    notes = Notes(dns, now)
    policy = await _policy(domain, notes)
    known = None if isinstance(policy, Opinion) else policy
    opinion = alignment.judge_spf(domain, mail_from, known, signed_by, region)
    return notes.finding("spf_alignment", domain, _in_doubt(opinion, policy), ALIGNED, is_required=False)


async def bimi(domain: str, dns: Dns, now: Clock) -> Finding:
    notes = Notes(dns, now)
    policy = await _policy(domain, notes)
    at, answer = domain, await notes.ask(logo.name_of(domain), Type.TXT)
    if not isinstance(answer, Found | Unanswered) and at != organisational(domain):
        at = organisational(domain)
        answer = await notes.ask(logo.name_of(at), Type.TXT)
    known = None if isinstance(policy, Opinion) else policy
    opinion = _in_doubt(logo.judge(domain, at, answer, known), policy)
    return notes.finding("bimi", domain, opinion, BIMI, is_required=False)


def _in_doubt(opinion: Opinion, policy: Policy | Opinion | None) -> Opinion:
    """What stands only if the record that nobody told is a mild one is not known."""
    return policy if isinstance(policy, Opinion) and opinion.status is Status.OK else opinion


async def _judged(domain: str, elsewhere: Sequence[str], reports_to: str, notes: Notes) -> Opinion:
    for at in rule.places(domain):
        answer = await _asked(at, notes)
        if isinstance(answer, Unanswered):
            return unknown(rule.name_at(at), answer)
        if texts := rule.records_of(answer):
            return rule.judge_record(at, texts, domain)
        if near := rule.near_misses(answer):
            return rule.judge_near_miss(at, near[0])
    return rule.judge_absence(domain, await _strays(domain, elsewhere, notes), reports_to)


async def _policy(domain: str, notes: Notes) -> Policy | Opinion | None:
    """None: none holds. An opinion: nobody knows."""
    for at in rule.places(domain):
        answer = await _asked(at, notes)
        if isinstance(answer, Unanswered):
            return unknown(rule.name_at(at), answer)
        if texts := rule.records_of(answer):
            return rule.policy_of(at, texts)
    return None


async def _strays(domain: str, elsewhere: Sequence[str], notes: Notes) -> list[str]:
    """Where a record stands that was meant for this domain."""
    names = [*rule.places(domain), *(rule.name_at(f"{at}.{at}") for at in rule.places(domain))]
    names += [rule.name_at(at) for at in elsewhere if at not in rule.places(domain)]
    answers = await asyncio.gather(*(notes.ask(name, Type.TXT, "v=dmarc1") for name in names))
    return [name for name, answer in zip(names, answers, strict=True) if rule.records_of(answer)]


async def _asked(at: str, notes: Notes) -> Answer:
    return await notes.ask(rule.name_at(at), Type.TXT)
