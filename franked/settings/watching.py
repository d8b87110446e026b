"""Who hears of alarms, and how: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass

from franked.rules.alarm import Chat, Webhook
from franked.rules.reach import Network
from franked.settings import forms
from franked.settings.setting import setting


@dataclass(frozen=True, slots=True)
class Alarms:
    """Who is told, besides the admins of `[sender]`, whom a mail tells (docs/alarms.md)."""

    webhook: str | None = setting(
        forms.url(), None, "Where each alarm is posted to: a chat tool, say.", secret=True, unsaid="nowhere"
    )
    format: Chat = setting(forms.member(Chat), Chat.TEXT, "As whom the webhook's receiver wants it said.")
    allow: tuple[Network, ...] = setting(
        forms.networks(),
        (),
        "Networks the webhook may be in though they are not public, such as 10.0.0.0/8; only there may it be http://.",
        unsaid="none",
    )
    cloudwatch: bool = setting(
        forms.flag(),
        False,
        "Whether Franked publishes its figures in CloudWatch each minute, and keeps alarms there; AWS charges for it.",
    )
    topic: str | None = setting(
        forms.topic(), None, "The SNS topic that hears of CloudWatch's alarms.", unsaid="they are shown there only"
    )

    @property
    def posted_to(self) -> Webhook | None:
        return Webhook(self.webhook, self.format, self.allow) if self.webhook else None


@dataclass(frozen=True, slots=True)
class Report:
    """The admins' report of the day before (docs/alarms.md)."""

    daily: bool = setting(forms.flag(), True, "Whether it is mailed each day.")
    hour: int = setting(forms.whole(0, 23), 6, "From which hour on, in UTC.")
