"""The custom MAIL FROM: where bounces go, and the domain whose SPF is looked at."""

import re
from collections.abc import Collection

from franked.rules.dns import Answer, Found, NoName, NoRecord, Unanswered, mx_of
from franked.rules.domain.lines import mx_line, remark, txt_line
from franked.rules.domain.opinion import Opinion, none_there, shown, unknown
from franked.rules.domain.organisation import is_below
from franked.rules.finding import Status

PREFERENCE = 10
SPF = "v=spf1 include:amazonses.com ~all"
_OF_SES = re.compile(r"feedback-smtp\.([a-z0-9-]{1,40})\.amazonses\.com(?:\.cn)?")


def host_in(region: str) -> str:
    return f"feedback-smtp.{region}.amazonses.com"


def proposed(domain: str) -> str:
    """A name for it, where none is set."""
    return f"bounce.{domain}"


def command(domain: str, mail_from: str, region: str) -> str:
    return (
        f"aws sesv2 put-email-identity-mail-from-attributes --email-identity {domain}"
        f" --mail-from-domain {mail_from} --region {region}"
    )


def setting_up(domain: str, region: str) -> tuple[str, ...]:
    """All that a domain without one needs, in order."""
    name = proposed(domain)
    return mx_line(name, PREFERENCE, host_in(region)), txt_line(name, SPF), command(domain, name, region)


def judge_none(domain: str, region: str) -> Opinion:
    found = f"{domain} has no MAIL FROM domain of its own: bounces go to amazonses.com, and SPF is not aligned."
    return Opinion(Status.MISSING, found, setting_up(domain, region))


def judge_place(mail_from: str, domain: str, region: str, in_use: Collection[str]) -> Opinion:
    """It is a name below the identity's, at which nobody writes or reads."""
    if not is_below(mail_from, domain):
        found = f"The MAIL FROM domain {mail_from} is not a subdomain of {domain}."
    elif mail_from.casefold() in {name.casefold() for name in in_use}:
        found = f"The MAIL FROM domain {mail_from} is also the domain of a From or Reply-To address."
    else:
        return Opinion(Status.OK, f"{mail_from} is a subdomain of {domain}.")
    return Opinion(Status.WRONG, found, setting_up(domain, region))


def judge_mx(mail_from: str, region: str, answer: Answer) -> Opinion:
    line = mx_line(mail_from, PREFERENCE, host_in(region))
    match answer:
        case Unanswered():
            return unknown(mail_from, answer)
        case NoName() | NoRecord():
            return Opinion(Status.MISSING, f"{mail_from} has no MX: {none_there(answer)}.", (line,))
        case Found(records=(record,)):
            return _judge_one(mail_from, region, record, line)
        case Found(records=records):
            found = f"{mail_from} has {len(records)} MX records; SES takes exactly one."
            return Opinion(Status.WRONG, found, (line, remark(f"and take away every other MX of {mail_from}")))


def _judge_one(mail_from: str, region: str, record: str, line: str) -> Opinion:
    preference, host = mx_of(record)
    elsewhere = _OF_SES.fullmatch(host)
    if elsewhere and elsewhere[1] != region:
        found = f"The MX of {mail_from} leads to SES in {elsewhere[1]}; mail is sent from {region}."
    elif host != host_in(region):
        found = f"The MX of {mail_from} leads to {shown(host)} instead of {host_in(region)}."
    elif preference != PREFERENCE:
        found = f"The MX of {mail_from} has the preference {preference}; SES asks for {PREFERENCE}."
    else:
        return Opinion(Status.OK, f"{mail_from} has the one MX that SES asks for in {region}.")
    return Opinion(Status.WRONG, found, (line,))
