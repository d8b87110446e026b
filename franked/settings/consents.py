"""The part of the table that is about what readers agree to."""

# ruff: noqa: RUF009 (see table)

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from franked.rules.consent import CONFIRMATION, PER_IP, PER_KEY, PER_MAILBOX, Asking
from franked.rules.stream import Limit
from franked.settings import forms
from franked.settings.setting import setting


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """How readers are asked whether it was they who asked."""

    valid_for: timedelta = setting(
        forms.span(), timedelta(hours=48), "How long the link in a confirmation mail can be used."
    )
    stream: str | None = setting(
        forms.name(),
        None,
        "The stream that asks: transactional, `secret`, with a template of the variables `url` and `topic`.",
        unsaid="Franked's own, in the product's name",
    )
    per_mailbox: Limit = setting(forms.limit(), PER_MAILBOX, "How many confirmation mails one mailbox may get.")
    per_ip: Limit = setting(forms.limit(), PER_IP, "How many may be asked for from one IP address.")
    per_key: Limit = setting(forms.limit(), PER_KEY, "How many subscriptions one API key may ask for.")

    @property
    def asking(self) -> Asking:
        return Asking(self.stream or CONFIRMATION, self.valid_for, self.per_mailbox, self.per_ip, self.per_key)


@dataclass(frozen=True, slots=True)
class DeclaredTopic:
    """A topic as it is declared."""

    title: Mapping[str, str] | None = setting(
        forms.by_language(), None, "What its readers know it as.", unsaid="the topic's name"
    )
    description: Mapping[str, str] | None = setting(
        forms.by_language(), None, "What comes, and how often, in a sentence.", unsaid="none"
    )
