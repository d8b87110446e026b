"""Who might go from the lists, for the administrator: proposed with reasons. Nothing is done to anybody here."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.shapes import Moment, Next, Recipient
from franked.doors.http.suppressions import READABLE
from franked.rules.cleaning import MONTHS, Proposal, Stale, proposal

MOST = 1000  # addresses that one page looks at

Months = Annotated[int, QueryParameter(name="months", ge=1, le=120, description="not mailed for so many, of 30 days")]
Reason = Annotated[Stale | None, QueryParameter(name="reason", description="only those")]
After = Annotated[str, QueryParameter(max_length=1000, pattern=READABLE, description="`next` of the page before")]
Look = Annotated[int, QueryParameter(name="limit", ge=1, le=MOST, description="how many addresses are looked at")]


class ToldProposal(Struct, frozen=True):
    """Somebody whom the lists might do without."""

    address: Recipient
    reasons: Annotated[list[str], Meta(examples=[["not_mailed"]], extra_json_schema={"items": {"enum": list(Stale)}})]
    first_seen: Moment
    last_mailed: Annotated[Moment | None, Meta(description="null: never")]
    last_delivered: Annotated[Moment | None, Meta(description="null: never")]
    soft_bounces: Annotated[int, Meta(description="mails, since the last delivery", examples=[0])]
    unconfirmed: Annotated[list[str], Meta(description="topics", examples=[[]])]


class ToldProposals(Struct, frozen=True):
    """By address. A page may be short, even empty: follow `next` until it is null."""

    people: list[ToldProposal]
    looked_at: Annotated[int, Meta(description="addresses, on this page", examples=[100])]
    next: Next


@get("/v1/people/stale", summary="Who might go from the lists", tags=["people"])
async def get_stale(
    request: AnyRequest, months: Months = MONTHS, reason: Reason = None, after: After = "", limit: Look = 500
) -> ToldProposals:
    """Who bounced softly again and again, never confirmed, or was not mailed or not reached for so many months.

    A person decides: this changes nothing. Who is suppressed for good is not proposed."""
    world = door_of(request).world
    asked_before = world.now() - world.declared.asking.valid_for
    trails = await world.store.trails(after, limit, asked_before)
    found = [one for trail in trails if (one := proposal(trail, months, world.now()))]
    fitting = [_told(one) for one in found if reason is None or reason in one.reasons]
    return ToldProposals(fitting, len(trails), trails[-1].key if len(trails) == limit else None)


def _told(one: Proposal) -> ToldProposal:
    trail = one.trail
    return ToldProposal(
        address=trail.address,
        reasons=[reason.value for reason in one.reasons],
        first_seen=trail.first_seen,
        last_mailed=trail.last_mailed,
        last_delivered=trail.last_delivered,
        soft_bounces=trail.soft,
        unconfirmed=list(trail.unconfirmed),
    )
