"""What the simulated SES sees of the DNS: it asks the resolvers that the checks ask."""

import asyncio
from collections.abc import Sequence

from franked.backends.dns import Resolvers
from franked.outside import Dns
from franked.rules import dns as rules
from franked.rules.at_aws import Record
from franked.rules.dns import Found, Type, Unanswered


def sees_dns(resolvers: Sequence[rules.Resolver]) -> "SeesDns":
    return SeesDns(Resolvers(tuple(resolvers)))


class SeesDns:
    """The port `Resolver`."""

    def __init__(self, dns: Dns) -> None:
        self._dns = dns

    async def has(self, records: Sequence[Record]) -> bool | None:
        answers = await asyncio.gather(*(self._dns.look_up(one.name, Type(one.kind)) for one in records))
        if any(isinstance(answer, Unanswered) for answer in answers):
            return None
        return all(
            isinstance(answer, Found) and one.value.casefold() in {said.casefold() for said in answer.records}
            for one, answer in zip(records, answers, strict=True)
        )
