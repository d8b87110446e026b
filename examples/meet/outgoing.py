"""What meet asks of Franked: one invite a poll, over its public API."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp

from .polls import Poll, Voter

WAITS = (0.0, 1.0, 3.0)  # Franked answers 429 when it is busy; the same request makes no second mail
log = logging.getLogger("meet")


class NotHandedOver(Exception):
    """Franked did not take it: nothing is lost, the creator may ask again."""


class Outgoing:
    def __init__(self, url: str, key: str, site: str, session: aiohttp.ClientSession) -> None:
        self._url = f"{url.rstrip('/')}/v1/invites"
        self._key = key
        self._site = site
        self._session = session

    async def invite(self, poll: Poll, voters: Sequence[Voter]) -> dict[str, Any]:
        """Asked again it is the same invite. Raises NotHandedOver."""
        assert poll.chosen_at is not None
        trigger = {"act": "chose-slot", "by": poll.id, "at": _text(poll.chosen_at), "ref": poll.id}
        sender = f'"{poll.name}" <{poll.email}>'
        order = {"stream": "invite", "trigger": trigger, "reply_to": sender, **self._what(poll, voters)}
        return await self._ask("POST", self._url, order, {"Idempotency-Key": f"poll-{poll.id}"})

    async def move(self, poll: Poll, voters: Sequence[Voter]) -> dict[str, Any]:
        return await self._ask("PUT", f"{self._url}/{poll.invite}", self._what(poll, voters))

    async def call_off(self, poll: Poll) -> dict[str, Any]:
        return await self._ask("DELETE", f"{self._url}/{poll.invite}")

    async def standing(self, poll: Poll) -> dict[str, Any]:
        """Who has answered what, as Franked knows it."""
        return await self._ask("GET", f"{self._url}/{poll.invite}")

    def _what(self, poll: Poll, voters: Sequence[Voter]) -> dict[str, Any]:
        assert poll.chosen is not None
        event = {
            "title": poll.title,
            "start": _text(poll.chosen),
            "end": _text(poll.end(poll.chosen)),
            "time_zone": poll.zone,
            "place": poll.place,
            "description": poll.description,
            "url": f"{self._site}/p/{poll.id}",
        }
        return {"event": event, "attendees": [{"to": voter.email, "name": voter.name} for voter in voters]}

    async def _ask(
        self, method: str, url: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        given = {"Authorization": f"Bearer {self._key}", **(headers or {})}
        for wait in WAITS:
            await asyncio.sleep(wait)
            try:
                async with self._session.request(method, url, json=body, headers=given) as answer:
                    told: dict[str, Any] = await answer.json()
                    if answer.status < 300:
                        return told
                    log.warning("franked answered %d %s to %s", answer.status, told.get("code"), method)
                    if answer.status < 500 and answer.status != 429:
                        raise NotHandedOver(str(told.get("code")))
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("franked did not answer: %s", type(error).__name__)
        raise NotHandedOver("unavailable")


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
