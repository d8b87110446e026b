"""What can be made to go wrong, planned at run time: the next so many sends or events meet it, first planned first."""

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum


class SendFault(StrEnum):
    RATE = "rate"  # the rate throttle
    QUOTA = "quota"  # the daily one: the same code, another text
    ERROR_500 = "500"  # with AWS's envelope
    ERROR_503 = "503"
    BAD_502 = "502"  # a proxy's page, no envelope
    BAD_504 = "504"
    RESET = "reset"  # the connection
    HANG = "hang"  # no answer, until `seconds` are over (0: for good)
    HALF = "half"  # half an answer, then the connection ends
    SLOW = "slow"  # the true answer, `seconds` late


class EventFault(StrEnum):
    DOUBLED = "doubled"
    LATE = "late"  # by `seconds`
    REORDERED = "reordered"  # posted after the next one; after `seconds` (0: one) even if there is no next
    FORGED = "forged"  # before the true one comes another, with the true one's signature


class When(StrEnum):
    """Did the account take the mail before it went wrong? Throttles come always before."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    what: SendFault | EventFault
    times: int = 1
    when: When = When.BEFORE
    seconds: float = 0.0


class Faults:
    def __init__(self) -> None:
        self._sends: deque[Fault] = deque()
        self._events: deque[Fault] = deque()

    def plan(self, fault: Fault) -> None:
        line = self._sends if isinstance(fault.what, SendFault) else self._events
        line.append(fault)

    def clear(self) -> None:
        self._sends.clear()
        self._events.clear()

    def planned(self) -> list[Fault]:
        return [*self._sends, *self._events]

    def next_send(self) -> Fault | None:
        return _next(self._sends)

    def next_event(self) -> Fault | None:
        return _next(self._events)


def _next(line: deque[Fault]) -> Fault | None:
    while line:
        fault = line.popleft()
        if fault.times > 1:
            line.appendleft(replace(fault, times=fault.times - 1))
        if fault.times > 0:
            return fault
    return None
