"""What became of each call: written once, however late; that SES took the mail is never written over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, select, update

from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import attempts
from franked.record import Finished
from franked.rules.outcome import Outcome, Refused, Sent, TryLater, Unknown, word

_FIND = (
    select(attempts)
    .where(among(attempts.c.message_id))
    .order_by(attempts.c.message_id, attempts.c.number)
    .with_for_update()
)
_FINISH = update(attempts).where(
    attempts.c.message_id == bindparam("of"), attempts.c.number == bindparam("attempt_number")
)
_GIVE_UP = _FINISH.where(attempts.c.outcome.is_(None))

Key = tuple[str, int]  # message id, number


class Told(Struct, frozen=True):
    """What is known of one call."""

    outcome: str | None
    detail: str = ""
    ses_id: str | None = None

    def outdone_by(self, later: "Told") -> bool:
        """An answer says more than none, and that SES took the mail more than any other."""
        return self.outcome in {None, "unknown"} or (later.outcome == "sent" and self.outcome != "sent")

    @property
    def recipients(self) -> int:
        """Against the quota. A call whose outcome is not known counts."""
        return 0 if self.outcome in {"refused", "try_later"} else 1


def find(conn: Connection, message_ids: Sequence[str]) -> dict[Key, Row[Any]]:
    return {(row.message_id, row.number): row for row in fetch(conn, _FIND, message_ids)}


def finish(conn: Connection, finished: Sequence[Finished]) -> Counter[int]:
    """By how much the quota's count changes, by the time of the attempt: what SES did not take is given back."""
    known = find(conn, [one.taken.message.id for one in finished])
    before = {key: Told(row.outcome, row.detail, row.ses_id) for key, row in known.items()}
    after = dict(before)
    rows: dict[Key, dict[str, object]] = {}
    for one in finished:
        key, told = key_of(one), told_by(one.outcome)
        if key in known and after[key].outdone_by(told):
            after[key] = told
            rows[key] = _row(known[key], told, ms(one.at))
    write(conn, _FINISH, [rows[key] for key in sorted(rows)])
    simulated = {key_of(one) for one in finished if one.taken.message.to.is_simulator}
    return _changes(known, before, {key: after[key] for key in rows.keys() - simulated})


def give_up(conn: Connection, open_ones: Sequence[Key], now: int) -> None:
    """Nobody waits for these answers any more; one that comes late is still written."""
    told = {"finished_at": now, "outcome": "unknown", "detail": "the lease ended without an answer"}
    write(conn, _GIVE_UP, [{"of": id_, "attempt_number": number, **told} for id_, number in sorted(open_ones)])


def key_of(finished: Finished) -> Key:
    return finished.taken.message.id, finished.taken.attempt


def told_by(outcome: Outcome) -> Told:
    match outcome:
        case Sent(ses_id):
            return Told(word(outcome), ses_id=ses_id)
        case Refused(why, detail) | TryLater(why, detail):
            return Told(word(outcome), _sentence(str(why), detail))
        case Unknown(detail):
            return Told(word(outcome), detail)


def _sentence(why: str, detail: str) -> str:
    return f"{why}: {detail}" if detail else why


def _row(known: Row[Any], told: Told, at: int) -> dict[str, object]:
    """The SES id may have been learned from an event already, though the answer was lost."""
    return {
        "of": known.message_id,
        "attempt_number": known.number,
        "outcome": told.outcome,
        "detail": told.detail,
        "ses_id": told.ses_id or known.ses_id,
        "finished_at": at,
    }


def _changes(known: Mapping[Key, Row[Any]], before: Mapping[Key, Told], after: Mapping[Key, Told]) -> Counter[int]:
    changes: Counter[int] = Counter()
    for key, told in after.items():
        changes[known[key].at] += told.recipients - before[key].recipients
    return changes
