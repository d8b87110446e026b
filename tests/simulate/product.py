"""The product that is simulated: three streams, one in each lane, each with another answer to an unknown outcome."""

from datetime import UTC, datetime, timedelta
from functools import cache

from franked.formats.links import KEY_LENGTH, Links
from franked.formats.template import Template, parse
from franked.rules.address import Address, Sender
from franked.rules.declared import Declared
from franked.rules.draft import Draft
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Limit, Stream
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller

START = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:111122223333:franked-events"
CALLER = Caller("key-1", "the shop")
PERSON = "ops"  # who puts back what stopped
SENDER = Sender("Example Shop", Address.of_spelled("shop@shop.example.com"))
SENDING_DOMAIN = "shop.example.com"

DIGESTS = "digests"

_TEMPLATES = {
    "code": ("Your code", "code", "<p>{{ code }}</p>"),
    "receipt": ("Your receipt {{ number }}", "number", "<p>Number {{ number }}</p>"),
    "digest": ("Your week", "number", "<p>{{ number }} backups</p>"),
}
_VARIABLE = {"code": "code", "receipt": "number", "digest": "number"}


def _stream(name: str, lane: Lane, if_unknown: IfUnknown, useful_for: timedelta, limit: Limit | None = None) -> Stream:
    return Stream(
        name=name,
        kind=Kind.NOTIFICATION if lane is Lane.BULK else Kind.TRANSACTIONAL,
        purpose=f"What the simulation sends as {name}",
        sender=SENDER,
        lane=lane,
        template=name,
        useful_for=useful_for,
        trigger_within=timedelta(hours=24),
        if_unknown=if_unknown,
        per_recipient=limit,
        secret=name == "code",
        topic=DIGESTS if name == "digest" else None,
    )


_STREAMS = (
    _stream("code", Lane.URGENT, IfUnknown.RESEND, timedelta(minutes=30), Limit(5, timedelta(hours=1))),
    _stream("receipt", Lane.NORMAL, IfUnknown.HOLD, timedelta(hours=72)),
    _stream("digest", Lane.BULK, IfUnknown.DROP, timedelta(hours=12)),
)

LINKS = Links("https://mail.example.com", bytes(KEY_LENGTH))

DECLARED = Declared(
    brand="Example Shop",
    website="https://shop.example.com",
    postal_address="Example Shop Ltd, 1 Sample Street, 8000 Zurich",
    sender=SENDER,
    admins=(Address.of_spelled("ops@shop.example.com"),),
    region="eu-central-1",
    streams={stream.name: stream for stream in _STREAMS},
    sns_topics=frozenset({TOPIC}),
)


def draft(stream: str, to: str, at: datetime, key: str | None) -> Draft:
    trigger = Trigger("purchase", "account-1", at, key)
    return Draft(stream, to, trigger, {_VARIABLE[stream]: "424242"}, idempotency_key=key)


class KnownTemplates:
    """ports.Templates, from memory."""

    def current(self, name: str) -> Template | None:
        return _parsed().get(name)

    async def load(self, version: str) -> Template | None:
        return next((template for template in _parsed().values() if template.version == version), None)


@cache
def _parsed() -> dict[str, Template]:
    return {
        name: parse(name, {"en.html": f'+++\nsubject = "{subject}"\nvariables = ["{variable}"]\n+++\n{html}'}, "en")
        for name, (subject, variable, html) in _TEMPLATES.items()
    }
