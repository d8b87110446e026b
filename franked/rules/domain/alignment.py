"""Whether what signs and what bounces belongs to the From domain, as DMARC counts it."""

from franked.rules.domain.dmarc import Policy
from franked.rules.domain.mail_from import setting_up
from franked.rules.domain.opinion import Opinion
from franked.rules.domain.organisation import organisational
from franked.rules.finding import Status


def judge_dkim(domain: str, signed_by: str, policy: Policy | None, region: str) -> Opinion:
    """`signed_by`: the identity at SES, whose name a signature bears. Without a policy, the relaxed mode counts."""
    ours = f"aws sesv2 create-email-identity --email-identity {domain} --region {region}"
    if organisational(domain) != organisational(signed_by):
        found = f"Mail from {domain} is signed by {signed_by}, which is another organisation's domain."
        return Opinion(Status.WRONG, found, (ours,))
    if policy and policy.is_strict("adkim") and domain != signed_by:
        found = f"Mail from {domain} is signed by {signed_by}, and the DMARC record wants the very same (adkim=s)."
        return Opinion(Status.WRONG, found, (policy.with_tags(adkim="r"),))
    return Opinion(Status.OK, f"Mail from {domain} is signed by {signed_by}, which DMARC counts as the same.")


def judge_spf(domain: str, mail_from: str, policy: Policy | None, signed_by: str, region: str) -> Opinion:
    if not mail_from:
        found = f"Bounces of {domain} go to amazonses.com: SPF passes, and DMARC does not count it."
        return Opinion(Status.MISSING, found, setting_up(signed_by, region))
    if organisational(domain) != organisational(mail_from):
        found = f"The MAIL FROM domain {mail_from} is another organisation's than {domain}."
        return Opinion(Status.WRONG, found, setting_up(signed_by, region))
    if policy and policy.is_strict("aspf") and domain != mail_from:
        found = f"{mail_from} is a subdomain, and the DMARC record wants the very domain of the From (aspf=s)."
        return Opinion(Status.WRONG, found, (policy.with_tags(aspf="r"),))
    return Opinion(Status.OK, f"The MAIL FROM domain {mail_from} counts as the same as {domain}.")
