"""Rules that were found broken."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulate.model import Model
from tests.simulate.trace import Trace


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    message: str  # its name in the trace, "" where it is about none
    sentence: str


class Findings:
    """`halt` ends the run: what comes after a broken rule says little."""

    def __init__(self, model: Model, trace: Trace, halt: Callable[[], None]) -> None:
        self._model, self._trace, self._halt = model, trace, halt
        self.all: list[Finding] = []

    def add(self, rule: str, id_: str | None, sentence: str) -> None:
        message = self._model.messages.get(id_ or "")
        finding = Finding(rule, message.name if message else "", sentence)
        self._trace.say(f"FOUND {rule}: {finding.message} {sentence}")
        self.all.append(finding)
        self._halt()
