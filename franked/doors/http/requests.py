"""The request to AWS, for the administrator: where it stands, sending it, what is written down about it, more quota."""

from litestar import get, post
from litestar.params import JSONBody

from franked.access.request import NotAsked, Standing, ask, raise_quota, stand
from franked.doors.http.access import ToldPoint
from franked.doors.http.context import AnyRequest, door_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.request_shapes import (
    NOTED,
    NewNote,
    NewQuota,
    NewRequest,
    ToldFields,
    ToldIncrease,
    ToldLine,
    ToldRequest,
)
from franked.formats.escalation import escalation
from franked.outside import ControlUnreadable
from franked.ports import World
from franked.rules.at_aws import NotTaken
from franked.rules.request import Line, Stage, What
from franked.rules.views import APPROVED, points

_NOTED = {one.value for one in NOTED}


@get("/v1/access/request", summary="Where the request to AWS stands", tags=["access"])
async def get_access_request(request: AnyRequest) -> ToldRequest:
    """AWS is asked now, and all is checked. 503 where AWS does not answer."""
    return _told(await _stand(door_of(request).world))


@post(
    "/v1/access/request",
    status_code=200,
    before_request=readable_text,
    summary="Ask AWS for production access",
    tags=["access"],
)
async def post_access_request(request: AnyRequest, data: JSONBody[NewRequest]) -> ToldRequest:
    """Sends what was looked at, and nothing else: `digest` says which. 409 while anything speaks against it."""
    world = door_of(request).world
    try:
        asked = await ask(data.by.strip(), data.digest, world)
    except ControlUnreadable as error:
        raise Problem("aws_unreachable", str(error)) from error
    if isinstance(asked, NotAsked):
        raise Problem("request_not_ready", "; ".join(asked.why))
    world.log("request_sent", level="warning", by=data.by, digest=data.digest)
    return _told(asked)


@post(
    "/v1/access/notes",
    status_code=201,
    before_request=readable_text,
    summary="Write down what AWS said, or what was done",
    tags=["access"],
)
async def post_access_note(request: AnyRequest, data: JSONBody[NewNote]) -> ToldLine:
    """A refusal's reason, what was mended, a question, its answer, that AWS's rules were read. It stays for good."""
    world = door_of(request).world
    if data.what not in _NOTED or not data.text.strip() or not data.by.strip():
        raise Problem("invalid_note", f"`what` is one of {', '.join(sorted(_NOTED))}; `by` and `text` say something")
    line = Line(world.now(), What(data.what), data.by.strip(), data.text.strip())
    await world.store.note_access([line])
    return _line(line)


@post("/v1/access/quota", status_code=200, before_request=readable_text, summary="Ask for more quota", tags=["access"])
async def post_access_quota(request: AnyRequest, data: JSONBody[NewQuota]) -> ToldIncrease:
    """Through Service Quotas, by the quota's name in this Region. 409 where one is asked for already."""
    world = door_of(request).world
    try:
        asked = await raise_quota(data.name, data.value, world)
    except ControlUnreadable as error:
        raise Problem("aws_unreachable", str(error)) from error
    if asked is None:
        raise Problem("not_found", f"SES has no quota named {data.name!r} in {world.declared.region}")
    if isinstance(asked, NotTaken):
        raise Problem("request_not_ready", f"{asked.why}: {asked.said}")
    return ToldIncrease(asked.name, asked.desired, asked.status, asked.case)


async def _stand(world: World) -> Standing:
    try:
        return await stand(world)
    except ControlUnreadable as error:
        raise Problem("aws_unreachable", str(error)) from error


def _told(one: Standing) -> ToldRequest:
    details, fields, refused = one.account.details, one.fields, one.refused
    granted = points(APPROVED, one.letter.findings) if one.stage is Stage.GRANTED else []
    return ToldRequest(
        state="GRANTED" if one.stage is Stage.GRANTED else str(details.review) if details and details.review else "",
        stage=one.stage.value,
        objections=list(one.objections),
        digest=one.digest,
        fields=ToldFields(fields.mail_type, fields.website, fields.language, list(fields.contacts), fields.use_case),
        case_id=details.case if details else "",
        asked_at=one.asked_at,
        hours=round(one.waits_for.total_seconds() / 3600, 1) if one.waits_for else None,
        locked_until=refused.locked_until if refused and one.stage is not Stage.GRANTED else None,
        phases=[ToldPoint(phase.name, list(phase.open)) for phase in one.phases],
        answers=dict(one.answers),
        escalation=escalation(one.letter, refused) if refused and refused.number > 1 else [],
        after_approval=[ToldPoint(point.name, list(point.open)) for point in granted],
        log=[_line(line) for line in one.log],
    )


def _line(one: Line) -> ToldLine:
    return ToldLine(one.at, one.what.value, one.by, one.text, one.case_id)
