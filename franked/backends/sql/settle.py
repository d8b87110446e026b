"""Settle: an event is kept by its key, and its consequences are drawn once, with its message's own transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, insert, select, update

from franked.backends.sql import alarms, brake, counters, dockets, early, figures, settlements, suppressions
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.owners import learned, owners_of
from franked.backends.sql.rows import event_row, moment
from franked.backends.sql.schema import events
from franked.backends.sql.soft import soft_after, soft_before
from franked.enquiry import BY_EVENT
from franked.record import Alarm, Settled
from franked.rules.event import Event
from franked.rules.suppression import ECHOES, Consequences, SoftBounce, Suppression

_KEEP = insert(events)
_SEEN = select(events.c.key).where(among(events.c.key))
_COUNT = update(events).where(events.c.key == bindparam("of"))

BEARS_ON_RATES = {"bounced", "complained"}

Draw = Callable[[Event, Sequence[SoftBounce]], Consequences]


@dataclass(frozen=True, slots=True)
class Settling:
    """One event to settle."""

    event: Event
    draw: Draw
    now: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an event means, and for whose message (None: not known, or not yet)."""

    event: Event
    owner: str | None
    consequences: Consequences
    now: int
    of_later: tuple[Suppression, ...] = ()  # what later events, which came in before this one, mean now

    @property
    def settlement(self) -> tuple[str, str]:
        event, drawn = self.event, self.consequences
        what = drawn.counts_as or drawn.state or event.kind
        return self.owner or settlements.of_unknown_mail(event.ses_id, event.recipient), str(what)


def settle(conn: Connection, settlings: Sequence[Settling], desk: Desk) -> list[Settled]:
    settlings = _unnamed(conn, settlings, desk)
    owners, known = owners_of(conn, [one.event for one in settlings])
    before = dict(known)
    new = _new(conn, settlings)
    _keep(conn, new, owners)
    drawn = [_draw(conn, one, owners[one.event.key]) for one in new.values()]
    _conclude(conn, drawn, known, desk)
    _prove(conn, drawn, known, desk)
    dockets.move(conn, [docket for id_, docket in known.items() if docket != before[id_]], desk)
    return _answers(settlings, set(new), owners, known)


def _unnamed(conn: Connection, settlings: Sequence[Settling], desk: Desk) -> list[Settling]:
    """What comes in late about an address that was erased brings it back into no shelf."""
    named = [one.event.recipient for one in settlings if one.event.recipient]
    erased = suppressions.erased_among(conn, named, desk)
    return [
        replace(one, event=replace(one.event, recipient=name, raw="", detail=""))
        if (name := erased.get(one.event.recipient or ""))
        else one
        for one in settlings
    ]


def _new(conn: Connection, settlings: Sequence[Settling]) -> dict[str, Settling]:
    """By key; of two alike in one batch, the first."""
    seen = {row.key for row in fetch(conn, _SEEN, [one.event.key for one in settlings])}
    new: dict[str, Settling] = {}
    for one in settlings:
        if one.event.key not in seen:
            new.setdefault(one.event.key, one)
    return new


def _keep(conn: Connection, new: Mapping[str, Settling], owners: Mapping[str, str | None]) -> None:
    rows = []
    for key in sorted(new):
        owner, now = owners[key], new[key].now
        waiting = {"message_id": owner, "received_at": now, "pending_since": now if owner is None else None}
        rows.append({**event_row(new[key].event), **waiting})
    write(conn, _KEEP, rows)


def _draw(conn: Connection, one: Settling, owner: str | None) -> Drawn:
    consequences = one.draw(one.event, soft_before(conn, one.event, owner))
    later = [one.draw(event, soft_before(conn, event, of)).suppress for event, of in soft_after(conn, one.event)]
    return Drawn(one.event, owner, consequences, one.now, tuple(filter(None, later)))


def _conclude(conn: Connection, drawn: Sequence[Drawn], known: Mapping[str, Docket], desk: Desk) -> None:
    """Suppression, alarm and counter: once per settlement."""
    meant = [one for one in drawn if one.consequences != Consequences()]
    first = settlements.settle(conn, [one.settlement for one in meant])
    fresh = [one for one, is_first in zip(meant, first, strict=True) if is_first]
    suppressing = [one for one in fresh if one.consequences.suppress]
    to_suppress = [suppress for one in suppressing if (suppress := one.consequences.suppress)]
    to_suppress += [suppress for one in drawn for suppress in one.of_later]
    grounded = [(suppress, BY_EVENT) for suppress in to_suppress]
    recorded = suppressions.suppress(conn, grounded, max((one.now for one in drawn), default=0), desk)
    listed = [one.event.key for one, is_new in zip(suppressing, recorded, strict=False) if not is_new]
    alarms.open_up(conn, [alarm for one in fresh if (alarm := _alarm(one, listed))])
    _count(conn, [one for one in fresh if one.consequences.counts_as], known)
    if any(one.consequences.counts_as in BEARS_ON_RATES for one in fresh):
        brake.govern(conn, desk)


def _alarm(one: Drawn, listed: Sequence[str]) -> Alarm | None:
    """That SES's list has an address which ours has, too, is no news: it bounced while this mail was under way."""
    key = one.consequences.alarm
    if one.event.subtype in ECHOES and one.event.key in listed:
        return None
    sentence = one.event.detail or f"{one.event.kind.value} for the mail {one.event.ses_id}"
    return Alarm(key, sentence, moment(one.now)) if key else None


def _count(conn: Connection, fresh: Sequence[Drawn], known: Mapping[str, Docket]) -> None:
    words = [(known[one.owner].stream if one.owner else "", one.consequences.counts_as or "") for one in fresh]
    counters.add(conn, Counter(words))
    counted = [(one.now, stream, one.event.recipient, what) for one, (stream, what) in zip(fresh, words, strict=True)]
    figures.add(conn, Counter(figures.name(*one) for one in counted))
    unknown = [one for one in fresh if one.owner is None]
    write(conn, _COUNT, [{"of": one.event.key, "counted_as": one.consequences.counts_as} for one in unknown])


def _prove(conn: Connection, drawn: Sequence[Drawn], known: dict[str, Docket], desk: Desk) -> None:
    """The states that the events prove; a tag may also tell whose events came before it."""
    owned = [(one, one.owner) for one in drawn if one.owner is not None]
    found = learned(conn, [(one.event, owner) for one, owner in owned], known)
    lines = [early.prove(owner, one.event, known, one.now) for one, owner in owned]
    lines += early.apply(conn, found, known, drawn[0].now) if found else []
    dockets.enter(conn, [line for line in lines if line], desk)


def _answers(
    settlings: Sequence[Settling], new: set[str], owners: Mapping[str, str | None], known: Mapping[str, Docket]
) -> list[Settled]:
    answers = []
    for one in settlings:
        key = one.event.key
        docket = known[owner] if (owner := owners[key]) else None
        told = (docket.id, docket.state, docket.request_id) if docket else (None, None, None)
        answers.append(Settled(key, key in new, *told))
        new.discard(key)
    return answers
