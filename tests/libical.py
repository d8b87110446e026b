"""libical, the C library with which Evolution and KOrganizer read calendars: a second opinion on what we write."""

import ctypes
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

LIBRARY = "libical.so.3"
TEXTS = ("summary", "location", "description")
ABOUT_AN_ATTENDEE = ("CN", "PARTSTAT", "RSVP", "ROLE", "CUTYPE")


class _Time(ctypes.Structure):
    """`struct icaltimetype` of its 3.0."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        *((name, ctypes.c_int) for name in ("is_date", "is_daylight")),
        ("zone", ctypes.c_void_p),
    )


_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_DECLARED = MappingProxyType(  # of its headers: what each function gives, and takes
    {
        "icalparser_parse_string": (_POINTER, [_TEXT]),
        "icalcomponent_free": (None, [_POINTER]),
        "icalcomponent_count_errors": (_INT, [_POINTER]),
        "icalrestriction_check": (_INT, [_POINTER]),
        "icalcomponent_string_to_kind": (_INT, [_TEXT]),
        "icalproperty_string_to_kind": (_INT, [_TEXT]),
        "icalcomponent_count_components": (_INT, [_POINTER, _INT]),
        "icalcomponent_get_first_component": (_POINTER, [_POINTER, _INT]),
        "icalcomponent_get_first_property": (_POINTER, [_POINTER, _INT]),
        "icalproperty_get_value_as_string": (_TEXT, [_POINTER]),
        "icalproperty_get_parameter_as_string": (_TEXT, [_POINTER, _TEXT]),
        "icalcomponent_get_sequence": (_INT, [_POINTER]),
        **{f"icalcomponent_get_{name}": (_TEXT, [_POINTER]) for name in ("uid", *TEXTS)},
        "icalproperty_get_datetime_with_component": (_Time, [_POINTER, _POINTER]),
        "icaltimezone_get_utc_timezone": (_POINTER, []),
        "icaltime_convert_to_zone": (_Time, [_Time, _POINTER]),
    }
)


@dataclass(frozen=True, slots=True)
class Read:
    """A calendar with one event. `errors`: how much of it is not understood; `allowed`: it has what RFC 5546 wants of
    its method, and nothing besides."""

    method: str
    uid: str
    sequence: int
    start: datetime
    end: datetime
    texts: Mapping[str, str]
    attendee: str
    about_attendee: Mapping[str, str]
    errors: int
    allowed: bool


class Libical:
    def __init__(self, library: ctypes.CDLL) -> None:
        self._c = library
        for name, (gives, takes) in _DECLARED.items():
            function = getattr(library, name)
            function.restype, function.argtypes = gives, takes

    def read(self, ics: bytes) -> Read:
        calendar = self._c.icalparser_parse_string(ics)
        assert calendar, "that is no calendar"
        try:
            return self._read(calendar)
        finally:
            self._c.icalcomponent_free(calendar)

    def _read(self, calendar: int) -> Read:
        kind = self._c.icalcomponent_string_to_kind(b"VEVENT")
        assert self._c.icalcomponent_count_components(calendar, kind) == 1
        event = self._c.icalcomponent_get_first_component(calendar, kind)
        attendee = self._property(event, "ATTENDEE")
        parameter = self._c.icalproperty_get_parameter_as_string
        about = {name: parameter(attendee, name.encode()) for name in ABOUT_AN_ATTENDEE}
        texts = {name: getattr(self._c, f"icalcomponent_get_{name}")(event) for name in TEXTS}
        return Read(
            method=self._value(self._property(calendar, "METHOD")),
            uid=self._c.icalcomponent_get_uid(event).decode(),
            sequence=self._c.icalcomponent_get_sequence(event),
            start=self._moment(event, "DTSTART"),
            end=self._moment(event, "DTEND"),
            texts={name: text.decode() for name, text in texts.items() if text is not None},
            attendee=self._value(attendee),
            about_attendee={name: text.decode() for name, text in about.items() if text is not None},
            errors=self._c.icalcomponent_count_errors(calendar),
            allowed=bool(self._c.icalrestriction_check(calendar)),
        )

    def _moment(self, event: int, name: str) -> datetime:
        """In UTC, by the VTIMEZONE that the calendar brings."""
        at = self._c.icalproperty_get_datetime_with_component(self._property(event, name), event)
        assert at.zone, "a time without a zone"
        utc = self._c.icaltime_convert_to_zone(at, self._c.icaltimezone_get_utc_timezone())
        return datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, tzinfo=UTC)

    def _property(self, component: int, name: str) -> int:
        found: int | None = self._c.icalcomponent_get_first_property(
            component, self._c.icalproperty_string_to_kind(name.encode())
        )
        assert found, f"there is no {name}"
        return found

    def _value(self, found: int) -> str:
        return str(self._c.icalproperty_get_value_as_string(found).decode())


def libical() -> Libical | None:
    """Where it is missing, CI fails, and a developer is warned."""
    try:
        return Libical(ctypes.CDLL(LIBRARY))
    except OSError:
        missing = f"{LIBRARY} is missing, so nothing was proven with it: apt-get install libical3"
        assert not os.environ.get("CI"), missing
        warnings.warn(missing, stacklevel=2)
        return None
