"""What the flows are told: a part of the one table of settings."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass

from franked.rules.address import Address
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
