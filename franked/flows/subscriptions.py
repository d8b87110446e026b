"""Somebody subscribes: whoever has the mailbox is asked, and becomes a reader when they say yes (double opt-in).

Nothing that the caller is answered depends on whether the address is a reader's already.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from franked.flows.chance import token_of
from franked.formats.template import Template, parse
from franked.ports import World
from franked.record import Added, Busy, IdempotencyConflict, Spend
from franked.rules.consent import (
    CONFIRMATION,
    Asked,
    Asking,
    Confirmation,
    Statement,
    Topic,
)
from franked.rules.content import Written
from franked.rules.draft import Draft
from franked.rules.network import network_of
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller, TurnedAway
from franked.sending.accept import accept

OWN = "franked"  # on whose word what Franked itself sends is in the record
CONFIRM = "/u/confirm/{token}"
_FILES = ("en.html", "en.txt", "de.html", "de.txt")


@dataclass(frozen=True, slots=True)
class Wished:
    """Who subscribes to what, through which key and in which request. `key_id` None: a page of ours."""

    statement: Statement
    topic: Topic
    key_id: str | None
    request_id: str


class TooMany(Exception):
    """The API key had its share."""


async def subscribe(wished: Wished, world: World) -> TurnedAway | Busy | None:
    """None: as it should be, whoever it is about. Past the limits of a mailbox or an IP address nothing is sent, and
    nothing is kept of it. Raises TooMany, StoreUnavailable."""
    asking, said = world.declared.asking, wished.statement
    if wished.key_id and not await _may(world, Spend(f"subscribe-key|{wished.key_id}", asking.per_key)):
        raise TooMany
    if not await _may(world, *_of_person(said, asking)):
        world.log("subscription_capped", level="warning", address=said.address, topic=said.topic, ip=said.evidence.ip)
        return None
    token = token_of(world)
    await world.store.ask_consent([Asked(hash_of(token), said, said.at + asking.valid_for)])
    return await _send(token, wished, world)


async def _may(world: World, *spends: Spend) -> bool:
    [may] = await world.store.spend([spends])
    return may


def _of_person(said: Statement, asking: Asking) -> list[Spend]:
    network = network_of(said.evidence.ip)
    spends = [Spend(f"subscribe|{said.address.mailbox}", asking.per_mailbox)]
    return [*spends, Spend(f"subscribe-ip|{network}", asking.per_ip)] if network else spends


async def _send(token: str, wished: Wished, world: World) -> TurnedAway | Busy | None:
    stream = world.declared.asking.stream
    [answer] = await accept([_draft(token, wished, world)], Caller(OWN, OWN, frozenset({stream})), world)
    match answer:
        case Added() | IdempotencyConflict():
            return None
        case _:
            return answer


def _draft(token: str, wished: Wished, world: World) -> Draft:
    said, stream = wished.statement, world.declared.asking.stream
    locale = said.locale or world.declared.default_locale
    told = {
        "url": world.links.base + CONFIRM.format(token=token),
        "topic": wished.topic.title_in(locale),
    }
    own = stream == CONFIRMATION
    return Draft(
        stream=stream,
        to=said.address.spelled,
        trigger=Trigger("subscription", said.evidence.by, said.at, said.topic),
        variables={} if own else told,
        locale=said.locale,
        content=_written({**told, "until": _until(said, world)}, locale, world) if own else None,
        request_id=wished.request_id,
    )


def _until(said: Statement, world: World) -> str:
    return f"{said.at + world.declared.asking.valid_for:%Y-%m-%d %H:%M}"


def _written(told: dict[str, str], locale: str, world: World) -> Written:
    rendered = _template().render(told, locale, world.declared.contact)
    return Written(rendered.subject, rendered.html, rendered.text)


@cache
def _template() -> Template:
    place = files("franked.flows") / "confirmation"
    return parse(CONFIRMATION, {name: (place / name).read_text("utf-8") for name in _FILES}, "en")


def hash_of(token: str) -> bytes:
    """The token has 256 random bits: nobody can try out what it was."""
    return sha256(token.encode()).digest()


async def asked_by(token: str, world: World) -> Asked | None:
    """What the token's reader is asked; None where there is no such token, or its time is over."""
    [found] = await world.store.asked_consent([hash_of(token)])
    return _in_time(found, world)


async def confirm(token: str, ip: str, user_agent: str, by: str, world: World) -> Asked | None:
    """Whoever has the mail says yes. None as above; once or again, the answer is the same."""
    said = Confirmation(hash_of(token), world.now(), ip, user_agent, by)
    [found] = await world.store.confirm_consent([said])
    if found and found.is_open(said.at):
        world.log("confirmed", address=found.statement.address, topic=found.statement.topic)
    return _in_time(found, world)


def _in_time(found: Asked | None, world: World) -> Asked | None:
    return found if found and (found.confirmed_at or found.is_open(world.now())) else None
