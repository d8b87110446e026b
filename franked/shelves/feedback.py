"""What comes back, and who is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from franked.rules.at_ses import Listed, Stand, Told
from franked.rules.canary import Canary
from franked.rules.cleaning import Trail
from franked.rules.reconcile import Due, Step, Stepped
from franked.rules.webhook import Called, Health, Notice, Turn


class Webhooks(Protocol):
    """The outbox: what endpoints are to be told. A notice is written by the verb that changes what it tells of, in the
    same transaction; where no endpoint wants it, none is. How each endpoint does stands here too."""

    async def next_notice(self, endpoint: str) -> datetime | None:
        """When one is due. None: nothing waits, or the endpoint is left alone."""
        ...

    async def take_notices(self, endpoint: str, lease_until: datetime) -> Sequence[Notice]:
        """As many of those due as there is room for (rules.webhook.room), longest due first. Nobody else gets them
        until then; what is not finished by then goes again."""
        ...

    async def finish_notices(self, called: Sequence[Called]) -> list[Turn | None]:
        """What each call turned its endpoint to (rules.webhook.after); when it is left alone, its alarm is open."""
        ...

    async def webhooks(self, names: Sequence[str]) -> list[Health]: ...

    async def enable_webhooks(self, names: Sequence[str]) -> list[bool]:
        """True where it was left alone. What has waited is due now, with all its tries; the alarm is closed."""
        ...

    async def replay_notices(self, endpoint: str, since: datetime, after: str, most: int) -> Sequence[str]:
        """Up to `most` that were told or given up are due again, under the same ids: which, in order. `after`: the last
        of the call before, else `since` counts."""
        ...

    async def forget_notices(self, before: datetime, most: int) -> int:
        """Up to `most` that are older, whatever became of them: how many."""
        ...


class Canaries(Protocol):
    """The canary, of which there is one."""

    async def canary(self) -> Canary: ...

    async def keep_canary(self, new: Canary) -> bool:
        """False: there is no such version any more, for somebody else was faster; nothing was stored."""
        ...


class SesList(Protocol):
    """SES's own list as it was seen last, and how far the comparing with ours has come."""

    async def reconcile_stand(self) -> Stand: ...

    async def reconcile_asked_at(self) -> datetime | None:
        """When a person last asked for a whole round."""
        ...

    async def ask_reconcile(self, at: datetime) -> None: ...

    async def reconcile(self, steps: Sequence[Step]) -> list[Stepped | None]:
        """What was learned of SES's list is kept, and what `decide` makes of each address is done, in one transaction:
        what comes onto ours, the calls to be made, the conflicts. None: somebody else took a step since `before`."""
        ...

    async def listed_at_ses(self, address_keys: Sequence[str]) -> list[Listed | None]:
        """As it was seen last; of several spellings the newest. None: it was not there."""
        ...

    async def next_ses_call(self, *, may_put: bool) -> Due | None:
        """What a person lifted first, then the oldest."""
        ...

    async def count_ses_calls(self) -> Mapping[str, int]:
        """`put` and `remove`: how many are to be made."""
        ...

    async def ses_conflicts(self, after: tuple[str, str], most: int) -> list[Told]:
        """By address and conflict."""
        ...

    async def count_ses_conflicts(self) -> int: ...

    async def trails(self, after: str, most: int, asked_before: datetime) -> list[Trail]:
        """What is known of each address, by key, behind `after`. Who was asked for a topic before `asked_before` and
        never confirmed it can do so no more."""
        ...
