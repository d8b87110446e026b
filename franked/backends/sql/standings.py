"""The facts that a verdict asks for, read for many messages at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from franked.backends.sql import account, approvals, consents, suppressions
from franked.backends.sql.desk import Desk
from franked.backends.sql.rows import ms
from franked.rules.consent import Standing
from franked.rules.pace import Access
from franked.rules.suppression import Suppression
from franked.rules.verdict import Facts

_NONE: Mapping[str, Standing] = {}

Mail = tuple[str, str, str]  # its stream, address key, and template version


@dataclass(frozen=True, slots=True)
class Standings:
    access: Access | None
    suppressions: Mapping[str, Suppression]  # by address key
    consents: Mapping[str, Mapping[str, Standing]]  # by address key, by topic
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
            consents=self.consents.get(address_key, _NONE),
        )


def facts(conn: Connection, address_keys: Sequence[str], now: datetime) -> list[Facts]:
    known = _read(conn, address_keys, address_keys, (), now)
    return [known.of(address_key, "", now) for address_key in address_keys]


def read(conn: Connection, mails: Sequence[Mail], since: datetime, desk: Desk) -> Standings:
    """Suppressions that ended before `since` are left out. Consents are asked for only where the stream has a topic."""
    leavable = [key for stream, key, _ in mails if desk.has_topic(stream)]
    return _read(conn, [key for _, key, _ in mails], leavable, [version for _, _, version in mails], since)


def _read(
    conn: Connection,
    address_keys: Sequence[str],
    leavable: Sequence[str],
    versions: Sequence[str],
    since: datetime,
) -> Standings:
    listed = suppressions.standing(conn, address_keys, ms(since))
    agreed, approved = consents.standings(conn, leavable), approvals.approved_among(conn, versions)
    return Standings(account.read(conn), listed, agreed, approved)
