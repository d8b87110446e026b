"""The canary, as JSON."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import EXAMPLE_ID, Moment
from franked.rules.canary import Probe, Step
from franked.rules.diagnosis import Fault

_EXAMPLE_FINDING = {
    "fault": "bounces_not_published",
    "says": "SES publishes no bounces (tx).",
    "way_out": "In SES, let an event destination of the configuration set publish bounces to the topic that Franked "
    "listens to. `franked canary --run` tries again at once.",
}


class ToldFinding(Struct, frozen=True):
    """One thing that is broken, and how to mend it."""

    fault: Annotated[Fault, Meta(examples=["bounces_not_published"])]
    says: Annotated[str, Meta(examples=[_EXAMPLE_FINDING["says"]])]
    way_out: Annotated[str, Meta(examples=[_EXAMPLE_FINDING["way_out"]])]


class ToldRun(Struct, frozen=True):
    """One flight."""

    id: Annotated[str, Meta(examples=["00a1b2c3d4"])]
    began_at: Moment
    ended_at: Annotated[Moment | None, Meta(description="null: it is under way", examples=["2026-03-04T10:15:12Z"])]
    step: Annotated[Step, Meta(description="how far it has come", examples=["passed"])]
    missing: Annotated[list[Probe], Meta(description="whose event has not come", examples=[[]])]
    findings: Annotated[list[ToldFinding], Meta(description="the first says most", examples=[[]])]
    messages: Annotated[list[str], Meta(description="the ids of its mails", examples=[[EXAMPLE_ID]])]


EXAMPLE_RUN = {
    "id": "00a1b2c3d4",
    "began_at": "2026-03-04T10:15:07Z",
    "ended_at": "2026-03-04T10:15:12Z",
    "step": "passed",
    "missing": [],
    "findings": [],
    "messages": [EXAMPLE_ID],
}


class ToldCanary(Struct, frozen=True):
    """Whether bounces and complaints come back, and since when that is known."""

    enabled: Annotated[bool, Meta(description="false: it flies only when asked, and holds nothing", examples=[True])]
    proven: Annotated[bool, Meta(description="false: first mails that are not urgent are held", examples=[True])]
    says: Annotated[str, Meta(examples=["Bounces and complaints come back: proven 2026-03-04 10:15Z."])]
    passed_at: Annotated[Moment | None, Meta(description="null: never", examples=["2026-03-04T10:15:12Z"])]
    proven_until: Annotated[Moment | None, Meta(description="null: not proven", examples=["2026-03-05T11:15:12Z"])]
    next_at: Annotated[
        Moment | None, Meta(description="when it flies by itself; null: not", examples=["2026-03-05T10:15:07Z"])
    ]
    current: Annotated[ToldRun | None, Meta(description="null: none is under way", examples=[None])]
    last: Annotated[ToldRun | None, Meta(description="null: none has ended yet", examples=[EXAMPLE_RUN])]
