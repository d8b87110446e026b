"""When a calendar has to be told what (RFC 5546): UID stays, SEQUENCE rises, the stamp is always newer."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from franked.rules.address import Address, Sender
from franked.rules.invite import (
    Answer,
    Attendee,
    Event,
    Invite,
    Letter,
    Method,
    Reply,
    answered,
    begun,
    cancelled,
    faults,
    mailed,
    updated,
)
from franked.rules.trigger import Trigger

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
EVENT = Event("Kick-off", NOW + timedelta(days=6), NOW + timedelta(days=6, hours=1), "Europe/Zurich", "Room 2")
ANA, BO, CY = (Attendee(Address.of_spelled(f"{name}@example.net"), name.title()) for name in ("ana", "bo", "cy"))
MADE = Invite(
    id="i_1",
    uid="i_1@meet.example.com",
    stream="invite",
    key_id="meet",
    organizer=Sender("Meet", Address.of_spelled("no-reply@meet.example.com")),
    reply_to=None,
    locale=None,
    trigger=Trigger("chose-slot", "poll-1", NOW),
    event=EVENT,
    attendees=(ANA, BO),
    stamp=NOW,
)


def told(invite: Invite) -> Invite:
    """All that was due is written."""
    return mailed(invite, {one.to.address.key: f"m_{one.to.name}" for one in invite.due})


def test_the_first_time_everyone_is_asked() -> None:
    made = begun(MADE)
    assert made.due == (Letter(ANA, Method.REQUEST), Letter(BO, Method.REQUEST))
    assert (made.sequence, made.uid) == (0, MADE.uid)


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        ({"start": EVENT.start + timedelta(hours=1), "end": EVENT.end + timedelta(hours=1)}, 1),
        ({"end": EVENT.end + timedelta(hours=1)}, 1),
        ({"place": "Room 3"}, 1),
        ({"title": "Kick off"}, 0),
        ({"description": "Bring the plan."}, 0),
    ],
)
def test_another_time_or_place_asks_anew_and_a_mended_typo_does_not(change: dict[str, object], sequence: int) -> None:
    """B1."""
    before = answered(told(begun(MADE)), Reply(MADE.uid, ANA.address, Answer.ACCEPTED, 0, NOW + timedelta(hours=1)))
    after = updated(before, replace(EVENT, **change), MADE.attendees, NOW)
    assert after.sequence == sequence
    assert after.stamp > before.stamp  # Outlook ignores an update whose stamp is not newer
    assert after.uid == before.uid
    assert [one.to.name for one in after.due] == ["Ana", "Bo"]
    kept = after.attendee(ANA.address.key)
    assert kept is not None
    assert (kept.answer is Answer.NEEDS_ACTION) is bool(sequence)


def test_the_same_again_changes_nothing() -> None:
    before = told(begun(MADE))
    assert updated(before, EVENT, MADE.attendees, NOW + timedelta(days=1)) is before
    off = cancelled(before, NOW)
    assert cancelled(off, NOW + timedelta(days=1)) is off


def test_who_is_left_out_is_told_and_who_is_new_is_asked_and_nobody_else_is_bothered() -> None:
    after = updated(told(begun(MADE)), EVENT, (BO, CY), NOW)
    assert [(one.to.name, one.method) for one in after.due] == [("Ana", Method.CANCEL), ("Cy", Method.REQUEST)]
    assert after.sequence == 1


def test_a_cancellation_goes_to_all_with_a_higher_sequence() -> None:
    after = cancelled(told(begun(MADE)), NOW)
    assert [(one.to.name, one.method) for one in after.due] == [("Ana", Method.CANCEL), ("Bo", Method.CANCEL)]
    assert (after.sequence, after.is_cancelled) == (1, True)


def test_what_was_not_written_stays_due_until_it_is_or_a_newer_letter_makes_up_for_it() -> None:
    half = mailed(begun(MADE), {ANA.address.key: "m_1"})
    assert [one.to.name for one in half.due] == ["Bo"]
    typo = updated(half, EVENT, (ANA, BO, CY), NOW)
    assert [one.to.name for one in typo.due] == ["Bo", "Cy"]
    off = cancelled(half, NOW)
    assert [(one.to.name, one.method) for one in off.due] == [("Ana", Method.CANCEL), ("Bo", Method.CANCEL)]


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        (Reply(MADE.uid, ANA.address, Answer.DECLINED, 1, NOW + timedelta(hours=3)), True),
        (Reply(MADE.uid, ANA.address, Answer.DECLINED, 0, NOW + timedelta(hours=3)), False),  # to what was before
        (Reply(MADE.uid, ANA.address, Answer.DECLINED, 1, NOW + timedelta(hours=1)), False),  # overtaken on its way
        (Reply(MADE.uid, CY.address, Answer.ACCEPTED, 1, NOW + timedelta(hours=3)), False),
    ],
)
def test_the_newest_answer_to_the_newest_version_counts(reply: Reply, counts: bool) -> None:
    asked = updated(told(begun(MADE)), replace(EVENT, place="Room 3"), MADE.attendees, NOW)
    before = answered(asked, Reply(MADE.uid, ANA.address, Answer.TENTATIVE, 1, NOW + timedelta(hours=2)))
    after = answered(before, reply)
    assert (after is not before) is counts
    ana = after.attendee(ANA.address.key)
    assert ana is not None
    assert ana.answer is (Answer.DECLINED if counts else Answer.TENTATIVE)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": NOW}, "start"),
        ({"end": EVENT.start}, "end"),
        ({"end": EVENT.start + timedelta(days=400)}, "end"),
        ({"title": "a\r\nBcc: x"}, "title"),
        ({"title": " "}, "title"),
        ({"place": "a\nb"}, "place"),
        ({"description": "\x07"}, "description"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://example.com/a b"}, "url"),
    ],
)
def test_what_no_calendar_should_be_told_is_named(change: dict[str, object], field: str) -> None:
    """B2: nobody is invited to what has begun."""
    assert [name for name, _ in faults(replace(EVENT, **change), NOW)] == [field]
    assert list(faults(EVENT, NOW)) == []
