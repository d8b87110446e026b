"""Templates and their reviews as JSON, both ways."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from franked.doors.http.shapes import Moment
from franked.rules.approval import DRAFT, Step

EXAMPLE_VERSION = "3f0c2a9d51be4c7788a1d2e3f4a5b6c7"
VERSION = "^[0-9a-f]{32}$"

_Version = Annotated[str, Meta(examples=[EXAMPLE_VERSION], description="the hash of its files")]
_TheName = Annotated[str, Meta(examples=["receipt"])]
_Person = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S", examples=["Ana Muster"])]
_Note = Annotated[str, Meta(max_length=1000)]
_Stands = Annotated[str, Meta(examples=["submitted"], extra_json_schema={"enum": [DRAFT, *Step]})]
_Asked = Annotated[str, Meta(pattern=VERSION)] | None
_WHICH = "of the template; null: the one in the folder now"


class ToldReview(Struct, frozen=True):
    """One step of one version. `by` is who, by name; `key` the API key through which it came."""

    version: _Version
    step: Annotated[str, Meta(examples=["submitted"], extra_json_schema={"enum": list(Step)})]
    by: Annotated[str, Meta(examples=["Ana Muster"])]
    at: Moment
    note: Annotated[str, Meta(examples=["for the new price list"])]
    key: Annotated[str, Meta(examples=["command line"])]


class ToldTemplate(Struct, frozen=True):
    """A version of a template, and where it stands. `last` is null while it is a draft."""

    name: _TheName
    version: _Version
    stands: _Stands
    needed: Annotated[bool, Meta(description="mail of its streams is held until it is approved")]
    streams: Annotated[list[str], Meta(description="whose mail it writes", examples=[["receipt"]])]
    last: Annotated[ToldReview | None, Meta(description="the newest step; null: a draft")]


class ToldVersion(Struct, frozen=True):
    """A version of a template, whole, with all steps that any version of the template has taken."""

    template: ToldTemplate
    variables: Annotated[list[str], Meta(examples=[["number"]])]
    optional: Annotated[list[str], Meta(examples=[[]])]
    files: Annotated[dict[str, str], Meta(examples=[{"en.html": "+++\n…"}])]
    reviews: list[ToldReview]


class NewReview(Struct, forbid_unknown_fields=True, frozen=True):
    """A step, with the person who takes it."""

    by: Annotated[_Person, Meta(description="who, by name")]
    note: Annotated[_Note, Meta(description="for the record", examples=["for the new price list"])] = ""
    version: Annotated[_Asked, Meta(description=_WHICH)] = None


class NewDecision(Struct, forbid_unknown_fields=True, frozen=True):
    """As a step, with a note that says why."""

    by: Annotated[_Person, Meta(description="who, by name", examples=["Ben Beispiel"])]
    note: Annotated[_Note, Meta(min_length=1, pattern=r"\S", examples=["read it in both languages"])]
    version: Annotated[_Asked, Meta(description=_WHICH)] = None


class ToldDifference(Struct, frozen=True):
    """A unified diff; empty where nothing differs. `old` is null where no version was approved before."""

    old: Annotated[str | None, Meta(examples=["9b1d0c2a51be4c7788a1d2e3f4a5b6c7"])]
    new: _Version
    diff: Annotated[str, Meta(examples=["--- en.html\n+++ en.html\n@@ -6 +6 @@\n-Thanks\n+Thank you\n"])]


class NewPreview(Struct, forbid_unknown_fields=True, frozen=True):
    """What is not said is a sample: the front matter's own, else invented."""

    locale: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None,
        Meta(description="null: the product's own", examples=["de"]),
    ] = None
    variables: Annotated[dict[str, Any], Meta(examples=[{"number": "R-1"}])] = field(default_factory=dict)
    version: Annotated[_Asked, Meta(description=_WHICH)] = None
    inbox: Annotated[bool, Meta(description="lay it into the simulated account's inbox, too")] = False


class ToldPreview(Struct, frozen=True):
    """As its reader would have it. `inbox` leads to it there, where that was asked."""

    version: _Version
    subject: Annotated[str, Meta(examples=["Your receipt R-1"])]
    html: Annotated[str, Meta(examples=["<h1>Thank you</h1>"])]
    text: Annotated[str, Meta(examples=["Thank you\n"])]
    variables: Annotated[dict[str, Any], Meta(examples=[{"number": "R-1"}])]
    inbox: str | None
