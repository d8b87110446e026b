"""What the flows are told: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass

from franked.rules.address import Address
from franked.rules.at_ses import AtSes
from franked.rules.ticket import TicketOffice
from franked.settings import forms
from franked.settings.setting import setting


@dataclass(frozen=True, slots=True)
class Tickets:
    """Who hears of tickets, and by which streams."""

    mailbox: Address | None = setting(
        forms.address(),
        None,
        "The one mailbox that hears of tickets; their stream mails nobody else.",
        unsaid="no tickets",
    )
    notice: str = setting(forms.name(), "ticket", "The stream of notices to the mailbox.")
    decision: str = setting(forms.name(), "decision", "The stream of decisions, to those who submitted.")

    @property
    def office(self) -> TicketOffice | None:
        return TicketOffice(self.mailbox, self.notice, self.decision) if self.mailbox else None


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is done with SES's own list of whom not to mail."""

    at_ses: bool | None = setting(
        forms.flag(),
        None,
        "Whether SES's account-level list is kept the same as ours. true also switches it on where it is off; false "
        "leaves it alone.",
        unsaid="kept the same, never switched on",
    )

    @property
    def consent(self) -> AtSes:
        if self.at_ses is None:
            return AtSes.RECONCILE
        return AtSes.SWITCH_ON if self.at_ses else AtSes.OFF
