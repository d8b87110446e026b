"""What must hold on the way to the account: who calls, when, and what it takes."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from franked.backends.local.account import SimulatedAccount
from franked.backends.local.letter import Letter
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG, Mail
from tests.simulate.findings import Findings
from tests.simulate.model import Model
from tests.simulate.trace import Trace
from tests.simulate.windows import Window

Crossed = tuple[str, int]  # message, attempt


class Crossing:
    def __init__(
        self, model: Model, findings: Findings, trace: Trace, account: SimulatedAccount, now: Callable[[], int]
    ) -> None:
        self._model, self._findings, self._trace, self._account, self._now = model, findings, trace, account, now
        self._taken = Window()
        self.calls: set[Crossed] = set()  # under way
        self.letters: dict[str, str] = {}  # SES id → message

    def begin(self, mail: Mail) -> Crossed:
        """The first byte leaves."""
        id_, number = _tags(mail.tags)
        message = self._model.messages[id_]
        attempt = message.attempts.get(number)
        self._trace.say(f"{message.name} attempt {number} calls SES")
        if attempt is None:
            self._findings.add("ledger", id_, f"attempt {number} calls and is not in the ledger")
        elif self._now() > attempt.call_by:
            late = (self._now() - attempt.call_by) / 1000
            self._findings.add("call_by", id_, f"attempt {number} calls {late:.3f} s after its call_by")
        for other in [of for one, of in self.calls if one == id_ and of != number]:
            rival = message.attempts[other]
            if rival.outcome is None and rival.lease_until > self._now():
                self._findings.add("lease", id_, f"attempts {other} and {number} call at once, both under a live lease")
        self.calls.add((id_, number))
        return id_, number

    def end(self, crossed: Crossed) -> None:
        self.calls.discard(crossed)

    def took(self, letter: Letter) -> None:
        """The account took a mail."""
        id_, number = _tags(letter.tags)
        message = self._model.messages[id_]
        self.letters[letter.ses_id] = id_
        self._trace.say(f"the account takes {message.name} attempt {number} as {letter.ses_id}")
        if number in message.copies:
            self._findings.add("copies", id_, f"the account took attempt {number} twice")
        message.copies = sorted([*message.copies, number])
        for earlier, later in pairwise(message.copies):
            if message.explanation(earlier, later) is None:
                which = f"attempts {earlier} and {later}"
                self._findings.add("copies", id_, f"a second copy ({which}) that no decision explains")
        rate, now = self._account.limits.rate, self._now() / 1000
        self._taken.learn(rate, now)
        if not self._taken.one_more(now):
            self._findings.add("pace", id_, f"the account took more than {rate:g} a second")


def _tags(tags: Sequence[tuple[str, str]]) -> Crossed:
    named = dict(tags)
    return named[MESSAGE_TAG], int(named[ATTEMPT_TAG].rpartition("-")[2])
