"""Who must not be mailed, for the administrator: list, add, lift. The list is the whole account's."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.problems import Problem, no
from franked.doors.http.suppression_shapes import (
    NewSuppression,
    Result,
    ToldAdded,
    ToldLifted,
    ToldSuppression,
    ToldSuppressions,
)
from franked.enquiry import Grounds, Lift, Suppressed
from franked.ports import World
from franked.rules.address import Address, NotAnAddress, parse
from franked.rules.at_ses import AtSes
from franked.rules.reconcile import is_of_ses
from franked.rules.suppression import Suppression, Why

READABLE = r"^[^\x00]*$"
LONGEST_UNTIL = timedelta(days=36_525)  # whoever means longer means for good

AT_SES = (
    "SES's own account-level suppression list may still hold the address: as long as it does, SES answers mail to it "
    "with a bounce, and the address is on this list again. Take it off there too: "
    "aws sesv2 delete-suppressed-destination --email-address {address}"
)

ASKED_SES = (
    "Franked takes it off SES's own account-level list too, in a moment; mail that goes before that comes back as a "
    "bounce. `franked suppressions reconcile --status` says whether it is done"
)

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Type = Annotated[Why | None, QueryParameter(name="why", description="only those of this type")]
Whose = Annotated[str | None, QueryParameter(name="address", max_length=1000, pattern=READABLE)]
After = Annotated[str, QueryParameter(max_length=1000, pattern=READABLE, description="`next` of the page before")]
Reason = Annotated[
    str,
    QueryParameter(name="why", min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
]


@get("/v1/suppressions", summary="Who must not be mailed", tags=["suppressions"])
async def get_suppressions(
    request: AnyRequest, after: After = "", limit: Limit = 100, why: Type = None, address: Whose = None
) -> ToldSuppressions:
    """The suppressions in force, by address."""
    key, space, scope = after.partition(" ")
    if after and not space:
        raise no("after", "it is no `next` of a page before")
    which = Suppressed((key, scope), limit + 1, why, None if address is None else as_listed(address))
    found = await door_of(request).world.store.list_suppressions(which)
    page = found[:limit]
    last = f"{page[-1].address_key} {page[-1].scope}" if len(found) > limit else None
    return ToldSuppressions([told(one) for one in page], last)


def as_listed(text: str) -> str:
    """What an event brought onto the list need not be an address by our own rules."""
    address = parse(text)
    return address.key if isinstance(address, Address) else text.strip().casefold()


def told(suppression: Suppression) -> ToldSuppression:
    return ToldSuppression(
        address=suppression.address_key,
        why=suppression.why.value,
        scope=suppression.scope,
        at=suppression.at,
        until=suppression.until,
        source=suppression.source,
    )


@post(
    "/v1/suppressions",
    status_code=201,
    before_request=readable_text,
    summary="Put an address on the list",
    tags=["suppressions"],
)
async def post_suppression(request: AnyRequest, data: JSONBody[NewSuppression]) -> Response[ToldAdded]:
    """201: from now on it is not mailed. 200: it was on the list already, for a reason as strong and as long."""
    who = key_of(request).caller.name
    world = door_of(request).world
    address = parse(data.address)
    if isinstance(address, NotAnAddress):
        raise Problem("invalid_address", address.why, "/address")
    source = f"{who}: {data.reason}"
    new = Suppression(address.key, Why.MANUAL, _kept(world.now()), _until(data.until, world), source=source)
    result, standing = await _put(new, Grounds(who, data.reason), world)
    if result is Result.ADDED:
        world.log("suppressed", address=address, why=Why.MANUAL.value, by=who)
    return Response(ToldAdded(result, told(standing)), status_code=201 if result is Result.ADDED else 200)


def _until(asked: datetime | None, world: World) -> datetime | None:
    if asked is None:
        return None
    if not timedelta() < asked - world.now() <= LONGEST_UNTIL:
        raise Problem("invalid_until", f"{asked.isoformat()} is not between now and in 100 years", "/until")
    return _kept(asked.astimezone(UTC))


def _kept(at: datetime) -> datetime:
    """As the record will have it: in whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def _put(new: Suppression, grounds: Grounds, world: World) -> tuple[Result, Suppression]:
    """Once more, should what stood in its way be lifted in between."""
    while True:
        _until(new.until, world)
        [recorded] = await world.store.suppress([new], grounds)
        if recorded:
            return Result.ADDED, new
        [standing] = await world.store.suppressed([new.address_key])
        if standing is not None:
            return Result.ALREADY, standing


@delete(
    "/v1/suppressions/{address:path}", status_code=200, summary="Take an address off the list", tags=["suppressions"]
)
async def delete_suppression(request: AnyRequest, address: FromPath[str], why: Reason) -> ToldLifted:
    """It may be mailed again. A person's reason is needed, and kept with who gave it and what was lifted."""
    who = key_of(request).caller.name
    world = door_of(request).world
    key = as_listed(address.removeprefix("/"))
    [lifted] = await world.store.lift([Lift(key, who, why)])
    if lifted is None:
        raise Problem("not_found", "this address is not on the list")
    world.log("lifted", address=Address.of_spelled(key), was=lifted.why.value, by=who)
    note = AT_SES.format(address=key) if world.declared.at_ses is AtSes.OFF else ASKED_SES
    return ToldLifted(told(lifted), note if is_of_ses(lifted) else None)
