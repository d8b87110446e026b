"""Codes, which Franked makes, mails and checks: the portal keeps none, and counts no guess."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp

from .accounts import Account

log = logging.getLogger("portal")


class Act(StrEnum):
    """What a person is doing, by the stream whose mail it brings."""

    SIGN_UP = "sign-up-code"
    RESET = "password-reset"
    SIGN_IN = "second-factor"


class TooMany(Exception):
    """This mailbox, or this caller, has had its codes for now."""


class NoAnswer(Exception):
    """Franked can't be asked now."""


@dataclass(frozen=True, slots=True)
class Codes:
    url: str  # Franked's
    key: str
    session: aiohttp.ClientSession
    remember: Callable[[str, str], None]

    async def issue(self, act: Act, email: str, account: Account | None, lang: str, ip: str | None) -> str:
        """The code's id, the same way for an address that is nobody's (`account` None): that gets no mail."""
        body = {
            "stream": act,
            "to": email,
            "account": account.id if account else None,
            "ip": ip,
            "locale": lang,
            "variables": {"name": account.name if account else ""},
        }
        told = await self._post("/v1/codes", body)
        code_id = str(told["id"])
        if account:
            await asyncio.to_thread(self.remember, code_id, f"m{code_id[1:]}")  # the mail that brings it
        return code_id

    async def check(self, act: Act, code_id: str, typed: str) -> str | None:
        """Whose it was; None: it is not right, for whatever reason."""
        told = await self._post("/v1/codes/verify", {"stream": act, "id": code_id[:60], "code": typed[:200]})
        return told["account"] if told["right"] else None

    async def claim(self, act: Act, token: str) -> str | None:
        """Whose link it was, whose button was pressed."""
        told = await self._post("/v1/codes/claim", {"stream": act, "token": token[:200]})
        return told["account"] if told["right"] else None

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with self.session.post(f"{self.url.rstrip('/')}{path}", json=body, headers=headers) as answer:
                told: dict[str, Any] = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from error
        if answer.status < 300:
            return told
        if told.get("code") == "too_many_codes":
            raise TooMany(path)
        log.warning("franked answered %d to %s: %s", answer.status, path, told.get("code"))
        raise NoAnswer(path)
