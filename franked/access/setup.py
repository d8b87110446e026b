"""What AWS has for us is read, what is missing is planned, made on request, and waited for while the DNS spreads it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from franked.access.covers import covers
from franked.outside import Control, ControlUnreadable, Dns
from franked.ports import Gauges, GaugesUnreadable
from franked.rules.at_aws import FAILED, SUCCESS, SesIdentity, SesSet
from franked.rules.dashboard import dashboard_name
from franked.rules.dns import Type
from franked.rules.dns_needed import covering
from franked.rules.domain.dmarc import name_at, places, records_of
from franked.rules.gauge import PREFIX
from franked.rules.planning import planned
from franked.rules.steps import NewAlarms, Part, Todo, part_of
from franked.rules.wanted import DEAD, Found, Plan, Wanted

T = TypeVar("T")
Tell = Callable[[str], None]

LOOK_EVERY = timedelta(seconds=20)
PATIENCE = 5


def untold(_: str) -> None:
    """Where nobody watches."""


async def plan(wanted: Wanted, control: Control, tell: Tell = untold, dns: Dns | None = None) -> Plan:
    """`tell` hears what is being read. `dns`: is asked which domains have a DMARC record. Raises ControlUnreadable
    where AWS knows nobody of these credentials; what else can't be read is a trouble of its part of the plan."""
    found = await _found(wanted, control, tell)
    return planned(wanted, replace(found, policies=await _policies(wanted.domains, dns)) if dns else found)


# --- read -------------------------------------------------------------------------------------------------------------


async def _found(wanted: Wanted, control: Control, tell: Tell) -> Found:
    tell("whose account this is")
    found = Found(await control.caller())
    reads: Mapping[Part, Callable[[], Awaitable[Found]]] = {
        Part.ACCOUNT: lambda: _account(found, control),
        Part.IDENTITIES: lambda: _identities(wanted, found, control),
        Part.EVENTS: lambda: _events(wanted, found, control),
        Part.WATCHING: lambda: _watching(wanted, found, control),
    }
    for part, read in reads.items():
        tell(part.value)
        try:
            found = await read()
        except ControlUnreadable as error:
            found = replace(found, troubles={**found.troubles, part: str(error)})
    return found


async def _account(found: Found, control: Control) -> Found:
    return replace(found, account=await control.account())


async def _identities(wanted: Wanted, found: Found, control: Control) -> Found:
    """Those that cover the domains, and the addresses."""
    identities: dict[str, SesIdentity] = {}
    for domain in wanted.domains:
        if identity := await covers(domain, control):
            identities[identity.name] = identity
    for address in dict.fromkeys((*wanted.addresses, *wanted.asked)):
        if identity := await control.identity(address):
            identities[address] = identity
    return replace(found, identities=identities)


async def _events(wanted: Wanted, found: Found, control: Control) -> Found:
    sets: dict[str, SesSet] = {}
    for name in dict.fromkeys(wanted.sets.values()):
        if there := await control.configuration_set(name):
            sets[name] = there
    queue = wanted.queue
    return replace(
        found,
        topic=await control.topic(wanted.topic_of(found.number)),
        queue=await control.queue(queue) if queue else None,
        dead=await control.queue(DEAD.format(queue)) if queue else None,
        sets=sets,
    )


async def _policies(domains: Sequence[str], dns: Dns) -> frozenset[str]:
    """A second record would end the first, and one below it would take its place."""
    return frozenset([domain for domain in domains if await _has_policy(domain, dns)])


async def _has_policy(domain: str, dns: Dns) -> bool:
    return any([records_of(await dns.look_up(name_at(at), Type.TXT)) for at in places(domain)])


async def _watching(wanted: Wanted, found: Found, control: Control) -> Found:
    alarms = await control.alarms(f"{PREFIX}-")
    there = await control.dashboard(dashboard_name(wanted.sender)) is not None
    return replace(found, alarms=alarms, has_dashboard=there)


# --- make -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """`failure`: why a step was not done, with the call and the permission that is missing; "": it was."""

    step: Todo
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who makes it: the alarms are the gauges' to keep."""

    control: Control
    gauges: Gauges
    alarm_topic: str | None = None


async def apply(todo: Sequence[Todo], wanted: Wanted, hands: Hands, tell: Callable[[Done], None]) -> list[Done]:
    """In order. Of a part in which one step failed the rest is left: it builds on it."""
    failed: set[Part] = set()
    done: list[Done] = []
    for step in todo:
        if part_of(step) in failed:
            one = Done(step, "left: what it builds on is missing")
        else:
            one = Done(step, await _made(step, wanted, hands))
        failed |= {part_of(step)} if one.failure else set()
        done.append(one)
        tell(one)
    return done


async def _made(step: Todo, wanted: Wanted, hands: Hands) -> str:
    try:
        if isinstance(step, NewAlarms):
            rate = (await hands.control.account()).rate
            await hands.gauges.keep_alarms(wanted.alarms(rate), hands.alarm_topic)
        else:
            await hands.control.take(step)
    except ControlUnreadable as error:
        return str(error)
    except GaugesUnreadable as error:
        return f"{step.call}: {error}"
    return ""


# --- wait -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What SES sees of the DNS by now: of each thing that it looks for, its word."""

    of: tuple[tuple[str, str], ...]

    @property
    def is_all_there(self) -> bool:
        return all(status == SUCCESS for _, status in self.of)

    @property
    def is_given_up(self) -> bool:
        """SES looks for 72 hours."""
        return any(status == FAILED for _, status in self.of)


async def seen(wanted: Wanted, control: Control) -> Seen:
    """Raises ControlUnreadable."""
    found = await _identities(replace(wanted, addresses=(), asked=()), Found(""), control)
    told: dict[str, str] = {}
    for domain in wanted.domains:
        identity = covering(domain, found.identities)
        if identity is None:
            told[f"identity {domain}"] = "NOT_STARTED"
            continue
        told[f"DKIM of {identity.name}"] = identity.dkim.status
        if identity.mail_from:
            told[f"MAIL FROM {identity.mail_from.domain}"] = identity.mail_from.status
    return Seen(tuple(told.items()))


async def wait(
    wanted: Wanted, control: Control, sleep: Callable[[float], Awaitable[None]], tell: Callable[[Seen], None]
) -> Seen:
    """Until SES has seen all records, or has given up looking. Raises ControlUnreadable, once AWS has not answered
    `PATIENCE` times on end, or not to these credentials."""
    unanswered = 0
    while True:
        try:
            now = await seen(wanted, control)
        except ControlUnreadable as error:
            unanswered += 1
            if error.is_denied or unanswered == PATIENCE:
                raise
        else:
            unanswered = 0
            tell(now)
            if now.is_all_there or now.is_given_up:
                return now
        await sleep(LOOK_EVERY.total_seconds())
