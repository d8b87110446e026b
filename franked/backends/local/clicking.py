"""The port Account on the simulated account, whose owner opens the link in SES's verification mail at once."""

from dataclasses import replace

from franked.backends.local.server import Simulator
from franked.ports import Account, Identity
from franked.rules.diagnosis import Publishing
from franked.rules.pace import Access


class Clicking:
    def __init__(self, account: Account, played: Simulator) -> None:
        self._account = account
        self._played = played

    async def read(self) -> Access:
        return await self._account.read()

    async def set_sending(self, configuration_set: str, *, enabled: bool) -> None:
        await self._account.set_sending(configuration_set, enabled=enabled)

    async def verify(self, name: str) -> Identity:
        asked = await self._account.verify(name)
        self._played.verify(name)
        return replace(asked, verified=True, records=())

    async def publishing(self, configuration_set: str) -> Publishing:
        return await self._account.publishing(configuration_set)
