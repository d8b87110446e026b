"""A ticket: what somebody asked for, to whom that was told, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace as renewed

from franked.rules.address import Address
from franked.rules.stream import Stream


@dataclass(frozen=True, slots=True)
class TicketOffice:
    """Where tickets go: the one mailbox, the stream of its notices, and the stream of decisions."""

    mailbox: Address
    notice: str
    decision: str


class Word(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"


class Decision(Struct, frozen=True):
    """The first one stands."""

    word: Word
    note: str
    by: str  # the key's name
    at: datetime


class Ticket(Struct, frozen=True):
    """As it is kept: each change is the next version."""

    id: str
    version: int
    key_id: str  # of the API key that opened it
    kind: str  # request, suggestion, feedback: a word of the product's own
    subject: str
    text: str
    account: str  # who submitted it, in the product's own terms
    address: Address  # the verified one of that account
    locale: str
    opened_at: datetime
    decision: Decision | None = None
    notice_id: str | None = None  # of the mail to the mailbox
    mail_id: str | None = None  # of the mail about the decision

    @property
    def asked(self) -> tuple[object, ...]:
        """What whoever opened it said."""
        return self.kind, self.subject, self.text, self.account, self.address, self.locale

    def __repr__(self) -> str:
        return f"Ticket({self.id!r})"


def decided(ticket: Ticket, decision: Decision) -> Ticket:
    return ticket if ticket.decision else _next(ticket, decision=decision)


def told(ticket: Ticket, notice_id: str) -> Ticket:
    return _next(ticket, notice_id=notice_id)


def mailed(ticket: Ticket, mail_id: str) -> Ticket:
    return _next(ticket, mail_id=mail_id)


def _next(ticket: Ticket, **changed: object) -> Ticket:
    return renewed(ticket, version=ticket.version + 1, **changed)


def kept_to_its_mailbox(streams: Mapping[str, Stream], office: TicketOffice | None) -> Mapping[str, Stream]:
    """Notices of tickets go to the one mailbox, whoever sends them."""
    if office is None or office.notice not in streams:
        return streams
    return {**streams, office.notice: replace(streams[office.notice], only_to=office.mailbox)}
