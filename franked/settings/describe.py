"""The settings as they apply, for people: what, how much, where from. Secrets stay hidden."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from franked.rules.address import Sender
from franked.rules.consent import Topic
from franked.rules.stream import Stream
from franked.rules.webhook import Endpoint
from franked.settings.coding import OF_A_STREAM as OF_CODES
from franked.settings.setting import Setting
from franked.settings.webhooks import settings_named
from franked.settings.whole import SECTIONS, STREAM, TOPIC, Settings

DEFAULT = "default"
HIDDEN = "(hidden)"
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


class Shown(NamedTuple):
    name: str
    value: str
    origin: str


def describe(settings: Settings) -> list[Shown]:
    return [
        *_of_sections(settings),
        *(shown for stream in settings.streams.values() for shown in _of(stream, settings)),
        *(shown for topic in settings.topics.values() for shown in _of_topic(topic, settings)),
        *(shown for endpoint in settings.webhooks.values() for shown in _of_webhook(endpoint, settings)),
    ]


def spell(value: object) -> str:
    """A value as it would be written in the file."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case StrEnum():
            return value.value
        case float():
            return f"{value:g}"
        case timedelta():
            return _span(value)
        case Mapping():
            return ", ".join(f"{name}: {item}" if name else str(item) for name, item in value.items())
        case tuple():
            return ", ".join(spell(item) for item in value)
        case Sender():
            return f"{value.name} <{value.address}>" if value.name else str(value.address)
        case _:
            return str(value)


def default_of(setting: Setting) -> str:
    return setting.unsaid or spell(setting.default)


def _of_sections(settings: Settings) -> Iterator[Shown]:
    for section in SECTIONS:
        for setting in section.settings:
            value = getattr(getattr(settings, section.field), setting.field)
            yield _shown(setting, setting.path, value, settings)


def _of(stream: Stream, settings: Settings) -> Iterator[Shown]:
    for setting in STREAM:
        value = stream.sender if setting.name == "from" else getattr(stream, setting.field)
        yield _shown(setting, f"streams.{stream.name}.{setting.name}", value, settings)
    for setting in OF_CODES if stream.codes else ():
        value = getattr(stream.codes, setting.field)
        yield _shown(setting, f"streams.{stream.name}.codes.{setting.name}", value, settings)


def _of_topic(topic: Topic, settings: Settings) -> Iterator[Shown]:
    for setting in TOPIC:
        yield _shown(setting, f"topics.{topic.name}.{setting.name}", getattr(topic, setting.field), settings)


def _of_webhook(endpoint: Endpoint, settings: Settings) -> Iterator[Shown]:
    for setting in settings_named(endpoint.name):
        yield _shown(setting, setting.path, getattr(endpoint, setting.field), settings)


def _shown(setting: Setting, path: str, value: object, settings: Settings) -> Shown:
    origin = settings.origins.get(path, DEFAULT)
    if setting.secret and value is not None:
        return Shown(path, HIDDEN, origin)
    return Shown(path, spell(value) or default_of(setting), origin)


def _span(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit, length = next((unit, length) for unit, length in _UNITS if seconds % length == 0)
    return f"{seconds // length}{unit}"
