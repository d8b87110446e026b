"""How the canary flies: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass
from datetime import timedelta

from franked.rules.canary import Plan
from franked.settings import forms
from franked.settings.setting import setting


@dataclass(frozen=True, slots=True)
class Canary:
    """A bounce and a complaint of our own that must come back, before strangers are mailed."""

    enabled: bool = setting(
        forms.flag(), True, "Whether it flies by itself, and a first mail to an address waits until it has come back."
    )
    every: timedelta = setting(forms.span(), timedelta(hours=24), "How often it flies.")
    within: timedelta = setting(forms.span(), timedelta(minutes=5), "How soon its events must be back.")
    grace: timedelta = setting(forms.span(), timedelta(hours=1), "How long a pass counts after the next flight is due.")

    @property
    def plan(self) -> Plan:
        return Plan(self.enabled, self.every, self.within, self.grace)
