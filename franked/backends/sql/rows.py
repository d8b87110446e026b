"""What a row says, as a value, and back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from franked.record import Attempt, Entry
from franked.rules.address import Address
from franked.rules.event import BounceType, Event, Kind
from franked.rules.lane import Lane
from franked.rules.message import Message, State, Taken
from franked.rules.trigger import Trigger

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

STATES = {state.value: state for state in State}  # a look-up costs a twentieth of the enum's own call
LANES = {lane.value: lane for lane in Lane}


def ms(moment: datetime) -> int:
    """Whole milliseconds, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def ms_or_none(at: datetime | None) -> int | None:
    return None if at is None else ms(at)


def moment_or_none(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else moment(milliseconds)


def message_row(message: Message) -> dict[str, object]:
    """What was accepted; how it stands is a docket's."""
    trigger = message.trigger
    return {
        "recipient": message.to.spelled,
        "address_key": message.to.key,
        "sender": message.sender,
        "template": message.template,
        "template_version": message.template_version,
        "locale": message.locale,
        "trigger_act": trigger and trigger.act,
        "trigger_by": trigger and trigger.by,
        "trigger_at": trigger and ms(trigger.at),
        "trigger_ref": trigger and trigger.ref,
        "accepted_at": ms(message.accepted_at),
        "useful_until": ms(message.useful_until),
        "key_id": message.key_id,
        "request_id": message.request_id,
    }


def trigger_of(row: Row[Any]) -> Trigger | None:
    if row.trigger_at is None:
        return None
    return Trigger(row.trigger_act, row.trigger_by, moment(row.trigger_at), row.trigger_ref)


def message_of(row: Row[Any]) -> Message:
    """Without its contents: they are sealed."""
    return Message(
        id=row.id,
        stream=row.stream,
        lane=LANES[row.lane],
        to=Address(row.recipient, row.address_key),
        sender=row.sender,
        template=row.template,
        template_version=row.template_version,
        locale=row.locale,
        variables={},
        trigger=trigger_of(row),
        accepted_at=moment(row.accepted_at),
        due_at=moment(row.due_at),
        useful_until=moment(row.useful_until),
        key_id=row.key_id,
        request_id=row.request_id,
    )


def attempt_row(taken: Taken, at: int) -> dict[str, object]:
    return {
        "message_id": taken.message.id,
        "number": taken.attempt,
        "at": at,
        "call_by": ms(taken.call_by),
        "lease_until": ms(taken.lease_until),
        "detail": "",
    }


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        number=row.number,
        at=moment(row.at),
        call_by=moment(row.call_by),
        outcome=row.outcome,
        detail=row.detail,
        ses_id=row.ses_id,
        finished_at=moment_or_none(row.finished_at),
    )


def entry_of(row: Row[Any]) -> Entry:
    return Entry(moment(row.at), row.what, row.why, row.by)


def event_row(event: Event) -> dict[str, object]:
    return {
        "key": event.key,
        "kind": event.kind.value,
        "ses_id": event.ses_id,
        "tagged_message": event.message_id,
        "tagged_attempt": event.attempt_id,
        "recipient": event.recipient,
        "at": ms(event.at),
        "bounce_type": event.bounce_type and event.bounce_type.value,
        "subtype": event.subtype,
        "feedback": event.feedback,
        "detail": event.detail,
        "raw": event.raw,
    }


def event_of(row: Row[Any]) -> Event:
    return Event(
        key=row.key,
        kind=Kind(row.kind),
        ses_id=row.ses_id,
        message_id=row.tagged_message,
        attempt_id=row.tagged_attempt,
        recipient=row.recipient,
        at=moment(row.at),
        bounce_type=BounceType(row.bounce_type) if row.bounce_type else None,
        subtype=row.subtype,
        feedback=row.feedback,
        detail=row.detail,
        raw=row.raw,
    )
