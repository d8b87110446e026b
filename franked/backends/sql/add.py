"""Accept: judge each candidate by the record, spend its limits, and store it with its idempotency key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as renewed

from msgspec.structs import replace
from sqlalchemy import Connection, insert

from franked.backends.sql import idempotency, limits, origins, standings
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line, docket_row, enter
from franked.backends.sql.many import write
from franked.backends.sql.rows import message_row, ms, ms_or_none
from franked.backends.sql.schema import messages
from franked.backends.sql.standings import About
from franked.record import Added, Candidate, IdempotencyConflict, Spend
from franked.rules.address import Address
from franked.rules.message import Message, State
from franked.rules.suppression import Why
from franked.rules.verdict import Drop, Facts, Hold, Send, TurnedAway, Verdict

Answer = Added | IdempotencyConflict | TurnedAway

_WRITE = insert(messages)


@dataclass(frozen=True, slots=True)
class Judged:
    candidate: Candidate
    facts: Facts
    verdict: Verdict | TurnedAway

    @property
    def spends(self) -> Sequence[Spend]:
        """What will not go anyway spends nothing."""
        return self.candidate.spends if isinstance(self.verdict, Send | Hold) else ()

    def past_its_limit(self) -> "Judged":
        facts = replace(self.facts, within_limit=False)
        return Judged(self.candidate, facts, self.candidate.judge(facts))


def add(conn: Connection, candidates: Sequence[Candidate], desk: Desk) -> list[Answer]:
    """What repeats another of the same batch waits until that one is stored, and then finds it."""
    answers: dict[int, Answer] = {}
    waiting = dict(enumerate(candidates))
    while waiting:
        used = idempotency.find(conn, list(waiting.values()))
        for place, candidate in waiting.items():
            name = idempotency.name_of(candidate)
            if name in used:
                answers[place] = idempotency.answer(candidate, used[name], desk)
        new = _one_of_each({place: one for place, one in waiting.items() if place not in answers})
        answers.update(zip(new, _add_new(conn, list(new.values()), desk), strict=True))
        waiting = {place: one for place, one in waiting.items() if place not in answers}
    return [answers[place] for place in range(len(candidates))]


def _one_of_each(waiting: dict[int, Candidate]) -> dict[int, Candidate]:
    firsts: dict[object, int] = {}
    for place, candidate in waiting.items():
        firsts.setdefault(idempotency.name_of(candidate) or place, place)
    return {place: waiting[place] for place in firsts.values()}


def _add_new(conn: Connection, candidates: Sequence[Candidate], desk: Desk) -> list[Answer]:
    if not candidates:
        return []
    judged = _judge(conn, candidates, desk)
    made = [_made(one) for one in judged]
    _store(conn, [(one.candidate, x) for one, x in zip(judged, made, strict=True) if isinstance(x, Docket)], desk)
    return [Added(x.id, x.state, x.reason) if isinstance(x, Docket) else x for x in made]


def _judge(conn: Connection, candidates: Sequence[Candidate], desk: Desk) -> list[Judged]:
    mails = [_about(candidate.message) for candidate in candidates]
    known = standings.read(conn, mails, min(candidate.message.accepted_at for candidate in candidates), desk)
    judged = []
    for candidate, mail in zip(candidates, mails, strict=True):
        facts = known.of(mail, candidate.message.accepted_at)
        judged.append(_unnamed(Judged(candidate, facts, candidate.judge(facts))))
    within = limits.spend(conn, [(one.spends, ms(one.facts.now)) for one in judged])
    return [one if is_within else one.past_its_limit() for one, is_within in zip(judged, within, strict=True)]


def _about(message: Message) -> About:
    account = message.trigger.by if message.trigger else None
    return About(message.stream, message.to.key, message.template_version, account)


def _unnamed(judged: Judged) -> Judged:
    """Of an address that was erased, nothing new is stored but that somebody would have mailed it."""
    found = judged.facts.suppression
    if found is None or found.why is not Why.ERASED:
        return judged
    message = judged.candidate.message
    act = message.trigger and replace(message.trigger, by="", ref=None)
    unnamed = replace(message, to=Address.of_spelled(found.address_key), trigger=act)
    return renewed(judged, candidate=renewed(judged.candidate, message=unnamed))


def _made(judged: Judged) -> Docket | TurnedAway:
    message = judged.candidate.message
    queued = Docket(
        id=message.id,
        stream=message.stream,
        lane=message.lane.value,
        state=State.QUEUED,
        reason=None,
        due_at=ms(message.due_at),
        held_until=None,
        attempt=0,
        tries=0,
        lease_until=None,
        ses_id=None,
        request_id=message.request_id,
    )
    match judged.verdict:
        case Send():
            return queued
        case Hold(why, until):
            return replace(queued, state=State.HELD, reason=why, held_until=ms_or_none(until))
        case Drop(why):
            return replace(queued, state=State.DROPPED, reason=why)
        case TurnedAway() as turned_away:
            return turned_away


def _store(conn: Connection, stored: Sequence[tuple[Candidate, Docket]], desk: Desk) -> None:
    rows = [_row(candidate, docket, desk) for candidate, docket in stored]
    write(conn, _WRITE, sorted(rows, key=lambda row: str(row["id"])))
    idempotency.keep(conn, [candidate for candidate, _ in stored], desk)
    origins.keep(conn, rows)
    enter(conn, [line for candidate, docket in stored for line in _lines(candidate, docket)], desk)


def _row(candidate: Candidate, docket: Docket, desk: Desk) -> dict[str, object]:
    message = candidate.message
    kept = None if docket.state is State.DROPPED else desk.sealed(message)
    return {**docket_row(docket), **message_row(message), "contents": kept}


def _lines(candidate: Candidate, docket: Docket) -> Iterator[Line]:
    by, at = candidate.message.key_id, ms(candidate.message.accepted_at)
    yield Line(docket, "accepted", at, by)
    if docket.state is not State.QUEUED:
        yield Line(docket, docket.state.value, at, by, docket.reason or "")
