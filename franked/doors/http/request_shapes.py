"""What the door says of the request to AWS, and takes."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.access import ToldPoint
from franked.doors.http.shapes import Moment
from franked.rules.request import Stage, What

_STAGES = {"enum": [stage.value for stage in Stage]}
NOTED = (What.REASON, What.MENDED, What.QUESTION, What.ANSWERED, What.REVIEWED)
_BY = Meta(min_length=1, max_length=200, description="who, by name", examples=["Ada Muster"])


class ToldLine(Struct, frozen=True):
    at: Moment
    what: Annotated[str, Meta(examples=["denied"])]
    by: Annotated[str, Meta(examples=["AWS"])]
    text: Annotated[str, Meta(examples=["The use case was not clear."])]
    case_id: Annotated[str, Meta(examples=["173900000000000"])]


class ToldFields(Struct, frozen=True):
    """What `sesv2:PutAccountDetails` would get."""

    mail_type: Annotated[str, Meta(examples=["TRANSACTIONAL"])]
    website: Annotated[str, Meta(examples=["https://shop.example.com"])]
    language: Annotated[str, Meta(examples=["EN"])]
    contacts: Annotated[list[str], Meta(examples=[["ops@shop.example.com"]])]
    use_case: Annotated[str, Meta(description="at most 5,000 characters", examples=["Who asks: Example Shop asks …"])]


class ToldRequest(Struct, frozen=True):
    """Where the request stands, and what would be sent."""

    state: Annotated[
        str, Meta(description="PENDING, GRANTED, … in AWS's words; null: never asked", examples=["PENDING"])
    ]
    stage: Annotated[str, Meta(examples=["ready"], extra_json_schema=_STAGES)]
    objections: Annotated[list[str], Meta(description="why it may not go now", examples=[["Signed by: not filled in"]])]
    digest: Annotated[str, Meta(description="of `fields`: send it back to ask", examples=["6d51c73a2938f623"])]
    fields: ToldFields
    case_id: Annotated[str, Meta(examples=["173900000000000"])]
    asked_at: Annotated[Moment | None, Meta(description="null: never")]
    hours: Annotated[float | None, Meta(description="since then, while AWS reviews it", examples=[5.5])]
    locked_until: Annotated[Moment | None, Meta(description="after a refusal")]
    phases: Annotated[list[ToldPoint], Meta(description="of the way back")]
    answers: Annotated[dict[str, str], Meta(description="to what AWS asks, of the same evidence")]
    escalation: Annotated[
        list[str], Meta(description="after a second refusal, in order", examples=[["Support plan: …"]])
    ]
    after_approval: Annotated[list[ToldPoint], Meta(description="once it is granted, in order")]
    log: list[ToldLine]


class NewRequest(Struct, frozen=True, forbid_unknown_fields=True):
    by: Annotated[str, _BY]
    digest: Annotated[str, Meta(max_length=64, description="of what was looked at", examples=["6d51c73a2938f623"])]


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    what: Annotated[str, Meta(examples=["mended"], extra_json_schema={"enum": [one.value for one in NOTED]})]
    by: Annotated[str, _BY]
    text: Annotated[str, Meta(min_length=1, max_length=4000, examples=["The website has a page on privacy now."])]


class NewQuota(Struct, frozen=True, forbid_unknown_fields=True):
    value: Annotated[float, Meta(gt=0, description="recipients in 24 hours, or a second", examples=[100000])]
    name: Annotated[
        str, Meta(max_length=100, description="the quota's, at Service Quotas", examples=["Sending quota"])
    ] = "Sending quota"


class ToldIncrease(Struct, frozen=True):
    name: Annotated[str, Meta(examples=["Sending quota"])]
    value: Annotated[float, Meta(examples=[100000])]
    status: Annotated[str, Meta(examples=["PENDING"])]
    case_id: Annotated[str, Meta(examples=[""])]
