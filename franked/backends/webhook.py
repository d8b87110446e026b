"""Alarms by webhook: one POST, no redirects, and nothing of the address in a log, for who knows it may write there."""

import aiohttp
import msgspec

from franked.formats.notice import notice
from franked.ports import NotTold
from franked.rules.alarm import Chat, Telling

WITHIN = 10.0  # seconds, in all
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Franked"}


class Webhook:
    """The port `Notifier`."""

    def __init__(self, url: str, chat: Chat, within: float = WITHIN) -> None:
        self._url, self._chat = url, chat
        self._timeout = aiohttp.ClientTimeout(total=within)

    async def tell(self, telling: Telling) -> None:
        body = msgspec.json.encode(notice(telling, self._chat))
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(self._url, data=body, headers=_HEADERS, allow_redirects=False) as answer,
            ):
                status = answer.status
        except TimeoutError:
            raise NotTold("the webhook did not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotTold(f"the webhook can't be reached ({type(error).__name__})") from None
        if not 200 <= status < 300:
            raise NotTold(f"the webhook answered {status}")
