"""What the portal asks of Franked: one POST a mail, over its public API."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

WAITS = (0.0, 1.0, 5.0)  # Franked answers 429 when it is busy; the same idempotency key makes no second mail
log = logging.getLogger("portal")


@dataclass(frozen=True, slots=True)
class Mail:
    stream: str
    to: str
    locale: str
    variables: Mapping[str, str] = field(repr=False)
    act: str  # which act asked for this mail,
    by: str  # of which account,
    at: datetime
    ref: str  # names the mail: asked for twice, it goes once


class Outgoing:
    def __init__(
        self, url: str, key: str, session: aiohttp.ClientSession, remember: Callable[[str, str], None]
    ) -> None:
        self._url = f"{url.rstrip('/')}/v1/messages"
        self._key = key
        self._session = session
        self._remember = remember

    async def send(self, mail: Mail) -> None:
        """Runs after the page was answered: who asks can't tell a known address from an unknown one by the time."""
        for wait in WAITS:
            await asyncio.sleep(wait)
            try:
                if await self._post(mail):
                    return
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("franked did not answer: %s", type(error).__name__)
        log.error("a mail of %s could not be handed over, ref %s", mail.stream, mail.ref)

    async def _post(self, mail: Mail) -> bool:
        """Whether trying again would change nothing."""
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": mail.ref}
        async with self._session.post(self._url, json=_body(mail), headers=headers) as answer:
            if answer.status == 202:
                told = await answer.json()
                await asyncio.to_thread(self._remember, mail.ref, told["id"])
                log.info("mail %s is %s, ref %s", told["id"], told["state"], mail.ref)
            else:
                log.warning("franked answered %d, ref %s", answer.status, mail.ref)
            return answer.status < 500 and answer.status != 429


def _body(mail: Mail) -> dict[str, object]:
    at = mail.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "stream": mail.stream,
        "to": mail.to,
        "locale": mail.locale,
        "variables": dict(mail.variables),
        "trigger": {"act": mail.act, "by": mail.by, "at": at, "ref": mail.ref},
    }
