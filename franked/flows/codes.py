"""A code, or a link, is asked for and mailed; what comes back of it is checked."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from franked.flows.chance import token_of
from franked.flows.wanted import wanted
from franked.ports import World
from franked.record import Busy, Candidate, Issue, Issued, Spend, TooMany
from franked.rules.code import CodeLimits, Guess, NewCode, Pressed, code_id_of, digits_of, written_over
from franked.rules.draft import Draft
from franked.rules.stream import Coding, Stream
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller, TurnedAway
from franked.sending.accept import candidate_of

BEAT = 0.05  # seconds: a known address takes a little longer than an unknown one, but not to the next beat
LINK = "/u/code/"  # and the token


@dataclass(frozen=True, slots=True)
class Ask:
    """What an application asks for. `account` None: the address is nobody's, so nothing is mailed."""

    stream: str
    to: str
    account: str | None
    session: str = ""
    network: str | None = None  # the person's (rules.network.network_of)
    locale: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)
    request_id: str = ""
    size: int = 0  # bytes, as it came in at the door


async def issue(ask: Ask, caller: Caller, world: World) -> Issued | TooMany | TurnedAway | Busy:
    """Whether the address is known can't be told from the answer, nor from how long it takes: it leaves on the beat.

    Raises StoreUnavailable.
    """
    began = world.monotonic()
    drawn_up = _drawn_up(ask, caller, world)
    if isinstance(drawn_up, TurnedAway):
        return drawn_up
    [answer] = await world.store.issue([drawn_up])
    spent = world.monotonic() - began
    await world.sleep(math.ceil(spent / BEAT) * BEAT - spent)
    return answer


async def check(stream: str, code_id: str, session: str, guess: str, world: World) -> str | None:
    """Whose code it was, once. None: wrong, used, too old, or one guess too many. Raises StoreUnavailable."""
    [code] = await world.store.guess([Guess(code_id, stream, session, digits_of(guess), world.now())])
    return code.account if code else None


async def claim(stream: str, token: str, world: World) -> str | None:
    """Whose link it was whose button was pressed, once. Raises StoreUnavailable."""
    [code] = await world.store.claim([Pressed(token, world.now(), stream)])
    return code.account if code else None


def _drawn_up(ask: Ask, caller: Caller, world: World) -> Issue | TurnedAway:
    stream, now = world.declared.streams.get(ask.stream), world.now()
    if stream is None or not caller.may_use(stream):
        return _turned_away(candidate_of(_draft(ask, {}, now), caller, now, world))
    if stream.codes is None:
        section = f"[streams.{stream.name}.codes]"
        return TurnedAway("no_codes", "stream", f"the stream {stream.name!r} has no section {section}")
    if mine := written_over(ask.variables):
        return TurnedAway("invalid_variables", f"variables/{mine[0]}", f"Franked itself writes {mine[0]!r}")
    code, token = _digits(stream.codes, world), token_of(world)
    written = _written(stream, stream.codes, code, _url(token, ask.locale, world), world)
    candidate = candidate_of(_draft(ask, written, now), caller, now, world)
    if isinstance(candidate, TurnedAway):
        return candidate
    return Issue(
        _code(ask, candidate, stream.codes, code, token),
        candidate,
        tuple(_spends(ask, candidate, world.declared.code_limits)),
    )


def _turned_away(answer: Candidate | TurnedAway) -> TurnedAway:
    assert isinstance(answer, TurnedAway)  # there is no such stream, or not for this caller
    return answer


def _digits(coding: Coding, world: World) -> str:
    return f"{world.draw(10**coding.digits):0{coding.digits}}"


def _url(token: str, locale: str | None, world: World) -> str:
    """Below the fixed address of the settings, whatever host a request names."""
    return f"{world.links.base}{LINK}{token}" + (f"?lang={quote(locale)}" if locale else "")


def _written(stream: Stream, coding: Coding, code: str, url: str, world: World) -> dict[str, object]:
    """Of what Franked writes, what the template shows."""
    written = {"code": code, "url": url, "minutes": int(coding.valid_for.total_seconds() // 60)}
    return wanted(stream.name, written, world)


def _draft(ask: Ask, written: Mapping[str, object], now: datetime) -> Draft:
    return Draft(
        stream=ask.stream,
        to=ask.to,
        trigger=Trigger(ask.stream, ask.account or "nobody", now),
        variables={**ask.variables, **written},
        locale=ask.locale,
        request_id=ask.request_id,
        size=ask.size,
    )


def _code(ask: Ask, candidate: Candidate, coding: Coding, code: str, token: str) -> NewCode:
    message, now = candidate.message, candidate.message.accepted_at
    return NewCode(
        id=code_id_of(message.id),
        stream=ask.stream,
        address_key=message.to.key,
        account=ask.account,
        session=ask.session,
        code=code,
        token=token,
        most_guesses=coding.attempts,
        made_at=now,
        resend_at=now + coding.resend_after,
        ends_at=now + coding.valid_for,
    )


def _spends(ask: Ask, candidate: Candidate, limits: CodeLimits) -> Iterator[Spend]:
    """Of codes of every stream together."""
    names = {
        f"mailbox|{candidate.message.to.mailbox}": limits.per_mailbox,
        f"key|{candidate.message.key_id}": limits.per_key,
        f"ip|{ask.network}": limits.per_ip if ask.network else None,
    }
    yield from (Spend(name, limit) for name, limit in names.items() if limit)
