"""An invite means the same to two parsers that know nothing of each other: icalendar, in Python, and libical, in C."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from franked.formats.calendar import ics
from franked.rules.address import Address, Sender
from franked.rules.invite import Attendee, Event, Invite, Method, begun, cancelled, updated
from franked.rules.trigger import Trigger
from tests.libical import ABOUT_AN_ATTENDEE, TEXTS, Libical, Read, libical

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)  # Europe's clocks change
IN_AMERICA = datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)
ANA = Attendee(Address.of_spelled("ana@example.net"), "Ana Müller; zu Hause, 📅")
LONG = "Grüße aus dem schönen Büro: wir sehen uns dort, „gleich nebenan“; bringt Kekse mit 🍪🍪 \\n (kein Umbruch)"
EVENT = Event(
    title=f"Kick-off, Teil 1; {LONG}"[:200],
    start=SPRING - timedelta(minutes=30),
    end=SPRING + timedelta(minutes=30),
    time_zone="Europe/Zurich",
    place=LONG,
    description="\n\n".join([LONG] * 20),
    url="https://meet.example.com/p/8c1?a=b,c;d&e=%F0%9F",
)
INVITE = Invite(
    id="i_1",
    uid="i_01kjv281d0q2m5r8x4y7zb3cde@meet.example.com",
    stream="invite",
    key_id="meet",
    organizer=Sender("Büro, Meet", Address.of_spelled("no-reply@meet.example.com")),
    reply_to=None,
    locale=None,
    trigger=Trigger("chose-slot", "poll-1", NOW),
    event=EVENT,
    attendees=(ANA,),
    stamp=NOW,
)


@pytest.fixture(scope="module")
def elsewhere() -> Libical:
    found = libical()
    if found is None:
        pytest.skip("libical is missing")
    return found


def here(text: bytes) -> Read:
    """As icalendar reads it."""
    calendar: Any = icalendar.Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")
    attendee = event["attendee"]
    return Read(
        method=str(calendar["method"]),
        uid=str(event["uid"]),
        sequence=int(event["sequence"]),
        start=event.decoded("dtstart").astimezone(UTC),
        end=event.decoded("dtend").astimezone(UTC),
        texts={name: str(event[name]) for name in TEXTS if name in event},
        attendee=str(attendee),
        about_attendee={name: str(attendee.params[name]) for name in ABOUT_AN_ATTENDEE if name in attendee.params},
        errors=len(calendar.errors) + len(event.errors),
        allowed=True,
    )


def both(invite: Invite, method: Method, elsewhere: Libical) -> Read:
    """What they agree on. Elsewhere the time zone has a name that nobody knows: only its rules can tell the time."""
    attendee = invite.attendees[0]
    text = ics(invite, attendee, method)
    zone = (invite.event.time_zone or "none").encode()
    unknown = text.replace(b"TZID:" + zone, b"TZID:Nowhere").replace(b"TZID=" + zone, b"TZID=Nowhere")
    agreed = here(text)
    assert elsewhere.read(unknown) == agreed
    assert (agreed.start, agreed.end) == (invite.event.start, invite.event.end)
    assert (agreed.errors, agreed.attendee) == (0, f"mailto:{attendee.address.spelled}")
    return agreed


def test_an_invite_its_change_and_its_end_are_the_same_event_to_both(elsewhere: Libical) -> None:
    asked = begun(INVITE)
    later = replace(EVENT, start=AUTUMN - timedelta(hours=3), end=AUTUMN + timedelta(hours=3))
    moved = updated(asked, later, asked.attendees, NOW + timedelta(hours=1))
    off = cancelled(moved, NOW + timedelta(hours=2))
    told = (asked, Method.REQUEST), (moved, Method.REQUEST), (off, Method.CANCEL)
    read = [both(invite, method, elsewhere) for invite, method in told]
    assert [(one.method, one.sequence, one.uid) for one in read] == [
        ("REQUEST", 0, INVITE.uid),
        ("REQUEST", 1, INVITE.uid),
        ("CANCEL", 2, INVITE.uid),
    ]


def test_long_lines_with_umlauts_and_emoji_are_unfolded_by_both_as_they_were(elsewhere: Libical) -> None:
    text = ics(INVITE, ANA, Method.REQUEST)
    assert max(map(len, text.split(b"\r\n"))) <= 75  # octets
    assert max(map(len, INVITE.event.description.encode().split(b"\n"))) > 75
    read = both(INVITE, Method.REQUEST, elsewhere)
    assert read.texts == {"summary": EVENT.title, "location": EVENT.place, "description": EVENT.description}
    assert read.about_attendee["CN"] == ANA.name


@pytest.mark.parametrize("zone", ["Europe/Zurich", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", None])
@pytest.mark.parametrize("change", [SPRING, AUTUMN, *IN_AMERICA])
def test_around_a_change_of_clocks_both_read_the_same_moment(
    zone: str | None, change: datetime, elsewhere: Libical
) -> None:
    """In the hour that clocks show twice, too: libical takes the second, icalendar the first, so it is told in UTC."""
    for minutes in range(-120, 121, 30):
        start = change + timedelta(minutes=minutes)
        event = replace(EVENT, start=start, end=start + timedelta(minutes=45), time_zone=zone, description="")
        both(replace(INVITE, event=event), Method.REQUEST, elsewhere)


def test_an_ordinary_hour_keeps_the_clock_of_its_place() -> None:
    assert b"DTSTART;TZID=Europe/Zurich:20260329T013000\r\n" in ics(INVITE, ANA, Method.REQUEST)


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=150).map(str.strip)


@settings(deadline=None)
@given(title=WORDS.filter(bool), place=WORDS, lines=st.lists(WORDS, max_size=4), name=WORDS)
def test_whatever_is_typed_both_read_what_was_typed(title: str, place: str, lines: list[str], name: str) -> None:
    elsewhere = libical()
    if elsewhere is None:
        pytest.skip("libical is missing")
    event = replace(EVENT, title=title, place=place, description="\n".join(lines).strip())
    attendee = Attendee(ANA.address, name.replace('"', "").replace("^", ""))  # libical 3.0 knows no RFC 6868
    read = both(replace(INVITE, event=event, attendees=(attendee,)), Method.REQUEST, elsewhere)
    typed = {"summary": title, "location": place, "description": event.description}
    assert read.texts == {field: text for field, text in typed.items() if text}


@pytest.mark.parametrize(
    "spoilt",
    [
        (b"DTSTART;TZID=Europe/Zurich:20260329T013000", b"DTSTART;TZID=Europe/Zurich:soon"),
        (b"ORGANIZER;CN", b"X-ORGANIZER;CN"),  # which an invite must have
    ],
)
def test_a_calendar_that_is_wrong_is_seen_to_be(spoilt: tuple[bytes, bytes], elsewhere: Libical) -> None:
    text = ics(INVITE, ANA, Method.REQUEST)
    assert spoilt[0] in text
    try:
        read = elsewhere.read(text.replace(*spoilt))
    except AssertionError:
        return
    assert read.errors or not read.allowed
