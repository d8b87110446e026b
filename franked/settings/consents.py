"""The part of the table that is about what readers agree to."""

# ruff: noqa: RUF009 (see table)

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

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
    per_mailbox: Limit = setting(
        forms.limit(), Limit(3, timedelta(days=1)), "How many confirmation mails one mailbox may get."
    )
    per_ip: Limit = setting(
        forms.limit(), Limit(20, timedelta(hours=1)), "How many may be asked for from one IP address."
    )
    per_key: Limit = setting(
        forms.limit(), Limit(1000, timedelta(hours=1)), "How many subscriptions one API key may ask for."
    )


@dataclass(frozen=True, slots=True)
class DeclaredTopic:
    """A topic as it is declared."""

    title: Mapping[str, str] | None = setting(
        forms.by_language(), None, "What its readers know it as.", unsaid="the topic's name"
    )
    description: Mapping[str, str] | None = setting(
        forms.by_language(), None, "What comes, and how often, in a sentence.", unsaid="none"
    )
