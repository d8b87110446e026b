"""API keys, for the administrator: make, list, revoke."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, administrator, door_of, readable_text
from franked.doors.http.keyring import make_key
from franked.doors.http.problems import Problem
from franked.doors.http.shapes import MadeKey, NewKey, ToldKey
from franked.record import ApiKey
from franked.rules.address import Address, parse


@post("/v1/keys", status_code=201, before_request=readable_text, summary="Make a key", tags=["keys"])
async def post_key(request: AnyRequest, data: JSONBody[NewKey]) -> MadeKey:
    """The key is in this answer and nowhere else."""
    await administrator(request)
    door = door_of(request)
    shown, record = make_key(data.name, _streams(data, request), _senders(data), door.world.now())
    await door.world.store.add_keys([record])
    await door.keyring.reload(door.world.monotonic())
    return MadeKey(record.caller.key_id, data.name, shown)


def _streams(data: NewKey, request: AnyRequest) -> frozenset[str]:
    known = door_of(request).world.declared.streams
    for index, name in enumerate(data.streams):
        if name not in known:
            raise Problem("unknown_stream", f"there is no stream {name!r}", f"/streams/{index}")
    return frozenset(data.streams)


def _senders(data: NewKey) -> frozenset[str]:
    keys = []
    for index, text in enumerate(data.senders):
        address = parse(text)
        if not isinstance(address, Address):
            raise Problem("invalid_sender", address.why, f"/senders/{index}")
        keys.append(address.key)
    return frozenset(keys)


@get("/v1/keys", summary="The keys, without their secrets", tags=["keys"])
async def get_keys(request: AnyRequest) -> list[ToldKey]:
    await administrator(request)
    return [told(key) for key in await door_of(request).world.store.keys()]


def told(key: ApiKey) -> ToldKey:
    caller = key.caller
    return ToldKey(
        caller.key_id, caller.name, sorted(caller.streams), sorted(caller.senders), key.created_at, key.revoked_at
    )


@delete("/v1/keys/{key_id:str}", summary="Revoke a key", tags=["keys"])
async def delete_key(request: AnyRequest, key_id: FromPath[str]) -> None:
    """From this moment on it opens nothing."""
    await administrator(request)
    door = door_of(request)
    [revoked] = await door.world.store.revoke_keys([key_id], door.world.now())
    if not revoked:
        raise Problem("not_found", f"there is no key {key_id!r} that could be revoked")
    await door.keyring.reload(door.world.monotonic())
