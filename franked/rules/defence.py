"""What AWS is told when it reviews the account: what happened, what was done about it, what prevents it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from franked.rules.governor import Brake, BrakeLine
from franked.rules.promise import Section
from franked.rules.rates import AwsRates, Window
from franked.rules.report import KEPT_FOR, Daily, Row
from franked.rules.request import Line

PREVENTING = (Section.BOUNCES, Section.LISTS, Section.RECIPIENTS)  # of the letter
MOST_DAYS = KEPT_FOR.days


@dataclass(frozen=True, slots=True)
class Defence:
    """`days`: oldest first, the last is today, as far as it has come. `suppressed`: lines of the list's history of
    these days, by what happened. `braked`, `noted`: of these days, oldest first. `prevents`: sentences of promises that
    are kept. `left_out`: of those that are not, with why."""

    at: datetime
    since: date
    company: str
    region: str
    domains: tuple[str, ...]
    windows: tuple[Window, ...]
    days: tuple[Daily, ...]
    total: Row
    streams: tuple[Row, ...]
    aws: AwsRates | None
    brake: Brake
    braked: tuple[BrakeLine, ...]
    noted: tuple[Line, ...]
    suppressed: Mapping[str, int]
    prevents: tuple[str, ...]
    left_out: tuple[str, ...]
    rehearsal: bool
