"""Dates, times, numbers, money and plurals as the reader's language writes them: filters for templates.

Variables are JSON: a date is a text such as 2026-03-04, a time such as 2026-03-04T09:30:00Z (RFC 3339).
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from jinja2 import ChainableUndefined, pass_context
from jinja2.runtime import Context

from franked.formats.template.faults import WrongShape

PLURALS = ("zero", "one", "two", "few", "many", "other")  # CLDR's categories
Length = Literal["full", "long", "medium", "short"]

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?")


@lru_cache(64)
def locale_of(tag: str) -> Locale | None:
    """Of `de-CH`, or of its language; None for one that nobody has written down."""
    while tag:
        try:
            return Locale.parse(tag.replace("_", "-"), sep="-")
        except (UnknownLocaleError, ValueError):
            tag = tag.rpartition("-")[0]
    return None


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _locale(context: Context) -> Locale:
    found = locale_of(context["locale"])
    assert found is not None  # reading refuses a filter in any other language
    return found


def _moment(filter_name: str, value: object, zone: str | None) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise WrongShape(filter_name, "no time such as 2026-03-04T09:30:00Z")
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(_zone(zone)) if zone else moment
    except (ValueError, OverflowError):
        raise WrongShape(filter_name, "no time of any day") from None
    except (LookupError, OSError):
        raise WrongShape(filter_name, "given with a zone that is not known") from None


def _day(filter_name: str, value: object, zone: str | None) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return _moment(filter_name, value, zone)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise WrongShape(filter_name, "no date of any calendar") from None


def _amount(filter_name: str, value: object) -> Decimal:
    """A JSON number, or a decimal text: money is best given as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise WrongShape(filter_name, "no number such as 12.5")


def _write_date(context: Context, value: object, length: Length = "long", zone: str | None = None) -> str:
    return dates.format_date(_day("date", value, zone), length, _locale(context))


def _write_time(context: Context, value: object, length: Length = "short", zone: str | None = None) -> str:
    moment = _moment("time", value, zone)
    return dates.format_time(moment, length, tzinfo=moment.tzinfo, locale=_locale(context))


def _write_datetime(context: Context, value: object, length: Length = "long", zone: str | None = None) -> str:
    """The date of this length, and the time to the minute."""
    moment, locale = _moment("datetime", value, zone), _locale(context)
    time = dates.format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale)
    both = str(locale.datetime_formats["medium"]).replace("'", "")
    return both.replace("{0}", time).replace("{1}", dates.format_date(moment, length, locale))


def _write_number(context: Context, value: object) -> str:
    return numbers.format_decimal(_amount("number", value), locale=_locale(context))


def _write_money(context: Context, value: object, currency: object) -> str:
    locale = _locale(context)
    if not isinstance(currency, str) or currency not in locale.currencies:
        raise WrongShape("money", "given with a currency that is no code such as EUR")
    return numbers.format_currency(_amount("money", value), currency, locale=locale)


def _write_plural(context: Context, value: object, **wordings: str) -> str:
    """The wording for this number, with the number where `#` stands (as in ICU's messages)."""
    locale, amount = _locale(context), _amount("plural", value)
    chosen = wordings.get(locale.plural_form(amount), wordings["other"])
    return chosen.replace("#", numbers.format_decimal(amount, locale=locale))


def _absent_is_nothing(write: Callable[..., str]) -> Callable[..., str]:
    """An optional variable that was not given prints nothing, in whatever form."""

    @pass_context
    def written(context: Context, value: object, *more: object, **named: object) -> str:
        return "" if isinstance(value, ChainableUndefined) else write(context, value, *more, **named)

    return written


FILTERS: dict[str, Callable[..., str]] = {
    "date": _absent_is_nothing(_write_date),
    "time": _absent_is_nothing(_write_time),
    "datetime": _absent_is_nothing(_write_datetime),
    "number": _absent_is_nothing(_write_number),
    "money": _absent_is_nothing(_write_money),
    "plural": _absent_is_nothing(_write_plural),
}
