"""Rates and the brake as JSON."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Moment
from franked.rules.governor import Step

Rate = Annotated[float | None, Meta(description="a fraction; null without sends", examples=[0.012])]
Text = Annotated[str, Meta(min_length=10, max_length=2000)]
Word = Annotated[str, Meta(examples=["stop_bulk"], extra_json_schema={"enum": [step.word for step in Step]})]


class ToldRates(Struct, frozen=True):
    """An estimate: AWS computes its own over a volume that nobody outside knows."""

    of: Annotated[str, Meta(description="a window, a stream, a lane, …", examples=["last 1,000 sends"])]
    sent: Annotated[int, Meta(examples=[1000])]
    bounced: Annotated[int, Meta(description="for good", examples=[12])]
    complained: Annotated[int, Meta(examples=[0])]
    bounce_rate: Rate
    complaint_rate: Rate


class ToldAwsRates(Struct, frozen=True):
    """What CloudWatch says."""

    bounce_rate: Rate
    complaint_rate: Rate
    at: Moment


class ToldBrakeLine(Struct, frozen=True):
    """A step of the governor, or its release."""

    at: Moment
    what: Annotated[str, Meta(examples=["stop_bulk"])]
    why: Annotated[str, Meta(examples=["4.1 % hard bounces, 41 of the last 1,000 sends"])]
    by: Annotated[str, Meta(examples=["governor"])]
    action: Annotated[str, Meta(description="of a release: what was mended", examples=["the list was taken off"])]


class ToldBrake(Struct, frozen=True):
    step: Word
    since: Moment | None
    because: Annotated[str, Meta(examples=["4.1 % hard bounces, 41 of the last 1,000 sends"])]
    means: Annotated[str, Meta(examples=["the bulk lane stands still"])]
    careful_until: Annotated[Moment | None, Meta(description="till when the lower steps come at half the rate")]
    released_at: Annotated[Moment | None, Meta(description="figures from before do not move the brake any more")]


class ToldReputation(Struct, frozen=True):
    """How the account stands."""

    brake: ToldBrake
    budget: Annotated[list[str], Meta(examples=[["7 more hard bounces reach 5 %"]])]
    windows: list[ToldRates]
    aws: Annotated[ToldAwsRates | None, Meta(description="null: AWS was not asked, or has said nothing yet")]
    streams: Annotated[list[ToldRates], Meta(description="of the last 7 days, as the next three")]
    lanes: list[ToldRates]
    sender_domains: list[ToldRates]
    providers: list[ToldRates]
    log: Annotated[list[ToldBrakeLine], Meta(description="the newest 20, newest first")]


class NewRelease(Struct, forbid_unknown_fields=True, frozen=True):
    """A stop is released by a person, who has looked for the cause and mended it. Both are kept."""

    investigation: Annotated[Text, Meta(description="what was found", examples=["an old list was imported on Monday"])]
    action: Annotated[Text, Meta(description="what was done about it", examples=["the list was taken off again"])]
    by: Annotated[str, Meta(max_length=100, description="who; without it the key's name", examples=["Ana"])] = ""
