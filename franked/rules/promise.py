"""A sentence of the letter to AWS, and the checks that make it true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from franked.rules.finding import Finding


class Section(StrEnum):
    """Of the letter, in its order: the verified domain and the kind of mail stand first."""

    SENDER = "sender"
    STREAMS = "streams"
    RECIPIENTS = "recipients"
    BOUNCES = "bounces"
    LEAVING = "leaving"
    AUTHENTICATION = "authentication"
    LISTS = "lists"
    TEMPLATES = "templates"
    MONITORING = "monitoring"
    COMPLIANCE = "compliance"
    VOLUMES = "volumes"
    TESTS = "tests"


@dataclass(frozen=True, slots=True)
class Promise:
    """`needs`: keys of checks that must have found it so, `key:of` where one of several is meant. A key that no check
    answered is as one that failed. `slots`: what stands in the sentence."""

    key: str
    section: Section
    needs: tuple[str, ...]
    slots: Mapping[str, str] = field(default_factory=dict)
    of: str = ""  # the stream or domain that it is about


@dataclass(frozen=True, slots=True)
class Kept:
    """It is true, and may be said. `proof`: the findings it stands on."""

    promise: Promise
    proof: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """It is not in the letter. `missing`: checks that nobody made; `failed`: with their way to mend it."""

    promise: Promise
    failed: tuple[Finding, ...]
    missing: tuple[str, ...] = ()


def judge(promises: Iterable[Promise], findings: Sequence[Finding]) -> list[Kept | Broken]:
    by_key: dict[str, list[Finding]] = {}
    for one in findings:
        by_key.setdefault(one.key, []).append(one)
        if one.of:
            by_key.setdefault(one.id, []).append(one)
    return [_judged(promise, by_key) for promise in promises]


def _judged(promise: Promise, by_key: Mapping[str, Sequence[Finding]]) -> Kept | Broken:
    missing = tuple(need for need in promise.needs if need not in by_key)
    found = [one for need in promise.needs for one in by_key.get(need, ()) if one.is_required]
    failed = tuple(one for one in found if not one.is_ok)
    return Broken(promise, failed, missing) if failed or missing else Kept(promise, tuple(found))
