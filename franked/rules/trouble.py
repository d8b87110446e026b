"""What stops mail until a person acts: which alarm it opens, in which words, and which mail's going closes it."""

from functools import lru_cache

from franked.rules.lane import Lane
from franked.rules.outcome import Delay

_ALL = "all mail waits"
_MEANS = {
    Delay.QUOTA: (_ALL, "the account's 24-hour quota is used up; mail goes by itself as it frees"),
    Delay.LANE: (
        "mail of the lane {of} waits",
        "SES does not know its configuration set, or has paused it; create or resume it, or name another in "
        "[ses.configuration_sets]; mail goes by itself then",
    ),
    Delay.ACCOUNT: (_ALL, "SES sends nothing for this account; look at its console; mail goes by itself then"),
    Delay.SENDER: (
        "mail from {of} waits",
        "SES does not find its MAIL FROM domain's MX record; mend it in the DNS; mail goes by itself then",
    ),
    Delay.CREDENTIALS: (
        _ALL,
        "SES does not take these AWS credentials, or this machine's clock is wrong; mail goes by itself then",
    ),
}


def alarm_of(why: Delay, lane: Lane, sender: str, detail: str) -> tuple[str, str] | None:
    """Key and sentence; None where nobody need act. `sender`: a From header. `detail`: SES's own words."""
    if not why.stops:
        return None
    waits, means = _MEANS[why]
    of = _of(why, lane, sender)
    return _key(why, of), f"{waits.format(of=of)}: {means} ({detail})" if detail else f"{waits.format(of=of)}: {means}"


@lru_cache(maxsize=1024)
def ended_by(lane: Lane, sender: str) -> tuple[str, ...]:
    """The alarms that are over when a mail of this lane and sender went."""
    return tuple(_key(why, _of(why, lane, sender)) for why in _MEANS)


def _of(why: Delay, lane: Lane, sender: str) -> str:
    match why:
        case Delay.LANE:
            return lane.value
        case Delay.SENDER:
            return sender.rpartition("@")[2].rstrip(">").lower()
        case _:
            return ""


def _key(why: Delay, of: str) -> str:
    return f"{why.value}.{of}" if of else why.value
