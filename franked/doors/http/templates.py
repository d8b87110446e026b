"""Templates, for the administrator: where each stands, who approves it, what changed in it, how it looks."""

from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from franked.doors.http.context import AnyRequest, Door, door_of, key_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.template_shapes import (
    VERSION,
    NewDecision,
    NewPreview,
    NewReview,
    ToldDifference,
    ToldPreview,
    ToldReview,
    ToldTemplate,
    ToldVersion,
)
from franked.flows.approval import Reviewed, review, reviewed, reviewed_one
from franked.flows.preview import previewed, show_in_inbox
from franked.formats.difference import difference
from franked.formats.template import RenderError, Template
from franked.rules.approval import NotNow, Review, Step

Version = Annotated[str | None, QueryParameter(name="version", pattern=VERSION)]
Old = Annotated[str | None, QueryParameter(name="old", pattern=VERSION)]
New = Annotated[str | None, QueryParameter(name="new", pattern=VERSION)]


@get("/v1/templates", summary="The templates, and where each stands", tags=["templates"])
async def get_templates(request: AnyRequest) -> list[ToldTemplate]:
    """Those that a stream uses, as they are in the folder now."""
    return [_told(one) for one in await reviewed(door_of(request).world)]


@get("/v1/templates/{name:str}", summary="One template, with its files and reviews", tags=["templates"])
async def get_template(request: AnyRequest, name: FromPath[str], version: Version = None) -> ToldVersion:
    """The version that is in the folder now, or another that was kept."""
    world = door_of(request).world
    template = await _template(name, version, door_of(request))
    return ToldVersion(
        template=_told(await reviewed_one(name, template, world)),
        variables=sorted(template.variables),
        optional=sorted(template.optional),
        files=dict(template.files),
        reviews=[_told_review(one) for one in await world.store.reviews_of(name)],
    )


@post(
    "/v1/templates/{name:str}/submit",
    status_code=200,
    before_request=readable_text,
    summary="Ask for a template's approval",
    tags=["templates"],
)
async def post_submission(request: AnyRequest, name: FromPath[str], data: JSONBody[NewReview]) -> ToldTemplate:
    """Of the version that is in the folder now, unless another is named."""
    return await _step(Step.SUBMITTED, request, name, data)


@post(
    "/v1/templates/{name:str}/approve",
    status_code=200,
    before_request=readable_text,
    summary="Approve a template that another person submitted",
    tags=["templates"],
)
async def post_approval(request: AnyRequest, name: FromPath[str], data: JSONBody[NewDecision]) -> ToldTemplate:
    """What was held for it goes from now on."""
    return await _step(Step.APPROVED, request, name, data)


@post(
    "/v1/templates/{name:str}/reject",
    status_code=200,
    before_request=readable_text,
    summary="Reject a template",
    tags=["templates"],
)
async def post_rejection(request: AnyRequest, name: FromPath[str], data: JSONBody[NewDecision]) -> ToldTemplate:
    """Submitted or approved: its mail is held from now on, where its streams ask for an approval."""
    return await _step(Step.REJECTED, request, name, data)


async def _step(step: Step, request: AnyRequest, name: str, data: NewReview | NewDecision) -> ToldTemplate:
    door = door_of(request)
    template = await _template(name, data.version, door)
    by = " ".join(data.by.split())
    new = Review(template.version, name, step, by, door.world.now(), data.note, key_of(request).caller.name)
    answer = await review(new, door.world)
    if isinstance(answer, NotNow):
        raise Problem(answer.code, answer.why)
    return _told(await reviewed_one(name, template, door.world))


@get("/v1/templates/{name:str}/diff", summary="What changed in a template", tags=["templates"])
async def get_difference(request: AnyRequest, name: FromPath[str], old: Old = None, new: New = None) -> ToldDifference:
    """From the version that was approved last to the one that is in the folder now, unless others are named."""
    door = door_of(request)
    after = await _template(name, new, door)
    before_version = old or await _approved_before(name, after.version, door)
    before = await _template(name, before_version, door) if before_version else None
    return ToldDifference(before_version, after.version, difference(before.files if before else {}, after.files))


@post(
    "/v1/templates/{name:str}/preview",
    status_code=200,
    before_request=readable_text,
    summary="A template as its reader would see it",
    tags=["templates"],
)
async def post_preview(
    request: AnyRequest, name: FromPath[str], data: JSONBody[NewPreview | None] = None
) -> ToldPreview:
    """Nothing is sent; with the simulated account it can be laid into the inbox."""
    door, asked = door_of(request), data or NewPreview()
    if asked.inbox and door.inbox is None:
        raise Problem("no_inbox", "SES is real here")
    template = await _template(name, asked.version, door)
    try:
        shown = previewed(template, asked.variables, asked.locale, door.world)
    except RenderError as error:
        raise Problem("invalid_variables", str(error), "/variables") from error
    laid = await show_in_inbox(shown.rendered, door.world) if asked.inbox else None
    link = f"{door.inbox}/message/{laid}" if laid else None
    mail = shown.rendered
    return ToldPreview(template.version, mail.subject, mail.html, mail.text, dict(shown.variables), link)


async def _template(name: str, version: str | None, door: Door) -> Template:
    templates = door.world.templates
    found = await templates.load(version) if version else templates.current(name)
    if found is None:
        what = f"version {version} of a template was never kept" if version else f"there is no template {name[:60]!r}"
        raise Problem("not_found", what)
    return found


async def _approved_before(name: str, version: str, door: Door) -> str | None:
    """The version that was approved last, other than this one."""
    reviews = await door.world.store.reviews_of(name)
    approved = [one.version for one in reviews if one.step is Step.APPROVED and one.version != version]
    return approved[-1] if approved else None


def _told(one: Reviewed) -> ToldTemplate:
    last = _told_review(one.last) if one.last else None
    return ToldTemplate(one.name, one.template.version, one.stands, bool(one.asked), list(one.streams), last)


def _told_review(one: Review) -> ToldReview:
    return ToldReview(one.version, one.step.value, one.by, one.at, one.note, one.key)
