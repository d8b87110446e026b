"""Random requests mostly end at the first question: here some of their fields become ones that are there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schemathesis import APIOperation, Case

from tests.fuzz.live import Live
from tests.running import VARIABLES

AnyOperation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[AnyOperation]

MOST_KNOWN = 200
ADDRESSES = ("ana@example.com", "ben@example.net", "bounce@simulator.amazonses.com", "Ünï@example.org", "no address")
TIMES = (  # the first and the last that can be written, and more usual ones
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1970-01-01T00:00:00Z",
    "2026-03-04T10:15:07.120Z",
)
TIMED = ("at", "send_at", "since", "until")
ENVELOPE = {
    "Type": "Notification",
    "MessageId": "1",
    "TopicArn": "arn:aws:sns:eu-central-1:000000000000:franked-events",
    "Message": "{}",
    "Timestamp": "2026-03-04T10:15:07.120Z",
    "SignatureVersion": "1",
    "Signature": "AAAA",
    "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
}


@dataclass(slots=True)
class Known:
    """What answers told: ids that can be asked for."""

    live: Live
    messages: list[str] = field(default_factory=lambda: ["m_01kjv281d0q2m5r8x4y7zb3cde"])
    keys: list[str] = field(default_factory=lambda: ["4k2m8x1p"])

    def learn(self, answer: object) -> None:
        found = str(answer.get("id", "")) if isinstance(answer, dict) else ""
        known = self.messages if found.startswith("m_") else self.keys
        if found and found not in known and len(known) < MOST_KNOWN:
            known.append(found)

    def ground(self, case: AnyCase, chance: Random) -> None:
        """Each field with even odds."""
        for values in (case.path_parameters, case.query):
            self._fields(values, chance)
        if isinstance(case.body, dict):
            self._fields(case.body, chance)
            for inner in [*_dicts(case.body.get("messages")), *_dicts([case.body.get("trigger")])]:
                self._fields(inner, chance)

    def _fields(self, values: Any, chance: Random) -> None:
        stream = chance.choice(sorted(VARIABLES))
        for name, real in self._real(stream).items():
            if name in values and chance.random() < 0.5:
                values[name] = real(chance)
        if "stream" in values and "to" in values and chance.random() < 0.5:
            self._may_go(values, stream, chance)
        for name in TIMED:
            if name in values and chance.random() < 0.5:
                values[name] = chance.choice(TIMES)

    def _may_go(self, values: dict[str, Any], stream: str, chance: Random) -> None:
        """With the rest of its fields as they are, or without them."""
        if chance.random() < 0.7:
            values.clear()
        values |= self.draft(stream, chance)

    def _real(self, stream: str) -> dict[str, Callable[[Random], object]]:
        return {
            "message_id": lambda chance: chance.choice(self.messages),
            "key_id": lambda chance: chance.choice(self.keys),
            "address": lambda chance: chance.choice(ADDRESSES),
            "identity": lambda chance: chance.choice(ADDRESSES),
            "addresses": lambda chance: chance.choices(ADDRESSES, k=chance.randint(1, 20)),
            "to": lambda chance: chance.choice(ADDRESSES),
            "after": lambda chance: chance.choice(self.messages),
            "stream": lambda chance: stream,
            "streams": lambda chance: [stream],
            "senders": lambda chance: ["orders@example.com"],
            "limit": lambda chance: chance.choice(["5/hour", 10]),
            "overlap": lambda chance: chance.choice(["0s", "90s", "30d", "31d"]),
        }

    def draft(self, stream: str, chance: Random) -> dict[str, object]:
        now = self.live.now().isoformat()
        at, later = chance.choices([now, *TIMES], weights=[20, 1, 1, 1, 1], k=2)
        trigger = {"act": "purchase", "by": "account-1", "at": at}
        draft = {"stream": stream, "to": chance.choice(ADDRESSES), "variables": VARIABLES[stream], "trigger": trigger}
        draft |= {"send_at": later} if later != now else {}
        return draft | ({"content": {"subject": "A note", "text": "So it is."}} if stream == "note" else {})


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
