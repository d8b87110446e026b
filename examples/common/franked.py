"""What a product asks of Franked, over its public HTTP API. The same again does no harm, so it is tried again."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp

WAITS = (0.0, 1.0, 3.0)  # Franked answers 429 when it is busy, and is away for a moment when it starts anew
log = logging.getLogger("product")


class NotReached(Exception):
    """Franked can't be asked now. Nothing is lost: ask again, with the same idempotency key."""


class Refused(Exception):
    """Franked won't, however often it is asked. `code` says why: a problem's code of docs/http.md."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Franked:
    def __init__(
        self, url: str, key: str, session: aiohttp.ClientSession, also: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        """`also`: further headers of what is asked now, such as X-Request-Id."""
        self._url = url.rstrip("/")
        self._key = key
        self._session = session
        self._also = also

    async def ask(self, method: str, path: str, body: object = None, once: str | None = None) -> dict[str, Any]:
        """`once`: names the request; asked for twice, it is done once. Raises NotReached, Refused."""
        named = {"Idempotency-Key": once} if once else {}
        headers = {"Authorization": f"Bearer {self._key}", **named, **self._also()}
        for wait in WAITS:
            await asyncio.sleep(wait)
            try:
                async with self._session.request(method, self._url + path, json=body, headers=headers) as answer:
                    told: dict[str, Any] = await answer.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                log.warning("franked did not answer: %s", type(error).__name__)
                continue
            if answer.status < 300:
                return told
            log.warning("franked answered %d %s to %s %s", answer.status, told.get("code"), method, path)
            if answer.status < 500 and told.get("code") != "busy":
                raise Refused(str(told.get("code")), str(told.get("detail", "")))
        raise NotReached

    async def send(
        self,
        stream: str,
        to: str,
        variables: Mapping[str, object],
        trigger: Mapping[str, str],
        *,
        locale: str | None = None,
        attachments: object = (),
    ) -> str:
        """The message's id. One act makes one mail of a stream: `trigger` names it. Raises NotReached, Refused."""
        body = {"stream": stream, "to": to, "locale": locale, "variables": dict(variables), "trigger": dict(trigger)}
        more = {"attachments": attachments} if attachments else {}
        told = await self.ask("POST", "/v1/messages", body | more, once=f"{stream} {trigger['ref']}")
        return str(told["id"])


def act(name: str, account: str, at: datetime, ref: str) -> dict[str, str]:
    """Which act of which account asked for a mail, and when."""
    return {"act": name, "by": account, "at": text_of(at), "ref": ref}


def text_of(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
