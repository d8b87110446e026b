"""What the directory asks of Franked: codes with one key, tickets with another. Neither may use the other's streams."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from ..common.franked import Franked, NotReached, Refused
from .accounts import Account, Accounts, Session
from .tickets import Ticket, Tickets
from .trail import log, on_behalf_of, tell

SIGN_IN = "sign-in-code"

Remember = Callable[[str, str], None]  # under which id Franked knows a mail


@dataclass(frozen=True, slots=True)
class Door:
    """Sign-in. Raises NotReached, Refused."""

    franked: Franked  # with the key of sign-in
    remember: Remember

    async def mail_code(self, email: str, account: Account | None, session: Session, ip: str | None) -> str:
        """The code's id. To an address that is nobody's nothing goes, and the answer is the same. Who joins is not
        greeted by name: anybody may have typed it."""
        body = {
            "stream": SIGN_IN,
            "to": email,
            "account": account.id if account else None,
            "session": session.hash,
            "ip": ip,
            "variables": {"name": account.name} if account and account.verified else {},
        }
        told = await self.franked.ask("POST", "/v1/codes", body)
        code_id = str(told["id"])
        if account:
            message = f"m{code_id[1:]}"  # the mail that brings it
            self.remember(code_id, message)
            tell("code_asked_for", account=account.id, message=message)
        return code_id

    async def check(self, session: Session, typed: str) -> str | None:
        """Whose code it was; None: it is not right, for whatever reason."""
        body = {"stream": SIGN_IN, "id": session.code, "session": session.hash, "code": typed[:200]}
        told = await self.franked.ask("POST", "/v1/codes/verify", body)
        tell("code_checked", right=told["right"], account=told["account"])
        return told["account"] if told["right"] else None


@dataclass(frozen=True, slots=True)
class Desk:
    """Tickets."""

    franked: Franked  # with the key of tickets
    tickets: Tickets
    accounts: Accounts
    remember: Remember
    every: float  # seconds: what could not be handed over is tried again
    _under_way: set[int] = field(default_factory=set)  # tickets, by number

    async def bring(self, number: int) -> bool:
        """Brings Franked to where the ticket stands, which may be asked for again at any time. False: it is due, or
        somebody is at it."""
        ticket = None if number in self._under_way else self.tickets.find(number)
        if ticket is None:
            return False
        self._under_way.add(number)
        try:
            return await self._bring(ticket)
        finally:
            self._under_way.remove(number)

    async def _bring(self, ticket: Ticket) -> bool:
        try:
            opened = ticket.opened or await self._open(ticket)
            if ticket.word and not ticket.mailed:
                await self._decide(ticket, opened)
        except NotReached:
            return False
        except Refused as refused:
            self.tickets.refused(ticket, refused.code)
            tell("ticket_refused", logging.ERROR, ticket=ticket.id, code=refused.code)
        return True

    async def keep_bringing(self) -> None:
        """As long as the pages run."""
        while True:
            for ticket in self.tickets.due():
                try:
                    await self.bring(ticket.id)
                except Exception:
                    log.exception("round_failed")
            await asyncio.sleep(self.every)

    async def _open(self, ticket: Ticket) -> str:
        account = self.accounts.get(ticket.account)
        assert account is not None
        body = {
            "kind": ticket.kind,
            "subject": ticket.title,
            "text": ticket.text,
            "account": account.id,
            "address": account.email,
        }
        with on_behalf_of(ticket.request):
            told = await self.franked.ask("POST", "/v1/tickets", body, once=f"ticket-{ticket.id}")
            self._remember(told["notice"], f"ticket-{ticket.id}")
            self.tickets.opened(ticket, str(told["id"]))
            tell("ticket_told", ticket=ticket.id, account=account.id, message=_id(told["notice"]))
        return str(told["id"])

    async def _decide(self, ticket: Ticket, opened: str) -> None:
        body = {"decision": ticket.word, "note": ticket.note}
        with on_behalf_of(ticket.decided_in or ""):
            told = await self.franked.ask("POST", f"/v1/tickets/{opened}/decision", body)
            self._remember(told["mail"], f"decision-{ticket.id}")
            self.tickets.mailed(ticket, _id(told["mail"]) or "none")
            tell("decision_told", ticket=ticket.id, account=ticket.account, message=_id(told["mail"]))

    def _remember(self, mail: dict[str, str] | None, ref: str) -> None:
        if mail:
            self.remember(ref, mail["id"])


def _id(mail: dict[str, str] | None) -> str | None:
    return mail["id"] if mail else None
