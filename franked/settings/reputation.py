"""How Franked keeps the account welcome: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass
from enum import StrEnum

from franked.settings import forms
from franked.settings.setting import setting


class AtLimit(StrEnum):
    URGENT_GOES = "urgent_goes"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Governor:
    """The brake: it slows and stops mail before AWS reviews the account (docs/governor.md)."""

    at_limit: AtLimit = setting(
        forms.member(AtLimit),
        AtLimit.URGENT_GOES,
        "What it stops in the end, at 5 % hard bounces or 0.1 % complaints: `all`, or all but the urgent lane.",
    )
