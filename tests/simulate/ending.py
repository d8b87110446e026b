"""What must hold when nothing is due any more: every message is in a state that stays, and every event was drawn."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import pairwise

from franked.backends.sql.schema import UNKNOWN_OUTCOME
from franked.rules.message import SEVERITY, State
from tests.simulate.findings import Findings
from tests.simulate.model import Message, Model, Notice

UNDER_WAY = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})


def is_at_rest(model: Model) -> bool:
    return not any(message.state in UNDER_WAY for message in model.messages.values())


def something_is_held(model: Model) -> bool:
    return any(message.state is State.HELD for message in model.messages.values())


def rest(model: Model, findings: Findings, verified: Collection[str], letters: Mapping[str, str]) -> None:
    """The account was read again since anything changed. `letters`: SES id → message, as the account knows it."""
    for id_, message in model.messages.items():
        if message.state in UNDER_WAY:
            findings.add("end", id_, f"still {message.state}, when nothing is due any more")
        may_go = model.production or not {message.to, message.to.partition("@")[2]}.isdisjoint(verified)
        if message.state is State.HELD and message.reason == "sandbox" and may_go:
            findings.add("holds", id_, "still held for the sandbox, though it may go")
    told: set[str | None] = {notice.ses_id for notice in model.notices.values() if notice.owner}
    told |= {attempt.ses_id for message in model.messages.values() for attempt in message.attempts.values()}
    for notice in model.notices.values():
        if owner := letters.get(notice.ses_id):
            _was_drawn(notice, owner, model.messages[owner], findings, is_told=notice.ses_id in told)


def _was_drawn(notice: Notice, id_: str, message: Message, findings: Findings, *, is_told: bool) -> None:
    """`is_told`: the answer to a call, or the tag of another event, has told whose mail this SES id is."""
    if notice.owner is None and is_told:
        findings.add("events", id_, f"an event of {notice.ses_id} is kept, and belongs to nobody")
    elif notice.owner not in (None, id_):
        findings.add("events", id_, f"an event of {notice.ses_id} belongs to {notice.owner}")
    elif notice.owner and notice.proves and SEVERITY.get(message.state, -1) < SEVERITY[notice.proves]:
        findings.add("events", id_, f"{message.state}, though an event proves {notice.proves}")


def useless(model: Model, findings: Findings) -> None:
    """Longer than any mail is useful: only those wait of which nobody knows whether they were sent."""
    for id_, message in model.messages.items():
        if message.state is State.HELD and message.reason != UNKNOWN_OUTCOME:
            findings.add("end", id_, f"still held for {message.reason}, when it is of no use any more")


def explained(model: Model) -> Counter[str]:
    """The second copies, by the decision that explains them."""
    pairs = ((message, pair) for message in model.messages.values() for pair in pairwise(message.copies))
    return Counter(message.explanation(*pair) or "nothing" for message, pair in pairs)
