"""The MX of a domain that people answer to."""

from collections.abc import Mapping, Sequence

from franked.rules.dns import Answer, Found, NoName, NoRecord, Unanswered, mx_of
from franked.rules.domain.lines import remark
from franked.rules.domain.opinion import Opinion, none_there, shown, unknown
from franked.rules.finding import Status

MOST_HOSTS = 5  # that are looked up


def hosts_of(answer: Answer) -> Sequence[str]:
    """Where mail goes, best first; "." is nowhere (RFC 7505)."""
    if not isinstance(answer, Found):
        return ()
    return [host for _, host in sorted(mx_of(record) for record in answer.records)]


def worth_asking(answer: Answer) -> Sequence[str]:
    return [host for host in hosts_of(answer) if host != "."][:MOST_HOSTS]


def judge(domain: str, answer: Answer, addresses: Mapping[str, Answer]) -> Opinion:
    """`addresses`: what the A or AAAA of those worth asking said."""
    fix = (remark(f"{domain}. IN MX 10 and the host of whoever keeps your mailboxes"),)
    match answer:
        case Unanswered():
            return unknown(domain, answer)
        case NoName() | NoRecord():
            found = f"{domain} has no MX: {none_there(answer)}. Whoever answers its mail gets an error."
            return Opinion(Status.MISSING, found, fix)
        case Found():
            return _judge_hosts(domain, hosts_of(answer), addresses, fix)


def _judge_hosts(domain: str, hosts: Sequence[str], addresses: Mapping[str, Answer], fix: tuple[str, ...]) -> Opinion:
    if "." in hosts:
        found = f"{domain} says that it takes no mail (an MX of `.`): some receivers refuse mail from such a domain."
        return Opinion(Status.WRONG, found, fix)
    if any(isinstance(answer, Found) for answer in addresses.values()):
        return Opinion(Status.OK, f"{domain} takes mail at {shown(hosts[0])}.")
    silent = [(host, answer) for host, answer in addresses.items() if isinstance(answer, Unanswered)]
    if silent:
        return unknown(*silent[0])
    return Opinion(Status.WRONG, f"No MX of {domain} has an address: {shown(', '.join(hosts))}.", fix)
