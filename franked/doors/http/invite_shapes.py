"""Invites as JSON, both ways."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from franked.doors.http.shapes import (
    EXAMPLE_ID,
    EXAMPLE_TRIGGER,
    Aware,
    InState,
    MessageId,
    Moment,
    Name,
    NewTrigger,
    Reason,
    StreamName,
)
from franked.rules.invite import MOST_ATTENDEES, Answer

EXAMPLE_INVITE = "i_01kjv281d0q2m5r8x4y7zb3cdg"
InviteId = Annotated[str, Meta(examples=[EXAMPLE_INVITE], extra_json_schema={"pattern": "^i_[0-9a-hjkmnp-tv-z]{26}$"})]
_EVENT = {
    "title": "Kick-off",
    "start": "2026-03-10T14:00:00Z",
    "end": "2026-03-10T14:30:00Z",
    "time_zone": "Europe/Zurich",
    "place": "Room 2",
    "description": "We look at the plan.",
    "url": "https://meet.example.com/p/1042",
}
_VARIABLES = Annotated[
    dict[str, Any],
    Meta(description="what the template declares besides the event's own: title, start, end, place …", examples=[{}]),
]


class NewEvent(Struct, forbid_unknown_fields=True, frozen=True):
    title: Annotated[str, Meta(min_length=1, max_length=200, description="one line", examples=["Kick-off"])]
    start: Aware
    end: Aware
    time_zone: Annotated[
        Annotated[str, Meta(max_length=60)] | None,
        Meta(description="IANA: the clocks it is shown by; null: UTC", examples=["Europe/Zurich"]),
    ] = None
    place: Annotated[str, Meta(max_length=500, examples=["Room 2"])] = ""
    description: Annotated[str, Meta(max_length=10_000, examples=["We look at the plan."])] = ""
    url: Annotated[str, Meta(max_length=1000, examples=["https://meet.example.com/p/1042"])] = ""


class NewAttendee(Struct, forbid_unknown_fields=True, frozen=True):
    to: Annotated[str, Meta(max_length=1000, description="one bare address", examples=["ana@example.com"])]
    name: Annotated[str, Meta(max_length=200, examples=["Ana"])] = ""


Attendees = Annotated[list[NewAttendee], Meta(min_length=1, max_length=MOST_ATTENDEES)]


class NewInvite(Struct, forbid_unknown_fields=True, frozen=True):
    """One event, and who is asked to it: a mail each, in which nobody sees who else was asked."""

    stream: Annotated[Name, Meta(description="a stream of franked.toml", examples=["invite"])]
    trigger: Annotated[NewTrigger, Meta(examples=[EXAMPLE_TRIGGER])]
    event: Annotated[NewEvent, Meta(examples=[_EVENT])]
    attendees: Attendees
    organizer: Annotated[
        Annotated[str, Meta(max_length=400)] | None,
        Meta(
            description="`Name <address>`: calendars send their answers there; null: the stream's sender",
            examples=["Bo <bo@example.com>"],
        ),
    ] = None
    reply_to: Annotated[
        Annotated[str, Meta(max_length=400)] | None,
        Meta(description="where people's answers go; null: the stream's own", examples=["bo@example.com"]),
    ] = None
    locale: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None,
        Meta(description="the template's own fallback applies", examples=["de-CH"]),
    ] = None
    variables: _VARIABLES = field(default_factory=dict)


class ChangedInvite(Struct, forbid_unknown_fields=True, frozen=True):
    """The whole event and all attendees, as they are now."""

    event: Annotated[NewEvent, Meta(examples=[_EVENT])]
    attendees: Attendees
    variables: Annotated[_VARIABLES | None, Meta(description="null: as before")] = None


class ToldMail(Struct, frozen=True):
    id: MessageId
    state: InState
    reason: Reason


class ToldAttendee(Struct, frozen=True):
    to: Annotated[str, Meta(examples=["ana@example.com"])]
    name: Annotated[str, Meta(examples=["Ana"])]
    answer: Annotated[str, Meta(examples=["accepted"], extra_json_schema={"enum": list(Answer)})]
    answered_at: Moment | None
    mail: Annotated[
        ToldMail | None,
        Meta(description="the last one to them", examples=[{"id": EXAMPLE_ID, "state": "queued", "reason": None}]),
    ]


class ToldEventOf(Struct, frozen=True):
    title: Annotated[str, Meta(examples=["Kick-off"])]
    start: Moment
    end: Moment
    time_zone: Annotated[str | None, Meta(examples=["Europe/Zurich"])]
    place: Annotated[str, Meta(examples=["Room 2"])]
    description: Annotated[str, Meta(examples=["We look at the plan."])]
    url: Annotated[str, Meta(examples=["https://meet.example.com/p/1042"])]


class ToldInvite(Struct, frozen=True):
    """Where an invite stands. `sequence` rises when its attendees are asked anew, or somebody is left out."""

    id: InviteId
    uid: Annotated[str, Meta(examples=[f"{EXAMPLE_INVITE}@meet.example.com"])]
    stream: StreamName
    sequence: Annotated[int, Meta(examples=[0])]
    cancelled: bool
    organizer: Annotated[str, Meta(examples=["Bo <bo@example.com>"])]
    event: ToldEventOf
    attendees: list[ToldAttendee]
    changed_at: Moment
