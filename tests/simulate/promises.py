"""What was told to somebody must be so: to an application that has an answer, to a trip whose verb has returned."""

from collections.abc import Sequence
from typing import Any

from franked.record import Added, Busy, Finished, IdempotencyConflict
from franked.rules.consent import Statement, Step
from franked.rules.event import Event
from franked.rules.suppression import Suppression
from franked.rules.verdict import TurnedAway
from tests.simulate.findings import Findings
from tests.simulate.model import Model
from tests.simulate.trace import Trace


class Promises:
    def __init__(self, model: Model, findings: Findings, trace: Trace) -> None:
        self._model, self._findings, self._trace = model, findings, trace
        self.accepted: set[str] = set()

    def returned(self, verb: str, asked: Sequence[Any]) -> None:
        """Of the store: what it was told is durable."""
        for one in asked:
            match verb, one:
                case "finish", Finished(taken=taken):
                    attempt = self._model.messages[taken.message.id].attempts[taken.attempt]
                    if attempt.outcome is None:
                        forgotten = f"the outcome of attempt {taken.attempt} is forgotten"
                        self._findings.add("durable", taken.message.id, forgotten)
                case "settle", Event(key=key) if key not in self._model.notices:
                    self._findings.add("durable", None, f"the event {key[:12]} is forgotten")
                case "suppress", Suppression(address_key=key) if key not in self._model.suppressed:
                    self._findings.add("durable", None, f"the suppression of {key} is forgotten")
                case "state", Statement(address=address, step=Step.LEFT) if address.key not in self._model.left:
                    self._findings.add("durable", None, f"that {address} has left is forgotten")
                case _:
                    pass

    def answered(self, key: str | None, answer: Added | TurnedAway | IdempotencyConflict | Busy) -> None:
        """An application; with this idempotency key."""
        if not isinstance(answer, Added):
            self._findings.add("answer", None, f"{answer}")
        elif answer.id not in self._model.messages:
            self._findings.add("lost", None, f"{answer.id} was accepted, and is not in the record")
        else:
            self._trace.say(f"{self._model.messages[answer.id].name} is accepted: {answer.state}")
            self.accepted.add(answer.id)
            if key is not None and self._model.named.get(key) != answer.id:
                self._findings.add("idempotency", answer.id, f"the key {key} has made two messages")
