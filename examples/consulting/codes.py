"""Codes and second factors, which Franked makes, mails and checks: the portal keeps none, and counts no guess."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..common.franked import Franked, Refused
from .accounts import Account


class Act(StrEnum):
    """What a person is doing, by the stream whose mail it brings."""

    SIGN_UP = "sign-up-code"
    RESET = "password-reset"
    SIGN_IN = "second-factor"


class TooMany(Exception):
    """This mailbox, or this caller, has had its codes for now."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Raises NotReached, Refused."""

    franked: Franked
    remember: Callable[[str, str], None]

    async def issue(self, act: Act, email: str, account: Account | None, lang: str, ip: str | None) -> str:
        """The code's id, the same way for an address that is nobody's (`account` None): that gets no mail.
        Raises TooMany."""
        body = {
            "stream": act,
            "to": email,
            "account": account.id if account else None,
            "ip": ip,
            "locale": lang,
            "variables": {"name": account.name if account else ""},
        }
        try:
            told = await self.franked.ask("POST", "/v1/codes", body)
        except Refused as refused:
            raise TooMany if refused.code == "too_many_codes" else refused from None
        code_id = str(told["id"])
        if account:
            await asyncio.to_thread(self.remember, code_id, f"m{code_id[1:]}")  # the mail that brings it
        return code_id

    async def check(self, act: Act, code_id: str, typed: str) -> str | None:
        """Whose it was; None: it is not right, for whatever reason."""
        told = await self.franked.ask(
            "POST", "/v1/codes/verify", {"stream": act, "id": code_id[:60], "code": typed[:200]}
        )
        return told["account"] if told["right"] else None

    async def claim(self, act: Act, token: str) -> str | None:
        """Whose link it was, whose button was pressed."""
        told = await self.franked.ask("POST", "/v1/codes/claim", {"stream": act, "token": token[:200]})
        return told["account"] if told["right"] else None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Shown to the person, this once."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Authenticators:
    """Second factors in an app (TOTP). Raises NotReached, Refused."""

    franked: Franked

    async def enrol(self, account: Account) -> Enrolled | None:
        """None: the account has one, which counts."""
        try:
            told = await self.franked.ask("POST", "/v1/totp", {"account": account.id, "label": account.email})
        except Refused as refused:
            if refused.code == "totp_enrolled":
                return None
            raise
        return Enrolled(told["secret"], told["uri"])

    async def confirm(self, account: Account, typed: str) -> list[str] | None:
        """The recovery codes, once; None: it was wrong."""
        told = await self.franked.ask("POST", "/v1/totp/confirm", {"account": account.id, "code": typed[:200]})
        return list(told["recovery_codes"]) if told["right"] else None

    async def verify(self, account_id: str, typed: str) -> bool:
        """By a code of the app, or a recovery code."""
        told = await self.franked.ask("POST", "/v1/totp/verify", {"account": account_id, "code": typed[:200]})
        return bool(told["right"])
