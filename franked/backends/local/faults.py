"""What can be made to go wrong, planned at run time: the next so many sends or events meet it, first planned first."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random


class SendFault(StrEnum):
    RATE = "rate"  # the rate throttle
    QUOTA = "quota"  # the daily one: the same code, another text
    ERROR_500 = "500"  # with AWS's envelope
    ERROR_503 = "503"
    BAD_502 = "502"  # a proxy's page, no envelope
    BAD_504 = "504"
    UNKNOWN_SET = "unknown_set"  # there is no such configuration set
    SKEWED = "skewed"  # the client's clock is wrong, says SES
    EXPIRED = "expired"  # the credentials: `times` at most, and only until the client comes with another access key
    RESET = "reset"  # the connection
    HANG = "hang"  # no answer, until `seconds` are over (0: for good)
    HALF = "half"  # half an answer, then the connection ends
    SLOW = "slow"  # the true answer, `seconds` late


class EventFault(StrEnum):
    DOUBLED = "doubled"
    LATE = "late"  # by `seconds`
    REORDERED = "reordered"  # posted after the next one; after `seconds` (0: one) even if there is no next
    EARLY = "early"  # posted before SendEmail is answered
    LOST = "lost"  # never posted
    OTHER_TOPIC = "other_topic"  # signed well, and not from the topic that is ours
    BADLY_SIGNED = "badly_signed"  # changed on the way
    RAW = "raw"  # without SNS's envelope
    OTHER_RECIPIENT = "other_recipient"  # it names the address without its label
    FORGED = "forged"  # before the true one comes another, with the true one's signature


class When(StrEnum):
    """Did the account take the mail before it went wrong? Throttles and refused credentials come always before."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` sends, or events, meet it, each by chance: the same `seed` throws the same dice."""

    what: SendFault | EventFault
    times: int = 1
    when: When = When.BEFORE
    seconds: float = 0.0
    chance: float = 1.0  # above 0; 1: each of them
    seed: int = 0


class _Planned:
    def __init__(self, fault: Fault) -> None:
        self.fault, self.left = fault, fault.times
        self._dice = Random(fault.seed)  # noqa: S311 (chance that can be repeated, no secret)
        self._expired: str | None = None  # the access key that is no longer good

    def is_met(self, access_key: str) -> bool:
        if self.fault.what is SendFault.EXPIRED and self._is_renewed(access_key):
            self.left = 0
            return False
        self.left -= 1
        return self._dice.random() < self.fault.chance

    def _is_renewed(self, access_key: str) -> bool:
        if self._expired is None:
            self._expired = access_key
        return access_key != self._expired


class Faults:
    def __init__(self) -> None:
        self._sends: list[_Planned] = []
        self._events: list[_Planned] = []

    def plan(self, fault: Fault) -> None:
        line = self._sends if isinstance(fault.what, SendFault) else self._events
        if fault.times > 0:
            line.append(_Planned(fault))

    def clear(self) -> None:
        self._sends.clear()
        self._events.clear()

    def planned(self) -> list[Fault]:
        """Those still to come, with the times that are left."""
        return [replace(one.fault, times=one.left) for one in (*self._sends, *self._events)]

    def next_send(self, access_key: str = "") -> Fault | None:
        """What a send that is signed with this key meets."""
        return _first_met(self._sends, access_key)

    def next_event(self) -> Fault | None:
        return _first_met(self._events)


def _first_met(line: list[_Planned], access_key: str = "") -> Fault | None:
    """Whoever is spared by the dice of one meets the next in line."""
    met = next((one.fault for one in line if one.is_met(access_key)), None)
    line[:] = [one for one in line if one.left > 0]
    return met
