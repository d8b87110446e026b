"""What came in at a door, before anything was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from franked.rules.address import Sender
from franked.rules.content import Attachment, CalendarPart, Written
from franked.rules.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Draft:
    stream: str
    to: str
    trigger: Trigger | None
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)
    locale: str | None = None
    sender: str | None = None  # a From other than the stream's own
    content: Written | None = None  # on streams that are written inline only
    attachments: tuple[Attachment, ...] = ()
    calendar: CalendarPart | None = None  # of an invite
    reply_to: Sender | None = None  # other than the stream's own
    answers: str | None = None  # the Message-ID of the mail that it answers
    send_at: datetime | None = None  # not before; None: now
    useful_until: datetime | None = None  # where that is earlier than the stream's `useful_for` says
    idempotency_key: str | None = None
    request_id: str = ""
    size: int = 0  # bytes, as it came in at the door
