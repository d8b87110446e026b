"""Codes: asked for, checked, claimed. No answer holds one."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.code_shapes import NewClaim, NewCode, NewGuess, ToldCode, ToldIssue, ToldProof
from franked.doors.http.context import AnyRequest, Asker, asker_of, door_of, key_of, readable_text
from franked.doors.http.problems import Problem, of_busy, of_turned_away
from franked.flows.codes import Ask, check, claim, issue
from franked.record import Busy, Issued, TooMany
from franked.rules.code import message_id_of
from franked.rules.network import network_of
from franked.rules.verdict import TurnedAway


@post("/v1/codes", status_code=202, before_request=readable_text, summary="Mail a code", tags=["codes"])
async def post_code(request: AnyRequest, data: JSONBody[NewCode]) -> ToldIssue:
    """The answer is the same, and takes as long, whether or not the address is anybody's."""
    asker = asker_of(request)
    ask = _ask(data, len(await request.body()), asker)
    answer = await issue(ask, asker.key.caller, asker.door.world)
    match answer:
        case TurnedAway():
            raise of_turned_away(answer)
        case Busy():
            raise of_busy()
        case TooMany():
            raise _too_many(answer, data.stream, asker)
        case Issued():
            _tell(answer, data, asker)
            return ToldIssue(answer.id, answer.ends_at, answer.resend_at)


def _ask(data: NewCode, size: int, asker: Asker) -> Ask:
    network = network_of(data.ip) if data.ip is not None else None
    if data.ip is not None and network is None:
        raise Problem("invalid_ip", f"{data.ip!r} is none", "/ip")
    return Ask(
        stream=data.stream,
        to=data.to,
        account=data.account,
        session=data.session,
        network=network,
        locale=data.locale,
        variables=data.variables,
        request_id=asker.request_id,
        size=size,
    )


def _tell(issued: Issued, data: NewCode, asker: Asker) -> None:
    """Whatever becomes of its mail: that is not known here, and may not be told."""
    asker.door.world.log(
        "code_issued",
        message=message_id_of(issued.id) if data.account is not None else None,
        request=asker.request_id,
        stream=data.stream,
        again=not issued.is_new,
        key=asker.key.caller.name,
    )


def _too_many(answer: TooMany, stream: str, asker: Asker) -> Problem:
    """Which limit it was is not told: of which mailbox, caller or key."""
    world = asker.door.world
    world.log("codes_limited", stream=stream, key=asker.key.caller.name, request=asker.request_id)
    seconds = int((answer.until - world.now()).total_seconds()) + 1
    return Problem("too_many_codes", "a limit is used up", retry_after=max(seconds, 1))


@post("/v1/codes/verify", status_code=200, before_request=readable_text, summary="Check a code", tags=["codes"])
async def post_guess(request: AnyRequest, data: JSONBody[NewGuess]) -> ToldProof:
    """Right once, in the session and for the stream that it was asked for. A guess is counted before it is compared."""
    _refuse_others(data.stream, request)
    world = door_of(request).world
    return _told(await check(data.stream, data.id, data.session, data.code, world), data.stream, request)


@post("/v1/codes/claim", status_code=200, before_request=readable_text, summary="Check a link", tags=["codes"])
async def post_claim(request: AnyRequest, data: JSONBody[NewClaim]) -> ToldProof:
    """Right once, after the link's button was pressed: whoever brings the token has read the mail."""
    _refuse_others(data.stream, request)
    return _told(await claim(data.stream, data.token, door_of(request).world), data.stream, request)


def _told(account: str | None, stream: str, request: AnyRequest) -> ToldProof:
    asker = asker_of(request)
    right = account is not None
    log = asker.door.world.log
    log("code_checked", level="debug", stream=stream, right=right, key=asker.key.caller.name, request=asker.request_id)
    return ToldProof(right, account)


def _refuse_others(stream: str, request: AnyRequest) -> None:
    caller = key_of(request).caller
    if caller.streams and stream not in caller.streams:
        raise Problem("not_allowed", f"the key {caller.name!r} may not use {stream!r}", "/stream")


@get("/v1/codes/{code_id:str}", summary="How a code stands", tags=["codes"])
async def get_code(request: AnyRequest, code_id: FromPath[str]) -> ToldCode:
    """Whether its link was confirmed, for an application that waits for it. It proves nothing about who asks."""
    caller = key_of(request).caller
    [code] = await door_of(request).world.store.codes([code_id])
    if code is None or (caller.streams and code.stream not in caller.streams):
        raise Problem("not_found", "there is no such code, or a newer one has taken its place")
    return ToldCode(
        id=code.id,
        stream=code.stream,
        account=code.account,
        confirmed=code.confirmed_at is not None,
        used=code.used_at is not None,
        expires_at=code.ends_at,
    )
