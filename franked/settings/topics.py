"""The topics a file declares, and those that only a stream names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from franked.rules.consent import Topic
from franked.rules.content import Content
from franked.rules.stream import Kind, Stream
from franked.settings.document import Document
from franked.settings.faults import Fault, meant
from franked.settings.forms import NAME
from franked.settings.unknown import unknown_keys
from franked.settings.values import take
from franked.settings.whole import TOPIC


@dataclass(frozen=True, slots=True)
class Topics:
    by_name: Mapping[str, Topic]
    origins: Mapping[str, str]
    faults: tuple[Fault, ...]


def declared_topics(document: Document, streams: Mapping[str, Stream], asking: str | None) -> Topics:
    """`asking`: the stream that [subscriptions] names."""
    by_name: dict[str, Topic] = {}
    origins: dict[str, str] = {}
    faults: list[Fault] = [*_mixed(document, streams), *_unfit(document, streams, asking)]
    for name in document.table(("topics",)):
        if misnamed := _misnamed(name, document):
            faults.append(misnamed)
            continue
        taken = take((replace(setting, section=f"topics.{name}") for setting in TOPIC), document, {})
        faults += [*taken.faults, *unknown_keys(("topics", name), {setting.name for setting in TOPIC}, document)]
        origins.update(taken.origins)
        by_name[name] = Topic(name, **{field: text or {} for field, text in taken.values.items()})
    for stream in streams.values():
        if stream.topic and stream.topic not in by_name:
            by_name[stream.topic] = Topic(stream.topic)
    return Topics(by_name, origins, tuple(faults))


def _misnamed(name: str, document: Document) -> Fault | None:
    keys = ("topics", name)
    if not NAME.fullmatch(name):
        allowed = "of a to z, 0 to 9 and -, at most 60 characters"
        return document.fault(keys, f"[topics.{name}]: the name of a topic is {allowed}")
    if not isinstance(document.said(keys), Mapping):
        return document.fault(keys, f"a topic is a section of its own: write [topics.{name}]")
    return None


def _mixed(document: Document, streams: Mapping[str, Stream]) -> Iterator[Fault]:
    """Who never asked gets notifications and no marketing: one switch for both would say neither."""
    marketing = {stream.topic: stream.name for stream in streams.values() if stream.kind is Kind.MARKETING}
    for stream in streams.values():
        if stream.topic and stream.kind is not Kind.MARKETING and stream.topic in marketing:
            what = f"{stream.topic!r} is the topic of [streams.{marketing[stream.topic]}], which is marketing"
            keys = ("streams", stream.name, "topic")
            yield document.fault(keys, f"[streams.{stream.name}] topic: {what}; give this stream one of its own")


def _unfit(document: Document, streams: Mapping[str, Stream], asking: str | None) -> Iterator[Fault]:
    if asking is None:
        return
    stream, keys = streams.get(asking), ("subscriptions", "stream")
    if stream is None:
        hint = meant(asking, streams)
        yield document.fault(keys, f"[subscriptions] stream: there is no [streams.{asking}]{hint}")
    elif stream.kind is not Kind.TRANSACTIONAL or stream.topic or not stream.secret:
        what = "it must be transactional, have no topic, and be secret: whoever has its link confirms"
        yield document.fault(keys, f"[subscriptions] stream: [streams.{asking}]: {what}")
    elif stream.content is not Content.TEMPLATE:
        yield document.fault(keys, f"[subscriptions] stream: [streams.{asking}]: a template must write it")
