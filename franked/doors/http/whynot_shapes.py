"""Why somebody got no mail, as JSON."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import EXAMPLE_ID, Moment, Recipient
from franked.rules.reasons import OnSesList


class ToldReason(Struct, frozen=True):
    """One reason, and the way to mend it."""

    what: Annotated[
        str,
        Meta(
            description="a message's state or reason, or suppressed, suppressed_at_ses, left, not_confirmed, "
            "no_consent, rate_limited, lane_waits, sandbox, loop_not_proven",
            examples=["suppressed"],
        ),
    ]
    at: Annotated[Moment, Meta(description="since when, or when it was; what is so now has the time of the answer")]
    says: Annotated[str, Meta(examples=["it bounced for good (2026-03-04 10:15Z): smtp; 550 5.1.1 user unknown."])]
    way_out: Annotated[str, Meta(examples=["Ask for another address."])]
    stream: Annotated[str | None, Meta(description="null: it is not about one stream", examples=["receipt"])]
    message: Annotated[str | None, Meta(description="null: it is not about one message", examples=[EXAMPLE_ID])]


class ToldWhyNot(Struct, frozen=True):
    """`says` answers in a sentence; the reasons are the newest first."""

    address: Recipient
    says: Annotated[str, Meta(examples=["ana@example.com gets no mail: it bounced for good (2026-03-04 10:15Z)."])]
    reasons: list[ToldReason]
    ses_list: Annotated[
        OnSesList,
        Meta(description="whether SES's own list has it; unknown: not compared", examples=["unknown"]),
    ]
    links: Annotated[
        dict[str, str],
        Meta(examples=[{"person": "/v1/people/ana@example.com", "messages": "/v1/messages?to=ana@example.com"}]),
    ]
