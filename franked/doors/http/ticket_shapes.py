"""Tickets as JSON, both ways."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import EXAMPLE_ID, InState, Moment, Words
from franked.rules.ticket import Word

EXAMPLE_TICKET = "t_01kjv281d0q2m5r8x4y7zb3cde"


class NewTicket(Struct, forbid_unknown_fields=True, frozen=True):
    """What somebody with an account asks for. `address` is the verified one of that account."""

    kind: Annotated[Words, Meta(description="a word of your own", examples=["request"])]
    subject: Annotated[Words, Meta(examples=["A swimming course on Saturdays"])]
    text: Annotated[str, Meta(min_length=1, max_length=20_000, examples=["Could there be one for children?"])]
    account: Annotated[Words, Meta(description="who, in your own terms", examples=["account-1042"])]
    address: Annotated[str, Meta(max_length=1000, examples=["ana@example.com"])]
    locale: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None,
        Meta(description="in which the decision is written", examples=["de"]),
    ] = None


class NewTicketDecision(Struct, forbid_unknown_fields=True, frozen=True):
    """The first one stands."""

    decision: Annotated[Word, Meta(examples=["approved"])]
    note: Annotated[str, Meta(max_length=2000, examples=["From May on, at ten."])] = ""


class ToldTicketMail(Struct, frozen=True):
    """What became of a mail as it came in; its story says the rest."""

    id: Annotated[str, Meta(examples=[EXAMPLE_ID])]
    state: Annotated[InState | None, Meta(description="as it was accepted now; null: that was before")]
    reason: str | None


class ToldTicketDecision(Struct, frozen=True):
    decision: Annotated[str, Meta(examples=["approved"], extra_json_schema={"enum": list(Word)})]
    note: Annotated[str, Meta(examples=["From May on, at ten."])]
    by: Annotated[str, Meta(description="the name of the API key", examples=["desk"])]
    at: Moment


class ToldTicket(Struct, frozen=True):
    """Where a ticket stands, and its two mails."""

    id: Annotated[str, Meta(examples=[EXAMPLE_TICKET])]
    kind: Annotated[str, Meta(examples=["request"])]
    subject: Annotated[str, Meta(examples=["A swimming course on Saturdays"])]
    text: Annotated[str, Meta(examples=["Could there be one for children?"])]
    account: Annotated[str, Meta(examples=["account-1042"])]
    address: Annotated[str, Meta(examples=["ana@example.com"])]
    opened_at: Moment
    decision: Annotated[ToldTicketDecision | None, Meta(description="null: it is open")]
    notice: Annotated[ToldTicketMail | None, Meta(description="to the mailbox")]
    mail: Annotated[ToldTicketMail | None, Meta(description="about the decision, to who submitted it")]
