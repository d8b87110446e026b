"""What is known of an address: where it came from, what stands against it, what would become of a mail to it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from franked.doors.http.context import AnyRequest, Door, door_of, key_of, readable_text
from franked.doors.http.messages import told_trigger
from franked.doors.http.people_shapes import (
    Brought,
    NewPeople,
    ToldBrought,
    ToldOrigin,
    ToldOutlook,
    ToldPeople,
    ToldPerson,
)
from franked.doors.http.problems import Problem
from franked.doors.http.suppressions import told as told_suppression
from franked.flows.approval import reviewed
from franked.ports import World
from franked.record import ApiKey
from franked.rules import verdict
from franked.rules.address import Address, NotAnAddress, parse
from franked.rules.message import State
from franked.rules.origin import Origin, of_import
from franked.rules.remedy import hint
from franked.rules.stream import Stream
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Case, Drop, Facts, Hold

AT_ONCE = 200  # mail goes first: other requests and other commits come between
_NEVER = datetime.max.replace(tzinfo=UTC)


@get("/v1/people/{address:str}", summary="What is known of an address", tags=["people"])
async def get_person(request: AnyRequest, address: FromPath[str]) -> ToldPerson:
    """Where it came from first, whether it is on the list, and, by stream, what would become of a mail to it now."""
    door = door_of(request)
    store = door.world.store
    person = checked(address)
    [origin] = await store.origins([person.key])
    [suppression] = await store.suppressed([person.key])
    [facts] = await store.facts([person.key])
    waiting = {name for one in await reviewed(door.world) if one.is_waited_for for name in one.asked}
    return ToldPerson(
        address=person.spelled,
        origin=_told(origin, door) if origin else None,
        suppression=told_suppression(suppression) if suppression else None,
        mail=[
            _outlook(stream, person, replace(facts, approved=stream.name not in waiting))
            for stream in door.world.declared.streams.values()
            if not stream.built_in
        ],
        links={"messages": f"/v1/messages?to={person.spelled}"},
    )


def checked(text: str) -> Address:
    """Raises Problem."""
    address = parse(text)
    if isinstance(address, NotAnAddress):
        raise Problem("invalid_address", address.why, "/address")
    return address


def _told(origin: Origin, door: Door) -> ToldOrigin:
    brought_by = door.keyring.keys.get(origin.key_id)
    return ToldOrigin(
        first_seen=origin.first_seen,
        trigger=told_trigger(origin.trigger),
        source=origin.source,
        stream=origin.stream,
        message=origin.message_id,
        key=brought_by.caller.name if brought_by else origin.key_id,
    )


def _outlook(stream: Stream, to: Address, facts: Facts) -> ToldOutlook:
    answer = verdict.at_take(Case(stream, to, stream.sender, None, _NEVER), facts)
    match answer:
        case Hold(why):
            return ToldOutlook(stream.name, State.HELD.value, why, hint(State.HELD, why, to.spelled, "ID"))
        case Drop(why):
            return ToldOutlook(stream.name, State.DROPPED.value, why, hint(State.DROPPED, why, to.spelled, "ID"))
        case _:
            return ToldOutlook(stream.name, State.QUEUED.value, None, None)


@post(
    "/v1/people/import",
    status_code=200,
    before_request=readable_text,
    summary="Bring in addresses with their source",
    tags=["people"],
)
async def post_people(request: AnyRequest, data: JSONBody[NewPeople]) -> ToldPeople:
    """Each is answered: added, known before (its origin stays), or invalid. It sends nothing, and is no consent."""
    key = key_of(request)
    world = door_of(request).world
    results: list[ToldBrought] = []
    for start in range(0, len(data.addresses), AT_ONCE):
        results += await _bring(data.addresses[start : start + AT_ONCE], data.source, key, world)
    counted = Counter(one.result for one in results)
    figures = {result.value: counted[result] for result in Brought}
    world.log("imported_people", by=key.caller.name, source=data.source, **figures)
    return ToldPeople(**figures, results=results)


async def _bring(texts: Sequence[str], source: str, key: ApiKey, world: World) -> list[ToldBrought]:
    read = [parse(text) for text in texts]
    caller = key.caller
    addresses = [one for one in read if isinstance(one, Address)]
    new = await world.store.import_people(
        [of_import(one, source, caller.key_id, caller.name, world.now()) for one in addresses]
    )
    listed = await world.store.suppressed([one.key for one in addresses])
    brought = iter(map(_brought, new, listed))
    return [
        ToldBrought(text, Brought.INVALID, one.why)
        if isinstance(one, NotAnAddress)
        else ToldBrought(text, next(brought), None)
        for text, one in zip(texts, read, strict=True)
    ]


def _brought(new: bool, listed: Suppression | None) -> Brought:
    if listed and listed.why is Why.ERASED:
        return Brought.ERASED
    return Brought.ADDED if new else Brought.KNOWN
