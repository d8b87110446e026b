"""BIMI: the sender's logo beside its mail. Good to have, and no promise stands on it."""

from franked.rules.dns import Answer, Found, NoName, NoRecord, Unanswered
from franked.rules.domain.dmarc import Policy, name_at
from franked.rules.domain.lines import remark
from franked.rules.domain.opinion import Opinion, shown, unknown
from franked.rules.domain.tags import tags_of
from franked.rules.finding import Status


def name_of(domain: str) -> str:
    return f"default._bimi.{domain}"


def judge(domain: str, at: str, answer: Answer, policy: Policy | None) -> Opinion:
    """`at`: the domain below which was looked last."""
    fix = (remark(f'{name_of(at)}. IN TXT "v=BIMI1; l=https://…/logo.svg; a=https://…/mark.pem"'),)
    match answer:
        case Unanswered():
            return unknown(name_of(at), answer)
        case NoName() | NoRecord():
            return Opinion(Status.MISSING, f"{domain} shows no logo (BIMI).", fix)
        case Found(records=records):
            return _judge_texts(domain, at, records, policy, fix)


def _judge_texts(
    domain: str, at: str, records: tuple[str, ...], policy: Policy | None, fix: tuple[str, ...]
) -> Opinion:
    texts = [text for text in records if text.replace(" ", "").startswith("v=BIMI1")]
    if len(texts) != 1:
        found = f"At {name_of(at)} there are {len(texts)} BIMI records instead of one."
        return Opinion(Status.WRONG if texts else Status.MISSING, found, fix)
    if fault := _fault(texts[0]):
        return Opinion(Status.WRONG, f"The BIMI record at {name_of(at)} does not hold: {fault}.", fix)
    return _judge_policy(domain, policy) or Opinion(Status.OK, f"{domain} shows a logo (BIMI).")


def _fault(text: str) -> str:
    tags = tags_of(text)
    if tags.fault:
        return tags.fault
    logo, mark = tags.get("l"), tags.get("a")
    if not logo.startswith("https://") or not logo.casefold().endswith(".svg"):
        return f"l={shown(logo, 60)} is no https:// address of an .svg"
    return "" if not mark or mark.startswith("https://") else "a= is no https:// address"


def _judge_policy(domain: str, policy: Policy | None) -> Opinion | None:
    """Who shows logos asks for a policy that bites."""
    if policy and policy.applied(domain) in {"quarantine", "reject"} and policy.tags.get("pct", "100") == "100":
        return None
    if policy is None:
        fix = remark(f"first a DMARC record that holds, at {name_at(domain)}")
    else:
        which = "sp" if domain != policy.at and "sp" in policy.tags.by_name else "p"
        fix = policy.with_tags(**{"pct": "100", which: "quarantine"})
    found = f"A logo is shown only where DMARC says quarantine or reject for all mail; for {domain} it does not."
    return Opinion(Status.WRONG, found, (fix,))
