"""The way out of the sandbox, for the administrator: the checks, and the letter that they allow."""

from datetime import date
from typing import Annotated, Any

from litestar import get
from litestar.params import Parameter
from msgspec import Meta, Struct

from franked.access.checking import check
from franked.access.defence import DAYS, defend
from franked.access.letter import LANGUAGES, write_letter
from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.shapes import Moment
from franked.formats import request as paper
from franked.formats.attachments import attachments
from franked.formats.defence import defence
from franked.rules.defence import MOST_DAYS
from franked.rules.finding import Finding, Status
from franked.rules.views import CHECKLIST, PHASES, REASONS, Point, points

_STATUS = {"enum": [status.value for status in Status]}
Days = Annotated[int, Parameter(ge=1, le=MOST_DAYS)]
Language = Annotated[str, Parameter(pattern=f"^({'|'.join(LANGUAGES)})$")]


class ToldEvidence(Struct, frozen=True):
    what: Annotated[str, Meta(examples=["TXT _dmarc.shop.example.com"])]
    value: Annotated[str, Meta(examples=["v=DMARC1; p=none"])]
    at: Moment


class ToldFinding(Struct, frozen=True):
    check: Annotated[str, Meta(examples=["dmarc:shop.example.com"])]
    status: Annotated[str, Meta(description="unknown: nobody answered", examples=["ok"], extra_json_schema=_STATUS)]
    required: bool
    found: Annotated[str, Meta(examples=["p=none, one record"])]
    why: Annotated[str, Meta(description="why it matters", examples=["Mail that nothing vouches for is refused."])]
    evidence: list[ToldEvidence]
    fix: Annotated[list[str], Meta(description="to copy: records, commands", examples=[["franked canary --run"]])]


class ToldPoint(Struct, frozen=True):
    name: Annotated[str, Meta(examples=["DMARC"])]
    open: Annotated[list[str], Meta(description="empty: done", examples=[["dmarc was not checked"]])]


class ToldChecks(Struct, frozen=True):
    """`ready`: nothing that is required is missing."""

    ready: bool
    rehearsal: Annotated[bool, Meta(description="SES is simulated: no evidence for AWS")]
    checks: Annotated[list[ToldFinding], Meta(description="what is missing first")]
    checklist: Annotated[list[ToldPoint], Meta(description="the points before production, over the same checks")]
    reasons: Annotated[list[ToldPoint], Meta(description="the usual reasons of a refusal")]
    phases: Annotated[list[ToldPoint], Meta(description="of the way back after a refusal")]


class ToldLetter(Struct, frozen=True):
    """The letter as it stands, in each shape. It is released when nothing is open."""

    released: bool
    objections: Annotated[list[str], Meta(description="why it is not", examples=[["Signed by: not filled in"]])]
    letter: Annotated[dict[str, Any], Meta(description="each sentence with its promise and its proof")]
    markdown: Annotated[str, Meta(examples=["# Production access to Amazon SES: Example Shop"])]
    case_reply: Annotated[str, Meta(description="to paste into AWS's support case", examples=["Case 1234567890"])]
    form: Annotated[str, Meta(description="the console's form, field by field", examples=["Region: eu-central-1"])]
    attachments: Annotated[
        dict[str, str],
        Meta(description="Markdown, by file name", examples=[{"business.md": "# Business description: Example Shop"}]),
    ]


class ToldDefence(Struct, frozen=True):
    """For a review of the account: out of the record, and of promises that are kept."""

    since: Annotated[date, Meta(examples=["2026-02-19"])]
    rehearsal: Annotated[bool, Meta(description="SES is simulated: no evidence for AWS")]
    markdown: Annotated[str, Meta(examples=["# Review of the Amazon SES account: Example Shop"])]
    left_out: Annotated[
        list[str], Meta(description="sentences that are not true now, and why", examples=[["bounce: canary is wrong"]])
    ]


@get("/v1/access/checks", summary="What is missing before AWS is asked", tags=["access"])
async def get_access_checks(request: AnyRequest) -> ToldChecks:
    """Every check is made now, which may take 45 seconds."""
    world = door_of(request).world
    findings = await check(world)
    return ToldChecks(
        ready=all(one.is_ok or not one.is_required for one in findings),
        rehearsal=world.declared.is_rehearsal,
        checks=[_told(one) for one in findings],
        checklist=[_point(one) for one in points(CHECKLIST, findings)],
        reasons=[_point(one) for one in points(REASONS, findings)],
        phases=[_point(one) for one in points(PHASES, findings)],
    )


@get("/v1/access/letter", summary="The letter to AWS", tags=["access"])
async def get_access_letter(request: AnyRequest, language: Language = "en") -> ToldLetter:
    """Written out of what is checked now. A sentence that is not proven is not in it, but in `letter.to_do`."""
    world = door_of(request).world
    letter = await write_letter(await check(world), language, world)
    return ToldLetter(
        released=not letter.objections,
        objections=list(letter.objections),
        letter=dict(paper.as_json(letter)),
        markdown=paper.markdown(letter),
        case_reply=paper.case_reply(letter, world.declared.asked.case_id),
        form=paper.form(letter, paper.fields_of(letter, world.declared)),
        attachments=dict(attachments(letter)),
    )


@get("/v1/access/defence", summary="What AWS is told when it reviews the account", tags=["access"])
async def get_access_defence(request: AnyRequest, days: Days = DAYS) -> ToldDefence:
    """What happened on the last days, what was done about it, what prevents it."""
    world = door_of(request).world
    told = await defend(await check(world), days, world)
    return ToldDefence(told.since, told.rehearsal, defence(told), list(told.left_out))


def _told(one: Finding) -> ToldFinding:
    evidence = [ToldEvidence(seen.what, seen.value, seen.at) for seen in one.evidence]
    return ToldFinding(one.id, one.status.value, one.is_required, one.found, one.why, evidence, list(one.fix))


def _point(one: Point) -> ToldPoint:
    return ToldPoint(one.name, list(one.open))
