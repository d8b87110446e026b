"""API keys, for the administrator: make, list, rotate, revoke."""

from dataclasses import replace
from datetime import datetime, timedelta

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, door_of, readable_text
from franked.doors.http.key_shapes import MadeKey, NewKey, NewSecret, RotatedKey, ToldKey
from franked.doors.http.keyring import make_key, new_secret
from franked.doors.http.problems import Problem
from franked.record import ApiKey, Rotation
from franked.rules.address import Address, parse
from franked.rules.stream import Limit, parse_limit, parse_span

LONGEST_OVERLAP = timedelta(days=30)


@post("/v1/keys", status_code=201, before_request=readable_text, summary="Make a key", tags=["keys"])
async def post_key(request: AnyRequest, data: JSONBody[NewKey]) -> MadeKey:
    """The key is in this answer and nowhere else."""
    door = door_of(request)
    rights = _streams(data, request), _senders(data)
    shown, record = make_key(data.name, *rights, door.world.now(), _limit(data.limit))
    await door.world.store.add_keys([replace(record, admin=data.administrator)])
    await door.keyring.reload(door.world.monotonic())
    return MadeKey(record.caller.key_id, data.name, shown)


def _streams(data: NewKey, request: AnyRequest) -> frozenset[str]:
    streams = door_of(request).world.declared.streams.values()
    known = {stream.name for stream in streams if not stream.built_in}
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


def _limit(text: str | None) -> Limit | None:
    if text is None:
        return None
    limit = parse_limit(text)
    if limit is None:
        raise Problem("invalid_limit", f"{text!r} is no limit", "/limit")
    return limit


@get("/v1/keys", summary="The keys, without their secrets", tags=["keys"])
async def get_keys(request: AnyRequest) -> list[ToldKey]:
    world = door_of(request).world
    return [_told(key, world.now()) for key in await world.store.keys()]


def _told(key: ApiKey, now: datetime) -> ToldKey:
    caller = key.caller
    return ToldKey(
        id=caller.key_id,
        name=caller.name,
        streams=sorted(caller.streams),
        senders=sorted(caller.senders),
        limit=str(caller.limit) if caller.limit else None,
        administrator=key.admin,
        created_at=key.created_at,
        old_until=_old_until(key, now),
        revoked_at=key.revoked_at,
    )


def _old_until(key: ApiKey, now: datetime) -> datetime | None:
    """None where no old secret opens any more."""
    return key.old.until if key.old and key.revoked_at is None and now < key.old.until else None


@post(
    "/v1/keys/{key_id:str}/rotate",
    status_code=200,
    before_request=readable_text,
    summary="Give a key a new secret",
    tags=["keys"],
)
async def post_rotation(
    request: AnyRequest, key_id: FromPath[str], data: JSONBody[NewSecret | None] = None
) -> RotatedKey:
    """It stays the same key, with its messages, idempotency keys and limits. The old secret opens until the overlap is
    over; what opened beside it from a rotation before ends at once."""
    door = door_of(request)
    now = door.world.now()
    overlap = _overlap(data or NewSecret())
    old_until = now + overlap if overlap else None
    shown, digest = new_secret(key_id)
    [before] = await door.world.store.rotate_keys([Rotation(key_id, digest, old_until)])
    if before is None:
        raise Problem("not_found", f"there is no key {key_id!r}")
    if before.revoked_at is not None:
        raise Problem("key_revoked", f"{key_id!r} was revoked at {before.revoked_at:%Y-%m-%dT%H:%M:%SZ}")
    await door.keyring.reload(door.world.monotonic())
    return RotatedKey(key_id, before.caller.name, shown, old_until, ended_early=_old_until(before, now))


def _overlap(data: NewSecret) -> timedelta:
    overlap = parse_span(data.overlap)
    if overlap is None:
        raise Problem("invalid_overlap", f"{data.overlap!r} is no span", "/overlap")
    if overlap > LONGEST_OVERLAP:
        raise Problem("invalid_overlap", f"{data.overlap!r} is more than 30 days", "/overlap")
    return overlap


@delete("/v1/keys/{key_id:str}", summary="Revoke a key", tags=["keys"])
async def delete_key(request: AnyRequest, key_id: FromPath[str]) -> None:
    """From this moment on it opens nothing, with whichever secret."""
    door = door_of(request)
    [revoked] = await door.world.store.revoke_keys([key_id], door.world.now())
    if not revoked:
        raise Problem("not_found", f"there is no key {key_id!r} that could be revoked")
    await door.keyring.reload(door.world.monotonic())
