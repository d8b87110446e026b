"""The facts that a verdict asks for, read for many messages at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from franked.backends.sql import account, approvals, suppressions
from franked.backends.sql.rows import ms
from franked.rules.pace import Access
from franked.rules.suppression import Suppression
from franked.rules.verdict import Facts


@dataclass(frozen=True, slots=True)
class Standings:
    access: Access | None
    suppressions: Mapping[str, Suppression]  # by address key
    approved: frozenset[str]  # versions of templates

    def of(self, address_key: str, version: str, now: datetime) -> Facts:
        """An account that was never read is taken to be in the sandbox, with nothing verified."""
        found = self.suppressions.get(address_key)
        return Facts(
            now=now,
            suppression=None if found and found.until and found.until <= now else found,
            approved=version in self.approved,
            in_sandbox=self.access is None or not self.access.production,
            verified=self.access.verified if self.access else frozenset(),
        )


def facts(conn: Connection, address_keys: Sequence[str], now: datetime) -> list[Facts]:
    known = read(conn, address_keys, (), now)
    return [known.of(address_key, "", now) for address_key in address_keys]


def read(conn: Connection, address_keys: Sequence[str], versions: Sequence[str], since: datetime) -> Standings:
    """Suppressions that ended before `since` are left out."""
    suppressed = suppressions.standing(conn, address_keys, ms(since))
    return Standings(account.read(conn), suppressed, approvals.approved_among(conn, versions))
