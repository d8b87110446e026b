"""iCalendar (RFC 5545): what an attendee's calendar is told, and what it answers."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from franked.rules.address import Address, Sender, parse
from franked.rules.invite import Answer, Attendee, Event, Invite, Method, Reply

LARGEST_REPLY = 300_000  # bytes
_PRODUCT = "-//Franked//Invites//EN"
_A_YEAR = timedelta(days=366)
_ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "DECLINED": Answer.DECLINED, "TENTATIVE": Answer.TENTATIVE}


class Unreadable(Exception):
    """No reply of a calendar. `str()` is a sentence for who handed it in."""


def ics(invite: Invite, attendee: Attendee, method: Method) -> bytes:
    """For this attendee alone: nobody learns who else was invited."""
    calendar, zone = icalendar.Calendar(), invite.event.time_zone
    for name, value in (("prodid", _PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", method.value)):
        calendar.add(name, value)
    calendar.add_component(_event(invite, attendee, method))
    if zone:  # a TZID without its VTIMEZONE means nothing to Outlook
        day = invite.event.start.date()
        calendar.add_missing_timezones(date(day.year - 1, 1, 1), day + 2 * _A_YEAR)
    return bytes(calendar.to_ical())


def _event(invite: Invite, attendee: Attendee, method: Method) -> icalendar.Event:
    event, told = icalendar.Event(), invite.event
    clock = _clock(told)
    fields = {
        "uid": invite.uid,
        "sequence": invite.sequence,
        "dtstamp": invite.stamp.replace(microsecond=0),
        "dtstart": told.start.astimezone(clock),
        "dtend": told.end.astimezone(clock),
        "summary": told.title,
        "location": told.place,
        "description": told.description,
        "url": told.url,
        "status": "CANCELLED" if method is Method.CANCEL else "CONFIRMED",
        "transp": "OPAQUE",
    }
    for name, value in fields.items():
        if value != "":
            event.add(name, value)
    event["organizer"] = _organizer(invite.organizer)
    event.add("attendee", _attendee(attendee), encode=False)
    return event


def _clock(event: Event) -> tzinfo:
    """The event's own. An hour that it shows twice is told in UTC: calendars differ as to which of the two is meant."""
    clock = ZoneInfo(event.time_zone) if event.time_zone else UTC
    return UTC if any(_is_shown_twice(moment, clock) for moment in (event.start, event.end)) else clock


def _is_shown_twice(moment: datetime, clock: tzinfo) -> bool:
    local = moment.astimezone(clock)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _organizer(organizer: Sender) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{organizer.address.spelled}")
    if organizer.name:
        address.params["CN"] = organizer.name
    return address


def _attendee(attendee: Attendee) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{attendee.address.spelled}")
    given = {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": attendee.answer.value.upper(),
        "RSVP": "TRUE",
    }
    address.params.update(given | ({"CN": attendee.name} if attendee.name else {}))
    return address


def read_reply(text: bytes) -> Reply:
    """An `.ics` with METHOD:REPLY, or a whole mail that holds one. Raises Unreadable."""
    for part in _calendars(text):
        calendar = _parsed(part)
        if str(calendar.get("method", "")).upper() == "REPLY":
            return _reply(calendar)
    raise Unreadable("it holds no calendar with METHOD:REPLY")


def _calendars(text: bytes) -> Iterator[bytes]:
    saved = text.removeprefix(BOM_UTF8).lstrip()
    if saved[:15].upper() == b"BEGIN:VCALENDAR":
        yield saved
        return
    for part in message_from_bytes(text, policy=policy.default).walk():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            found = part.get_payload(decode=True)
            if isinstance(found, bytes):
                yield found


def _parsed(text: bytes) -> Any:
    try:
        return icalendar.Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError) as error:
        raise Unreadable("the calendar in it can't be read") from error


def _reply(calendar: Any) -> Reply:
    events = calendar.walk("VEVENT")
    if len(events) != 1:
        raise Unreadable("a reply is about one event")
    [event] = events
    try:
        attendees = event["attendee"] if isinstance(event["attendee"], list) else [event["attendee"]]
        [attendee] = attendees
        stamp = event.decoded("dtstamp")
        sequence = int(event.get("sequence", 0))
        uid = str(event["uid"])
        answer = _ANSWERS[str(attendee.params["PARTSTAT"]).upper()]
    except (KeyError, ValueError, TypeError) as error:
        raise Unreadable("it lacks a UID, a DTSTAMP, or an ATTENDEE who accepts, declines or may come") from error
    address = parse(str(attendee).partition(":")[2])
    if not isinstance(address, Address) or not isinstance(stamp, datetime):
        raise Unreadable("its ATTENDEE has no address, or its DTSTAMP no time")
    return Reply(uid, address, answer, sequence, stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC))
