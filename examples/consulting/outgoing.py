"""What the portal asks of Franked besides codes: one mail, and the end of all mail."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from ..common.database import Database
from ..common.franked import Franked, NotReached, Refused, act
from .accounts import Account

FAREWELL = "account-deleted"
log = logging.getLogger("product")


@dataclass(frozen=True, slots=True)
class Outgoing:
    franked: Franked
    database: Database

    async def say_goodbye(self, account: Account, lang: str, at: datetime) -> None:
        """All that waits for the account is dropped, and no mail for it goes any more, but for this one. Runs after the
        page was answered; what Franked could not be told is in the log, with the account that it was about."""
        try:
            await self.franked.ask("DELETE", f"/v1/accounts/{quote(account.id)}?why=asked&keep={FAREWELL}")
            trigger = act("delete-account", account.id, at, f"delete-account-{account.id}")
            message = await self.franked.send(FAREWELL, account.email, {"name": account.name}, trigger, locale=lang)
        except (NotReached, Refused) as error:
            log.error("the mail of the deleted account %s was not ended: %r", account.id, error)
        else:
            await asyncio.to_thread(self.database.remember, trigger["ref"], message)
