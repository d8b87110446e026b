"""The streams a file declares: what is left unsaid follows from the kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from franked.rules.address import Sender
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Stream
from franked.settings import coding
from franked.settings.document import Document
from franked.settings.faults import Fault
from franked.settings.forms import NAME
from franked.settings.table import Declaration
from franked.settings.unknown import unknown_keys
from franked.settings.values import Taken, take
from franked.settings.whole import STREAM

RESERVED = "franked-"


@dataclass(frozen=True, slots=True)
class Streams:
    by_name: Mapping[str, Stream]
    origins: Mapping[str, str]
    faults: tuple[Fault, ...]


def declared(document: Document, sender: Sender, keep_for: timedelta) -> Streams:
    """`sender`, `keep_for`: for streams that name no other."""
    by_name: dict[str, Stream] = {}
    origins: dict[str, str] = {}
    faults: list[Fault] = []
    for name in document.table(("streams",)):
        taken = _taken(name, document)
        faults.extend(taken.faults)
        origins.update(taken.origins)
        if not taken.faults:
            stream = _stream(name, Declaration(**taken.values), sender, keep_for)
            faults.extend(_unkeepable(stream, document))
            coded = coding.coded(stream, document)
            by_name[name] = coded.stream
            origins.update(coded.origins)
            faults.extend(coded.faults)
            faults.extend(unknown_keys(coded.keys, coding.NAMES, document))
    return Streams(by_name, origins, tuple(faults))


def _taken(name: str, document: Document) -> Taken:
    """No variables here: a name such as `sign-in-code` can't be spelled in one."""
    misnamed = _misnamed(name, document)
    if misnamed:
        return Taken({}, {}, (misnamed,))
    taken = take((replace(setting, section=f"streams.{name}") for setting in STREAM), document, {})
    unread = unknown_keys(("streams", name), {coding.NAME, *(setting.name for setting in STREAM)}, document)
    return replace(taken, faults=(*taken.faults, *unread, *_topicless(name, taken, document)))


def _misnamed(name: str, document: Document) -> Fault | None:
    keys = ("streams", name)
    if not NAME.fullmatch(name):
        allowed = "of a to z, 0 to 9 and -, at most 60 characters"
        return document.fault(keys, f"[streams.{name}]: the name of a stream is {allowed}")
    if name.startswith(RESERVED):
        return document.fault(keys, f"[streams.{name}]: names that begin with {RESERVED} are Franked's own")
    if not isinstance(document.said(keys), Mapping):
        return document.fault(keys, f"a stream is a section of its own: write [streams.{name}]")
    return None


def _topicless(name: str, taken: Taken, document: Document) -> Iterator[Fault]:
    keys = ("streams", name)
    if taken.values["kind"] is Kind.MARKETING and document.said((*keys, "topic")) is None:
        what = "topic is missing: marketing must be asked for by topic, and can be left"
        yield document.fault((*keys, "topic"), f"[streams.{name}] {what}")


def _unkeepable(stream: Stream, document: Document) -> Iterator[Fault]:
    keys = ("streams", stream.name, "keep_content")
    if stream.keep_content and stream.secret:
        yield document.fault(keys, f"[streams.{stream.name}] keep_content: a secret stream's codes are never kept")
    elif stream.keep_content and stream.keep_content > stream.keep_for:
        yield document.fault(keys, f"[streams.{stream.name}] keep_content: its messages are kept less long than that")


def _stream(name: str, said: Declaration, sender: Sender, keep_for: timedelta) -> Stream:
    if said.kind is None:
        raise ValueError(f"stream {name} has no kind")  # a fault was told before
    marketing = said.kind is Kind.MARKETING
    return Stream(
        name=name,
        kind=said.kind,
        purpose=said.purpose,
        sender=said.from_ or sender,
        lane=said.lane or (Lane.BULK if marketing else Lane.NORMAL),
        template=said.template or name,
        useful_for=said.useful_for,
        trigger_within=said.trigger_within,
        content=said.content,
        if_unknown=said.if_unknown or (IfUnknown.DROP if marketing else IfUnknown.HOLD),
        reply_to=said.reply_to,
        per_recipient=said.per_recipient,
        topic=said.topic,
        secret=said.secret,
        standing=marketing if said.standing is None else said.standing,
        keep_for=said.keep_for or keep_for,
        keep_content=said.keep_content,
        asked_by=said.asked_by or "",
        not_left_because=said.not_left_because or "",
        planned=said.planned,
    )
