"""What is asked of Franked while a person waits: codes, subscriptions, newsletters, decisions, an old list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..common.franked import Franked
from .accounts import Account
from .tickets import Ticket


class Code(StrEnum):
    """By the stream that mails it."""

    SIGN_UP = "verification"
    RESET = "password-reset"


WORDING_VERSION = "2026-03"
TOPICS: Mapping[
    str, tuple[str, str]
] = {  # what a person reads beside the box, word for word: it is what they agreed to
    "weekly": ("Weekly newsletter", "Send me the weekly newsletter of Marketplace. I can leave it at any time."),
    "categories": ("New categories", "Tell me of new categories of services. I can leave this at any time."),
    "platform": ("Platform news", "Tell me what changes at Marketplace itself. I can leave this at any time."),
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All raise NotReached and Refused: nothing is lost, the person may ask again."""

    franked: Franked
    staff: Franked | None  # with the administrator's key, for the old list
    remember: Callable[[str, str], None]  # under which id Franked knows a mail

    async def code(self, what: Code, email: str, account: Account | None, ip: str | None) -> str:
        """The code's id, the same way for an address that is nobody's (`account` None): that gets no mail."""
        body = {
            "stream": what,
            "to": email,
            "account": account.id if account else None,
            "ip": ip,
            "locale": "en",
            "variables": {"name": account.name if account else ""},
        }
        code = str((await self.franked.ask("POST", "/v1/codes", body))["id"])
        if account:
            self.remember(code, f"m{code[1:]}")  # the mail that brings it
        return code

    async def whose(self, what: Code, code: str, typed: str) -> str | None:
        """The account that it was asked for; None: it is not right, for whatever reason."""
        if not code or not typed:
            return None
        body = {"stream": what, "id": code[:60], "code": typed[:200]}
        told = await self.franked.ask("POST", "/v1/codes/verify", body)
        return told["account"] if told["right"] else None

    async def whose_link(self, what: Code, token: str) -> str | None:
        """The same for a link whose button was pressed."""
        if not token:
            return None
        told = await self.franked.ask("POST", "/v1/codes/claim", {"stream": what, "token": token[:200]})
        return told["account"] if told["right"] else None

    async def subscribe(self, email: str, topic: str, source: str, ip: str | None, user_agent: str) -> None:
        """A mail asks whoever has the mailbox; without a yes there no news come."""
        said = {"wording": TOPICS[topic][1], "wording_version": WORDING_VERSION, "source": source, "locale": "en"}
        asked_by = {"to": email, "topic": topic, "ip": ip, "user_agent": user_agent[:300]}
        await self.franked.ask("POST", "/v1/subscriptions", asked_by | said)

    async def publish(self, topic: str, issue: str, title: str, paragraphs: Sequence[str]) -> int:
        """To how many who have confirmed. The same issue again is the same newsletter."""
        variables = {"title": title, "paragraphs": list(paragraphs)}
        body = {"id": f"{topic}-{issue}", "stream": topic, "variables": variables}
        return int((await self.franked.ask("POST", "/v1/newsletters", body))["people"])

    async def decide(self, ticket: Ticket, decision: str, note: str) -> None:
        body = {"decision": decision, "note": note}
        told = await self.franked.ask("POST", f"/v1/tickets/{ticket.franked}/decision", body)
        self.remember(f"decision {ticket.ref}", told["mail"]["id"])

    async def bring(self, source: str, addresses: Sequence[str]) -> dict[str, Any]:
        """How many are new, known, erased or no address. Where they come from is for Franked to ask."""
        assert self.staff is not None
        body = {"source": source, "addresses": list(addresses)}
        return await self.staff.ask("POST", "/v1/people/import", body)
