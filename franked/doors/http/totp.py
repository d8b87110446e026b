"""Second factors in an authenticator app: enrolled, confirmed, verified, removed."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, asker_of, door_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.totp_shapes import (
    ConfirmedFactor,
    MadeFactor,
    NewFactor,
    ToldFactor,
    TypedCode,
    VerifiedFactor,
)
from franked.flows.totp import confirm, enrol, verify
from franked.ports import World
from franked.rules.factor import Factor

_OF_ACCOUNT = "/v1/totp/{account:path}"


@post("/v1/totp", status_code=201, before_request=readable_text, summary="Enrol a second factor", tags=["totp"])
async def post_totp(request: AnyRequest, data: JSONBody[NewFactor]) -> MadeFactor:
    """A secret for an authenticator app. One that was never confirmed is written over."""
    made = await enrol(data.account, data.label, _world(request))
    if made is None:
        raise Problem("totp_enrolled", f"{data.account!r} has a confirmed one")
    _tell("totp_enrolled", request)
    return MadeFactor(data.account, made.secret, made.uri)


@post("/v1/totp/confirm", status_code=200, before_request=readable_text, summary="Confirm it", tags=["totp"])
async def post_totp_confirmation(request: AnyRequest, data: JSONBody[TypedCode]) -> ConfirmedFactor:
    """The app's first code: from then on the factor counts."""
    recovery = await confirm(data.account, data.code, _world(request))
    if recovery is not None:
        _tell("totp_confirmed", request)
    return ConfirmedFactor(recovery is not None, list(recovery or ()))


@post("/v1/totp/verify", status_code=200, before_request=readable_text, summary="Check it at a sign-in", tags=["totp"])
async def post_totp_guess(request: AnyRequest, data: JSONBody[TypedCode]) -> VerifiedFactor:
    """A code of the app or a recovery code, each good once. A guess is counted before it is compared."""
    found = await verify(data.account, data.code, _world(request))
    return VerifiedFactor(found is not None, found.recovery_left if found else None)


@get(_OF_ACCOUNT, summary="Whether an account has a second factor", tags=["totp"])
async def get_totp(request: AnyRequest, account: FromPath[str]) -> ToldFactor:
    name = account.removeprefix("/")
    [found] = await _world(request).store.factors([name])
    factor = found or Factor(name)
    return ToldFactor(name, factor.confirmed_at is not None, factor.recovery_left)


@delete(_OF_ACCOUNT, summary="Remove a second factor", tags=["totp"])
async def delete_totp(request: AnyRequest, account: FromPath[str]) -> None:
    """For whoever has lost the app: prove in another way who asks."""
    [removed] = await _world(request).store.remove_factors([account.removeprefix("/")])
    if not removed:
        raise Problem("not_found", "this account has no second factor")
    _tell("totp_removed", request)


def _world(request: AnyRequest) -> World:
    """For a key that may check how people sign in. Raises Problem(not_allowed)."""
    caller, world = asker_of(request).key.caller, door_of(request).world
    if caller.streams and not any(one.codes and caller.may_use(one) for one in world.declared.streams.values()):
        raise Problem("not_allowed", f"the key {caller.name!r} may use no stream that sends codes")
    return world


def _tell(event: str, request: AnyRequest) -> None:
    asker = asker_of(request)
    asker.door.world.log(event, key=asker.key.caller.name, request=asker.request_id)
