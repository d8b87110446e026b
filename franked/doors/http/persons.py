"""A person asks for their data, for its end, or leaves with the account: for the administrator."""

from typing import Annotated

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from franked.doors.http.context import AnyRequest, Door, door_of, key_of, readable_text
from franked.doors.http.people import checked
from franked.doors.http.person_shapes import (
    NewReopening,
    ToldDeletion,
    ToldErased,
    ToldEverything,
    ToldReopening,
)
from franked.doors.http.problems import Problem
from franked.doors.http.suppressions import Reason
from franked.rules.address import Address
from franked.rules.person import AccountDeletion, Erasure, Record, Whose

_SAID: Record = {"variables": None, "content": None, "attachments": []}

Keep = Annotated[
    list[str] | None,
    QueryParameter(name="keep", description="a stream whose mail it gets all the same; may be repeated", max_items=20),
]


@get("/v1/people/{address:str}/export", summary="Everything known of an address", tags=["people"])
async def get_everything(request: AnyRequest, address: FromPath[str]) -> ToldEverything:
    """For the person who asks for it. What mail said is there as long as Franked keeps it, but no code ever is."""
    door = door_of(request)
    person = checked(address)
    found = await door.world.store.collect(_whose(person, door))
    records = {name: [dict(_told(one, name, door)) for one in rows] for name, rows in found.items()}
    door.world.log("exported_person", address=person, by=key_of(request).caller.name)
    return ToldEverything(person.spelled, door.world.now(), records)


def _told(record: Record, shelf: str, door: Door) -> Record:
    if shelf != "messages":
        return record
    stream = door.world.declared.streams.get(str(record["stream"]))
    return {**record, **(_SAID if stream is None or stream.secret else {})}


def _whose(person: Address, door: Door) -> Whose:
    return Whose(person, frozenset(door.world.declared.streams))


@delete("/v1/people/{address:str}", status_code=200, summary="Erase an address", tags=["people"])
async def delete_person(request: AnyRequest, address: FromPath[str], why: Reason) -> ToldErased:
    """Everywhere. What waits for it is dropped, and a keyed hash stays on the list, so that it is not mailed again."""
    door, by = door_of(request), key_of(request).caller.name
    person = checked(address)
    [done] = await door.world.store.erase([Erasure(_whose(person, door), by, why)])
    door.world.log("erased", messages=done.messages, dropped=done.dropped, by=by)
    return ToldErased(done.stands_as, done.messages, done.dropped, done.events)


@delete("/v1/accounts/{account:str}", status_code=200, summary="Delete an account", tags=["people"])
async def delete_account(request: AnyRequest, account: FromPath[str], why: Reason, keep: Keep = None) -> ToldDeletion:
    """`account` is what triggers have as `by`. What waits for it is dropped, and so is what names it later, but for
    streams that are kept, such as the one that confirms the deletion. Said again, the last `keep` applies. For keys
    that may use every stream."""
    world, key = door_of(request).world, key_of(request)
    by = key.caller.name
    if not (key.admin or all(key.caller.may_use(one) for one in world.declared.streams.values() if not one.built_in)):
        raise Problem("not_allowed", f"the key {by!r} may not use every stream, and this stops the mail of all")
    kept = frozenset(keep or ())
    for name in sorted(kept - world.declared.streams.keys()):
        raise Problem("unknown_stream", f"there is no stream {name[:60]!r}", "/keep")
    [dropped] = await world.store.delete_accounts([AccountDeletion(account, world.now(), by, why, kept)])
    world.log("account_deleted", account=account, dropped=dropped, by=by)
    return ToldDeletion(account, sorted(kept), dropped)


@post(
    "/v1/accounts/{account:str}/reopen",
    status_code=200,
    before_request=readable_text,
    summary="Take an account's deletion back",
    tags=["people"],
)
async def post_reopening(request: AnyRequest, account: FromPath[str], data: JSONBody[NewReopening]) -> ToldReopening:
    """It gets mail again. What was dropped stays so."""
    world, by = door_of(request).world, key_of(request).caller.name
    [was_deleted] = await world.store.reopen_accounts([account])
    if not was_deleted:
        raise Problem("not_found", "this account was not deleted")
    world.log("account_reopened", account=account, by=by, why=data.why)
    return ToldReopening(account)
