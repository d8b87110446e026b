"""`franked setup`: what AWS has for us, what is missing, and on request its making."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console

from franked.access.setup import Done, Hands, Seen, apply, plan, wait
from franked.doors.cli.start import Found, Unusable, said, settings_for
from franked.formats.zone import zone_lines
from franked.outside import Control, ControlUnreadable, Dns
from franked.rules.address import NotAnAddress, parse
from franked.rules.at_aws import SUCCESS
from franked.rules.policies import arn, franked_policy, sender_policy, setup_policy
from franked.rules.steps import CALLS, Todo
from franked.rules.wanted import Plan, Wanted
from franked.settings import Settings
from franked.wiring import Resolvers, Ses, place_of, system_clock, wants

SETUP_AGAIN = "franked setup --apply"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options."""

    ses: Literal["simulated", "aws"]
    addresses: tuple[str, ...]
    apply: bool
    wait: bool
    zone: bool
    policy: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, and how AWS stands afterwards. `seen`: where somebody waited."""

    plan: Plan
    done: tuple[Done, ...] = ()
    seen: Seen | None = None

    @property
    def is_well(self) -> bool:
        return self.plan.is_done and (self.seen is None or self.seen.is_all_there)


def setup(config: Path | None, asked: Asked) -> int:
    return said(lambda: _setup(settings_for(config), asked))


def _setup(found: Found, asked: Asked) -> int:
    ses = Ses(asked.ses)
    if ses is Ses.AWS and not found.own:
        raise Unusable("--ses aws needs your own franked.toml: there is none in this folder, and --config names none")
    settings = found.settings
    wanted = wants(settings, map(_address, asked.addresses), played=ses is Ses.SIMULATED)
    place = place_of(settings, _played(settings) if ses is Ses.SIMULATED else None)
    hands = Hands(place.control(), place.gauges(wanted.sender, system_clock), settings.alarms.topic)
    try:
        if asked.policy:
            return asyncio.run(_policies(wanted, hands.control))
        outcome = asyncio.run(_outcome(wanted, hands, Resolvers(settings.checks.resolvers), asked))
    except ControlUnreadable as error:
        raise Unusable(_unreadable(error, ses)) from error
    _show(outcome, asked)
    return 0 if outcome.is_well else 1


def _address(given: str) -> str:
    found = parse(given)
    if isinstance(found, NotAnAddress):
        raise Unusable(f"--address: {given} is no address")
    return found.key


def _played(settings: Settings) -> str:
    if not settings.simulator.port:
        raise Unusable("the simulated account has another port each time: name one as `port` in [simulator]")
    return f"http://127.0.0.1:{settings.simulator.port}"


def _unreadable(error: ControlUnreadable, ses: Ses) -> str:
    hint = "\nThe simulated account is there while `franked up` runs; the real one is `--ses aws`."
    return f"{error}{hint if ses is Ses.SIMULATED else ''}"


async def _outcome(wanted: Wanted, hands: Hands, dns: Dns, asked: Asked) -> Outcome:
    aside = Console(stderr=True)
    with aside.status("Asking AWS", spinner="dots") as status:

        def asking(what: str) -> None:
            status.update(f"Asking AWS: {what}")

        now, done = await plan(wanted, hands.control, asking, dns), list[Done]()
        if asked.apply and now.todo:
            done = await apply(now.todo, wanted, hands, lambda one: status.update(one.step.says))
            now = await plan(wanted, hands.control, asking, dns)
        seen = None
        if asked.wait:
            _records_first(now, asked, aside)
            seen = await wait(wanted, hands.control, asyncio.sleep, lambda one: status.update(_waiting(one)))
            now = await plan(wanted, hands.control, asking, dns)
    return Outcome(now, tuple(done), seen)


def _records_first(now: Plan, asked: Asked, aside: Console) -> None:
    """Whoever waits must know for what."""
    for line in (
        zone_lines(one.record for one in now.records if one.seen not in {"", SUCCESS}) if not asked.as_json else ()
    ):
        aside.print(line, soft_wrap=True, markup=False, highlight=False)


def _waiting(seen: Seen) -> str:
    there = sum(status == SUCCESS for _, status in seen.of)
    missing = ", ".join(f"{what} ({status.lower()})" for what, status in seen.of if status != SUCCESS)
    return f"SES sees {there} of {len(seen.of)}; it looks for {missing}. Ctrl-C only looks away"


# --- shown ------------------------------------------------------------------------------------------------------------


async def _policies(wanted: Wanted, control: Control) -> int:
    """JSON, whatever was asked for: it goes to IAM. An account that AWS does not name is `*`."""
    try:
        account = await control.caller()
    except ControlUnreadable as error:
        Console(stderr=True).print(f"{error}\nThe account's number is * below.", soft_wrap=True, markup=False)
        account = "*"
    queue = arn("sqs", wanted.region, account, wanted.queue) if wanted.queue else None
    told = {
        "franked": franked_policy(wanted.region, account, wanted.froms, queue),
        "setup": setup_policy(CALLS),
        "senders": {one: sender_policy(wanted.region, account, one) for one in wanted.froms},
    }
    print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())  # noqa: T201
    return 0


def _show(outcome: Outcome, asked: Asked) -> None:
    if asked.as_json:
        print(msgspec.json.encode(_told(outcome)).decode())  # noqa: T201
        return
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    for line in zone_lines(one.record for one in outcome.plan.records) if asked.zone else _lines(outcome, asked):
        out.print(line)


def _told(outcome: Outcome) -> dict[str, object]:
    now = outcome.plan
    return {
        "there": now.there,
        "todo": [_step(one) for one in now.todo],
        "done": [_step(one.step) | {"failure": one.failure or None} for one in outcome.done],
        "records": [
            {"name": one.record.name, "type": one.record.kind, "value": one.record.value, "seen": one.seen or None}
            for one in now.records
        ],
        "zone": zone_lines(one.record for one in now.records),
        "notes": now.notes,
        "settings": now.settings,
        "troubles": now.troubles,
        "dns": None if outcome.seen is None else dict(outcome.seen.of),
    }


def _step(step: Todo) -> dict[str, str | None]:
    return {"what": step.says, "call": step.call}


def _lines(outcome: Outcome, asked: Asked) -> Iterator[str]:
    now = outcome.plan
    if outcome.done:
        for one in outcome.done:
            yield f"{'failed' if one.failure else 'made':8}  {one.step.says}"
            yield from [f"{'':8}  {one.failure}"] if one.failure else []
    else:
        yield from (f"{'has':8}  {one}" for one in now.there)
        yield from (f"{'missing':8}  {one.says}  [{one.call}]" for one in now.todo)
    yield from (f"{'unknown':8}  {part}: {why}" for part, why in now.troubles.items())
    yield from _records(now)
    yield from _listed("What franked.toml does not say yet:", now.settings)
    yield from _listed("What only a person can do:", now.notes)
    yield ""
    yield _end(outcome, asked)


def _records(now: Plan) -> Iterator[str]:
    if not now.records:
        yield "\nThe DNS records are known once the identity is there."
        return
    yield "\nThese records must be in the DNS (franked setup --zone has them for a zone file):"
    for one in now.records:
        seen = f"  ({one.seen.lower().replace('_', ' ')})" if one.seen else ""
        yield f"  {one.record.kind:5} {one.record.name}  {one.record.value}{seen}"


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"\n{title}"
        yield from (f"  {line}" for line in lines)


def _end(outcome: Outcome, asked: Asked) -> str:
    now = outcome.plan
    if outcome.seen and outcome.seen.is_given_up:
        return "SES has given up looking for a record: set it, and run franked setup --apply --wait again."
    if now.is_done:
        where = "in the simulated account" if asked.ses == "simulated" else "at AWS"
        return f"Nothing is missing {where}." + (" SES sees the DNS records." if outcome.seen else "")
    if asked.apply:
        return f"{len(now.todo)} steps are still to be done: what failed names its call."
    return f"{len(now.todo)} steps are to be done: {SETUP_AGAIN} does them. Nothing was changed."
