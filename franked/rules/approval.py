"""A template's version goes to whom it is meant for only when two people have had it in their hands.

A version is the hash of its files: whoever changes a letter has another version, which nobody has approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from franked.rules.content import Content
from franked.rules.stream import Stream


class Approval(StrEnum):
    """Whether mail waits for it."""

    REQUIRED = "required"
    NONE = "none"


class Step(StrEnum):
    """What a person did with a version. The newest step is where it stands; no step yet: a draft."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Review:
    """One step, as it is kept for good."""

    version: str
    template: str
    step: Step
    by: str  # who, by name
    at: datetime
    note: str = ""
    key: str = ""  # the name of the API key through which it came


@dataclass(frozen=True, slots=True)
class NotNow:
    """The step can't be taken as the version stands. `code` is the problem's code, `why` a sentence."""

    code: str
    why: str


def objection(new: Review, last: Review | None) -> NotNow | None:
    """`last`: the newest step of this version before."""
    stands = last.step.value if last else DRAFT
    if stands == new.step:
        return NotNow("already_there", f"this version is {stands} already")
    match new.step:
        case Step.SUBMITTED:
            approved = last is not None and last.step is Step.APPROVED
            return NotNow("already_there", "this version is approved already") if approved else None
        case Step.APPROVED:
            return _to_approval(new, last)
        case Step.REJECTED:
            return None if last else NotNow("not_submitted", "nobody has submitted this version")


def asking(streams: Mapping[str, Stream], approval: Approval) -> dict[str, Stream]:
    """Mail in its caller's own words has nothing that could be approved."""
    required = approval is Approval.REQUIRED
    return {
        name: replace(stream, needs_approval=required and stream.content is Content.TEMPLATE)
        for name, stream in streams.items()
    }


def _to_approval(new: Review, last: Review | None) -> NotNow | None:
    if last is None or last.step is not Step.SUBMITTED:
        return NotNow("not_submitted", f"this version is {last.step if last else 'a draft'}: submit it first")
    if _person(new.by) == _person(last.by):
        return NotNow("same_person", f"{last.by} submitted this version: another person approves it")
    return None


def _person(name: str) -> str:
    """However it is spelled."""
    return " ".join(name.split()).casefold()
