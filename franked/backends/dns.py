"""Questions to the domain name system: the machine's resolvers or others, over UDP, or TCP where that is too short."""

import asyncio
from collections.abc import Sequence

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from franked.rules.dns import Answer, Found, NoName, NoRecord, Resolver, Silence, Type, Unanswered

WITHIN, EACH = 8.0, 2.5  # seconds: for one question in all, for one resolver
MOST_RECORDS, LONGEST = 100, 4096
_PAYLOAD = 1232  # what goes through every network in one piece: https://www.dnsflagday.net/2020/
_SAID = {dns.rcode.SERVFAIL: Silence.SERVFAIL, dns.rcode.REFUSED: Silence.REFUSED, dns.rcode.NOTIMP: Silence.REFUSED}


class Resolvers:
    """The port `Dns`. One that fails is not asked again for this question; the next one is."""

    def __init__(self, resolvers: Sequence[Resolver] = (), within: float = WITHIN, each: float = EACH) -> None:
        """`resolvers`: none named are the machine's own."""
        self._named, self._within, self._each = tuple(resolvers), within, each

    async def look_up(self, name: str, type: Type) -> Answer:
        try:
            asked = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return Unanswered(Silence.NO_NAME)
        if asked == dns.name.root:
            return Unanswered(Silence.NO_NAME)
        try:
            async with asyncio.timeout(self._within):
                return await self._asked(asked, type)
        except TimeoutError:
            return Unanswered(Silence.TIMEOUT)

    async def _asked(self, name: dns.name.Name, type: Type) -> Answer:
        answer: Answer = Unanswered(Silence.NOBODY)
        for resolver in self._resolvers():
            answer = await self._ask(resolver, name, type)
            if not isinstance(answer, Unanswered):
                break
        return answer

    def _resolvers(self) -> Sequence[Resolver]:
        if self._named:
            return self._named
        try:
            system = dns.resolver.Resolver()
        except (dns.exception.DNSException, OSError):
            return ()
        return [Resolver(str(address), system.port) for address in system.nameservers]

    async def _ask(self, resolver: Resolver, name: dns.name.Name, type: Type) -> Answer:
        question = dns.message.make_query(name, type.value, use_edns=0, payload=_PAYLOAD)
        try:
            said, _ = await dns.asyncquery.udp_with_fallback(
                question, resolver.address, self._each, resolver.port, ignore_unexpected=True, ignore_errors=True
            )
            return _answer(said)
        except dns.exception.Timeout:
            return Unanswered(Silence.TIMEOUT)
        except (dns.exception.DNSException, ValueError, EOFError):
            return Unanswered(Silence.MALFORMED)
        except OSError:
            return Unanswered(Silence.NOBODY)


def _answer(said: dns.message.Message) -> Answer:
    """Raises DNSException for what is no answer to a question."""
    code = said.rcode()
    if code not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return Unanswered(_SAID.get(code, Silence.MALFORMED))
    if not isinstance(said, dns.message.QueryMessage):
        return Unanswered(Silence.MALFORMED)
    chain = said.resolve_chaining()
    aliases = tuple(_host(alias[0].target) for alias in chain.cnames)
    if code == dns.rcode.NXDOMAIN:
        return NoName(aliases)
    if chain.answer is None:
        leads_on = not said.flags & (dns.flags.RA | dns.flags.AA)
        return Unanswered(Silence.REFUSED) if leads_on else NoRecord(aliases)
    if len(chain.answer) > MOST_RECORDS:
        return Unanswered(Silence.TOO_LARGE)
    records = tuple(sorted(map(_spelled, chain.answer)))  # they come in any order
    return Found(records, aliases) if max(map(len, records)) <= LONGEST else Unanswered(Silence.TOO_LARGE)


def _spelled(record: Rdata) -> str:
    match record:
        case TXT():
            return b"".join(record.strings).decode("utf-8", "replace")
        case MX():
            return f"{record.preference} {_host(record.exchange)}"
        case CNAME():
            return _host(record.target)
        case _:
            return record.to_text()


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=name != dns.name.root).lower()
