"""What the service asks of Franked: codes, notices in batches, subscriptions and newsletters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..common.franked import Franked, act
from .accounts import Account
from .notices import Answer, Notice

FOR_GOOD = (409, 422)  # asked again, the answer would be the same
NEWS = "product-news"
WORDING = "Send me product news by email, once a month at the most. I can unsubscribe at any time."
WORDING_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Raises NotReached, Refused."""

    franked: Franked
    remember: Callable[[str, str], None]  # under which id Franked knows a mail

    async def code(
        self, stream: str, email: str, account: str | None, name: str, ip: str | None, session: str = ""
    ) -> str:
        """The code's id, the same way for an address that is nobody's (`account` None): that gets no mail."""
        body = {"stream": stream, "to": email, "account": account, "ip": ip, "session": session, "locale": "en"}
        told = await self.franked.ask("POST", "/v1/codes", body | {"variables": {"name": name}})
        code = str(told["id"])
        if account:
            self.remember(code, f"m{code[1:]}")  # the mail that brings it
        return code

    async def right(self, stream: str, code: str, typed: str, session: str = "") -> str | None:
        """The account whose code it is; None: it is not right, for whatever reason."""
        guess = {"stream": stream, "id": code[:60], "code": typed[:200], "session": session}
        if not guess["id"] or not guess["code"]:
            return None
        told = await self.franked.ask("POST", "/v1/codes/verify", guess)
        return told["account"] if told["right"] else None

    async def hand_over(self, notices: Sequence[Notice]) -> list[Answer]:
        """One answer for each. The same again makes no second mail: each has its own key."""
        told = await self.franked.ask("POST", "/v1/messages/batch", {"messages": [_message(one) for one in notices]})
        return [_answer(one) for one in told["answers"]]

    async def subscribe(self, account: Account, ip: str | None, user_agent: str) -> None:
        """A mail asks whoever has the mailbox; without a yes there no news come."""
        wording = {"wording": WORDING, "wording_version": WORDING_VERSION, "source": "settings"}
        asked = {"to": account.email, "topic": NEWS, "ip": ip, "user_agent": user_agent, "locale": "en"}
        await self.franked.ask("POST", "/v1/subscriptions", asked | wording)

    async def publish(self, issue: str, title: str, paragraphs: Sequence[str]) -> None:
        """To all who confirmed. The same issue again is the same newsletter."""
        variables = {"title": title, "paragraphs": list(paragraphs)}
        await self.franked.ask("POST", "/v1/newsletters", {"id": issue, "stream": NEWS, "variables": variables})

    async def published(self, issue: str) -> dict[str, Any]:
        return await self.franked.ask("GET", f"/v1/newsletters/{issue}")

    async def end(self, account: Account) -> None:
        """What waits for the account is dropped, and so is what names it later."""
        await self.franked.ask("DELETE", f"/v1/accounts/{account.id}?why=asked")

    async def mails(self, account: Account) -> list[dict[str, Any]]:
        """The newest mails to the account's owner, and where each stands."""
        told = await self.franked.ask("GET", f"/v1/messages?{urlencode({'to': account.email, 'limit': 20})}")
        return list(told["messages"])


def _message(notice: Notice) -> dict[str, object]:
    return {
        "stream": notice.stream,
        "to": notice.email,
        "locale": "en",
        "variables": dict(notice.variables),
        "trigger": act(notice.act, notice.account, notice.at, notice.ref),
        "idempotency_key": notice.key,
    }


def _answer(told: dict[str, Any]) -> Answer:
    problem = told.get("problem")
    if problem:
        return Answer(None, str(problem["code"]), problem["status"] in FOR_GOOD)
    return Answer(str(told["id"]))
