"""Asks the domain name system, and notes what it said: the evidence of a finding."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from franked.outside import Dns
from franked.rules.dns import Answer, Found, NoName, NoRecord, Type, Unanswered
from franked.rules.domain.opinion import Opinion, shown
from franked.rules.finding import Evidence, Finding

MOST, MOST_OF_ONE, LONGEST = 40, 10, 500
_KEY = re.compile(r"[A-Za-z0-9+/=]{100,}")
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Notes:
    dns: Dns
    now: Clock
    evidence: list[Evidence] = field(default_factory=list)

    async def ask(self, name: str, type: Type, begins: str = "") -> Answer:
        """`begins`: only records that begin so are evidence; a domain's TXT records say much else."""
        answer = await self.dns.look_up(name, type)
        at = self.now()
        self.evidence += [Evidence(f"{type} {name}", said, at) for said in _said(answer, begins)]
        return answer

    def finding(self, key: str, of: str, opinion: Opinion, why: str, *, is_required: bool = True) -> Finding:
        return Finding(
            key, opinion.status, opinion.found, of, tuple(self.evidence[:MOST]), why, opinion.fix, is_required
        )


def _short(record: str) -> str:
    """A key in it is told by its ends."""
    return _KEY.sub(lambda key: f"{key[0][:12]}…{key[0][-12:]}", record)


def _said(answer: Answer, begins: str) -> list[str]:
    match answer:
        case Found(records=records, aliases=aliases):
            shows = [one for one in records if one.casefold().startswith(begins)][:MOST_OF_ONE]
            way = "".join(f"at {alias}: " for alias in aliases)
            return [shown(way + _short(one), LONGEST) for one in shows] or [
                f"{len(records)} records, none begins with {begins}"
            ]
        case NoName():
            return ["no such name"]
        case NoRecord():
            return ["no such record"]
        case Unanswered(why=why):
            return [f"unanswered: {why}"]
