"""Codes as JSON, both ways. The OpenAPI document is made from these."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from franked.doors.http.shapes import EXAMPLE_ID, Moment, Name, Words
from franked.rules.code import LONGEST_GUESS, code_id_of

EXAMPLE_CODE = code_id_of(EXAMPLE_ID)

CodeId = Annotated[str, Meta(examples=[EXAMPLE_CODE], extra_json_schema={"pattern": "^c_[0-9a-hjkmnp-tv-z]{26}$"})]
StreamOfCodes = Annotated[
    Name, Meta(description="a stream with a section `[streams.NAME.codes]`", examples=["sign-in-code"])
]
Session = Annotated[
    Annotated[str, Meta(max_length=200)],
    Meta(
        description="the caller's session in your own terms: the code is right in no other",
        examples=["4f1c9a70e2"],
    ),
]
Whose = Annotated[str | None, Meta(description="the account that the code was asked for", examples=["account-1042"])]


class NewCode(Struct, forbid_unknown_fields=True, frozen=True):
    """A code for one address. Franked makes, mails and checks it."""

    stream: StreamOfCodes
    to: Annotated[str, Meta(max_length=1000, description="the address, as it was typed", examples=["ana@example.com"])]
    account: Annotated[
        Words | None,
        Meta(
            description="whose address it is, in your own terms; null: nobody's. That is answered the same, "
            "and nothing is sent",
            examples=["account-1042"],
        ),
    ]
    session: Session = ""
    ip: Annotated[
        Annotated[str, Meta(max_length=60)] | None,
        Meta(description="the person's address: codes are limited by it", examples=["192.0.2.17"]),
    ] = None
    locale: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None,
        Meta(description="the template's own fallback applies", examples=["de-CH"]),
    ] = None
    variables: Annotated[
        dict[str, Any],
        Meta(
            description="what the template declares, but for `code`, `url` and `minutes`: Franked writes those",
            examples=[{"name": "Ana"}],
        ),
    ] = field(default_factory=dict)


class NewGuess(Struct, forbid_unknown_fields=True, frozen=True):
    """What a person typed."""

    stream: StreamOfCodes
    id: Annotated[str, Meta(max_length=60, description="of the answer to `POST /v1/codes`", examples=[EXAMPLE_CODE])]
    code: Annotated[
        str,
        Meta(
            max_length=200,
            description=f"as it was typed, with blanks or dashes: at most {LONGEST_GUESS} characters",
            examples=["042 137"],
        ),
    ]
    session: Session = ""


class NewClaim(Struct, forbid_unknown_fields=True, frozen=True):
    """The `token` with which a link's button led to your page."""

    stream: StreamOfCodes
    token: Annotated[str, Meta(max_length=200, examples=["kq0Wb3s9vYt1uXr5" + "A" * 27])]


class ToldIssue(Struct, frozen=True):
    """The same for every address. The mail's message has the same id, with `m` in place of `c`; there is none where
    nothing was sent."""

    id: CodeId
    expires_at: Annotated[Moment, Meta(examples=["2026-03-04T10:25:07Z"])]
    resend_at: Annotated[
        Moment,
        Meta(
            description="asked for again before then it is this code, and no other mail",
            examples=["2026-03-04T10:15:52Z"],
        ),
    ]


class ToldProof(Struct, frozen=True):
    """`right` once. Wrong, used, too old, one guess too many, not there: all the same."""

    right: Annotated[bool, Meta(examples=[True])]
    account: Whose


class ToldCode(Struct, frozen=True):
    """How a code stands."""

    id: CodeId
    stream: Annotated[str, Meta(examples=["sign-in-code"])]
    account: Whose
    confirmed: Annotated[bool, Meta(description="its link's button was pressed", examples=[False])]
    used: Annotated[bool, Meta(description="it proved what it was to prove", examples=[False])]
    expires_at: Annotated[Moment, Meta(examples=["2026-03-04T10:25:07Z"])]
