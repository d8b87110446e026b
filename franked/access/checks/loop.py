"""Whether what comes back is heard, whether somebody looks, and whether it was all tried."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from franked.access.checks.product import MISSING, OK, WRONG, own_streams
from franked.enquiry import Enquiry, Item
from franked.ports import World
from franked.rules.address import Address
from franked.rules.alarm import ADMIN_STREAMS
from franked.rules.canary import PROBES, Canary, Run, sentence
from franked.rules.canary import Step as CanaryStep
from franked.rules.finding import Evidence, Finding, Status
from franked.rules.message import State
from franked.rules.origin import Way
from franked.rules.pace import NO_QUOTA, Access
from franked.rules.request import REVIEWED_FOR, reviewed_at
from franked.rules.stream import Kind

FLY = ("franked canary --run",)


async def of_canary(world: World) -> Iterator[Finding]:
    canary, now = await world.store.canary(), world.now()
    return iter([*_heard(canary, now), _dropped(canary, now)])


def _heard(canary: Canary, now: datetime) -> Iterator[Finding]:
    run = canary.last
    for place, probe in enumerate(PROBES):
        if run is not None and run.step is CanaryStep.PASSED and canary.is_proven(now):
            found = f"a {probe} came back as an event and was settled"
            yield Finding("canary", OK, found, probe, _seen(run, run.firsts[place], f"{probe} to {run.to(probe)}"))
        elif run is None:
            yield Finding("canary", MISSING, f"no {probe} has ever come back", probe, fix=FLY)
        else:
            yield Finding("canary", WRONG, sentence(canary, now), probe, fix=FLY)


def _dropped(canary: Canary, now: datetime) -> Finding:
    run = canary.last
    if run is not None and run.step is CanaryStep.PASSED and canary.is_proven(now):
        seen = tuple(one for id_ in run.seconds for one in _seen(run, id_, "a second mail, dropped as suppressed"))
        return Finding("canary_dropped", OK, "a second mail to either address was dropped", evidence=seen)
    return Finding("canary_dropped", MISSING, "nothing proves that who bounced is not mailed again", fix=FLY)


def _seen(run: Run, id_: str, what: str) -> tuple[Evidence, ...]:
    return (Evidence(what, id_, run.ended_at or run.began_at),)


async def of_admins(world: World) -> Iterator[Finding]:
    """A mail of Franked's own has reached each."""
    admins = world.declared.admins
    if not admins:
        return iter([Finding("admins", MISSING, "nobody is told of an alarm", fix=('[sender] admins = ["…"]',))])
    return iter([await _reached(admin, world) for admin in admins])


async def _reached(admin: Address, world: World) -> Finding:
    for stream in ADMIN_STREAMS:
        if item := await _newest(stream, world, admin):
            return Finding("admins", OK, "a mail of Franked's own has arrived", admin.spelled, _item(item))
    found = "no alarm, report or test has arrived there yet"
    return Finding("admins", MISSING, found, admin.spelled, fix=("franked alarms test",))


async def of_tests(world: World) -> Iterator[Finding]:
    """Each stream has had a mail delivered."""
    return iter([await _tested(stream.name, world) for stream in own_streams(world.declared)])


async def _tested(stream: str, world: World) -> Finding:
    item = await _newest(stream, world)
    if item is None:
        fix = (f"franked send --stream {stream} --to success@simulator.amazonses.com",)
        return Finding("tested", MISSING, "no mail of it was delivered yet", stream, fix=fix)
    return Finding("tested", OK, f"{item.id} was delivered", stream, _item(item))


async def _newest(stream: str, world: World, to: Address | None = None) -> Item | None:
    """Delivered."""
    asked = Enquiry(most=1, stream=stream, state=State.DELIVERED, address_key=to.key if to else None)
    page = await world.store.enquire(asked)
    return page.items[0] if page.items else None


def _item(item: Item) -> tuple[Evidence, ...]:
    return (Evidence(f"message of {item.stream}, delivered", item.id, item.accepted_at),)


async def of_origins(world: World) -> Iterator[Finding]:
    counted = await world.store.count_origins()
    ways = {way: number for way, number in counted.items() if way.act or not way.stream.startswith("franked-")}
    unknown = sum(number for way, number in ways.items() if not way.act and not _is_asked_for(way, world))
    if unknown:
        found = f"of {unknown:,} addresses no act is on record: their first mail was of a stream with `standing = true`"
        return iter([Finding("origins", WRONG, found, fix=("franked people import FILE --source '…'",))])
    found = origins_in_words(ways) or "nobody was mailed yet; whoever is gets an origin in the same transaction"
    return iter([Finding("origins", OK, found, evidence=(Evidence("addresses by origin", found, world.now()),))])


def _is_asked_for(way: Way, world: World) -> bool:
    """Marketing goes to nobody without a confirmed consent: rules.verdict."""
    stream = world.declared.streams.get(way.stream)
    return stream is not None and stream.kind is Kind.MARKETING


def origins_in_words(counted: Mapping[Way, int]) -> str:
    """By act, imports with their source; empty: there are none."""
    said: Counter[str] = Counter()
    for way, number in counted.items():
        if way.act or not way.stream.startswith("franked-"):
            said[f"a list of our own, {way.source}" if way.source else way.act or "a confirmed subscription"] += number
    return ", ".join(f"{name} ({number:,})" for name, number in sorted(said.items()))


async def of_account(world: World) -> Iterator[Finding]:
    standing = await world.store.standing(world.now())
    access = standing.access
    if access is None:
        return iter([Finding("account", Status.UNKNOWN, "SES's account was never read", fix=("franked up",))])
    return iter([_state(access), _governor((await world.store.brake()).step.word)])


def _state(access: Access) -> Finding:
    quota = "no quota" if access.quota == NO_QUOTA else f"{access.quota:,.0f} a day"
    found = f"{'production' if access.production else 'sandbox'}, {quota}, {access.rate:g} a second"
    seen = (Evidence("GetAccount", f"{found}, {access.enforcement}", access.read_at),)
    if access.enforcement != "HEALTHY":
        fix = ("read AWS's mail about the account; franked governor",)
        return Finding("account", WRONG, f"AWS calls the account {access.enforcement}", evidence=seen, fix=fix)
    if not access.sending_enabled:
        fix = ("aws sesv2 put-account-sending-attributes --sending-enabled",)
        return Finding("account", WRONG, "sending is switched off at SES", evidence=seen, fix=fix)
    return Finding("account", OK, found, evidence=seen)


def _governor(step: str) -> Finding:
    if step == "none":
        return Finding("governor", OK, "bounces and complaints are below every step of it")
    return Finding("governor", WRONG, f"it stands at {step.replace('_', ' ')}", fix=("franked governor",))


async def of_watch(world: World) -> Iterator[Finding]:
    """C16: in the first days after approval the governor steps in earlier, and AWS is asked more often."""
    standing, brake, now = await world.store.standing(world.now()), await world.store.brake(), world.now()
    if standing.access is None or not standing.access.production:
        found = "it begins with the approval, by itself"
        return iter([Finding("careful", OK, found, is_required=False)])
    until = brake.careful_until
    if until is None:
        found = "the account was out of the sandbox before Franked saw it"
        return iter([Finding("careful", Status.UNKNOWN, found, fix=("franked governor",), is_required=False)])
    word = "watched closely until" if now < until else "watched closely, until"
    return iter([Finding("careful", OK, f"{word} {until:%Y-%m-%d}", is_required=False)])


async def of_review(world: World) -> Iterator[Finding]:
    at, now = reviewed_at(await world.store.access_log()), world.now()
    fix = ("franked request note reviewed 'AWS AUP, SES best practices' --by NAME",)
    if at is None:
        return iter([Finding("rules_reviewed", MISSING, "nobody has said that they read AWS's rules", fix=fix)])
    found = f"read on {at:%Y-%m-%d}, to be read again by {at + REVIEWED_FOR:%Y-%m-%d}"
    status = OK if now - at < REVIEWED_FOR else WRONG
    return iter([Finding("rules_reviewed", status, found, fix=() if status is OK else fix)])
