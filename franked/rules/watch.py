"""What a person should look at, of what the record and the account say now: which alarm it is, in which words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from franked.rules.gauge import QUOTA_NEAR
from franked.rules.governor import REVIEWED_AT
from franked.rules.lane import Lane
from franked.rules.pace import NO_QUOTA, Access
from franked.rules.rates import Window

MAY_WAIT = {Lane.URGENT: timedelta(minutes=2), Lane.NORMAL: timedelta(minutes=30), Lane.BULK: timedelta(hours=6)}
QUOTA_FAR = 0.75  # below that the alarm of a quota that is nearly used up is over
UNREAD_FOR = timedelta(minutes=15)  # five reads that failed
HEALTHY = "HEALTHY"

DEAD, WAITING, QUOTA = "dead_letters", "waiting.{}", "quota_near"
ENFORCEMENT, SENDING, UNREAD = "enforcement", "sending_disabled", "account_unreadable"
BOUNCES, COMPLAINTS, CANARY = "bounce_rate", "complaint_rate", "canary"
OF_THE_ACCOUNT = frozenset({ENFORCEMENT, SENDING})  # as it was when it was read
WATCHED = frozenset(
    {DEAD, *(WAITING.format(lane) for lane in Lane), QUOTA, *OF_THE_ACCOUNT, UNREAD, BOUNCES, COMPLAINTS, CANARY}
)


@dataclass(frozen=True, slots=True)
class Seen:
    """`waits`: how long the first mail of a lane has been due, where it stood still between two looks. `stopped`: the
    lanes that the governor stops, of which it has told itself. `why`: of lanes that wait, for another reason."""

    now: datetime
    dead: int = 0
    waits: Mapping[Lane, timedelta] = field(default_factory=dict)
    stopped: frozenset[Lane] = frozenset()
    why: Mapping[Lane, str] = field(default_factory=dict)
    access: Access | None = None
    used: float = 0.0
    unread_for: timedelta = timedelta(0)
    lately: tuple[Window, ...] = ()  # the last 1,000 and 10,000 sends
    canary: str = ""  # what is broken

    @property
    def quota_share(self) -> float:
        has_quota = self.access is not None and self.access.quota not in {NO_QUOTA, 0}
        return self.used / self.access.quota if has_quota and self.access else 0.0


def found(seen: Seen, is_open: Mapping[str, datetime]) -> Mapping[str, str]:
    """Key and sentence of each alarm that should be open. `is_open`: of those that are, since when."""
    return dict(
        [
            *_of_mail(seen),
            *_of_quota(seen, is_open=QUOTA in is_open),
            *_of_account(seen, is_open),
            *_of_rates(seen),
            *_loop(seen),
        ]
    )


def _of_mail(seen: Seen) -> Iterator[tuple[str, str]]:
    if seen.dead:
        yield DEAD, f"{_counted(seen.dead)} used up all tries"
    for lane, waits in seen.waits.items():
        if lane not in seen.stopped and waits > MAY_WAIT[lane]:
            why = f": {seen.why[lane]}" if lane in seen.why else ""
            yield WAITING.format(lane), f"mail of the {lane} lane has been due for {_long(waits)}{why}"


def _of_quota(seen: Seen, is_open: bool) -> Iterator[tuple[str, str]]:
    if seen.access and seen.quota_share >= (QUOTA_FAR if is_open else QUOTA_NEAR):
        of = f"{seen.used:,.0f} of {seen.access.quota:,.0f}"
        yield QUOTA, f"{100 * seen.quota_share:.0f} % of the 24-hour quota are used: {of} recipients"


def _of_account(seen: Seen, is_open: Mapping[str, datetime]) -> Iterator[tuple[str, str]]:
    """What somebody else opened after the account was read stays open until it is read again."""
    access = seen.access
    if seen.unread_for >= UNREAD_FOR:
        yield UNREAD, f"SES's account could not be read for {_long(seen.unread_for)}"
    if access is None:
        return
    for key in OF_THE_ACCOUNT & is_open.keys():
        if is_open[key] > access.read_at:
            yield key, "as it was"
    if access.enforcement != HEALTHY:
        yield ENFORCEMENT, f"AWS calls the account {access.enforcement}"
    if not access.sending_enabled:
        yield SENDING, "sending is switched off at SES"


def _of_rates(seen: Seen) -> Iterator[tuple[str, str]]:
    """Alarms need no sample: 1 bounce of 13 is told, and that it is one of 13. The governor, which needs one, tells by
    itself what it stops for."""
    if seen.stopped:
        return
    for key, of, rate, limit in (
        (BOUNCES, "hard bounces", _worst(seen, "bounce_rate"), REVIEWED_AT[0]),
        (COMPLAINTS, "complaints", _worst(seen, "complaint_rate"), REVIEWED_AT[1]),
    ):
        if rate and rate[0] >= limit:
            yield key, f"{100 * rate[0]:.3g} % {of}, {rate[1]}; AWS reviews an account at {100 * limit:.3g} %"


def _worst(seen: Seen, name: str) -> tuple[float, str] | None:
    """How much, and of what."""
    counted = {"bounce_rate": "bounced", "complaint_rate": "complained"}[name]
    rates = [(getattr(one, name) or 0.0, f"{getattr(one, counted)} of {_of(one)}") for one in seen.lately]
    return max(rates, default=None)


def _of(window: Window) -> str:
    return f"the {window.name}" if window.is_full else f"{window.sent:,} sends so far"


def _loop(seen: Seen) -> Iterator[tuple[str, str]]:
    if seen.canary:
        yield CANARY, seen.canary


def _counted(number: int) -> str:
    return f"{number:,} message" if number == 1 else f"{number:,} messages"


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def sample(windows: tuple[Window, ...]) -> str:
    """On how much all rates stand, in words; nothing was sent: nothing to say."""
    if not windows or not windows[-1].sent:
        return ""
    most = windows[-1]
    of = f"{most.sent:,} sends, {most.bounced:,} hard bounces, {most.complained:,} complaints"
    one = 100 / most.sent
    return f"{of}: one more moves its rate by {one:.2g} percentage points"
