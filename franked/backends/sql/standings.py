"""The facts that a verdict asks for, read for many messages at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from franked.backends.sql import account, approvals, canary, consents, deletions, suppressions
from franked.backends.sql.desk import Desk
from franked.backends.sql.rows import ms
from franked.rules.consent import Standing
from franked.rules.pace import Access
from franked.rules.suppression import Suppression
from franked.rules.verdict import Facts

_NONE: Mapping[str, Standing] = {}


class About(NamedTuple):
    """The mail that is judged."""

    stream: str
    address_key: str
    version: str  # of its template; "": it has none
    account: str | None  # whose act asked for it


@dataclass(frozen=True, slots=True)
class Standings:
    access: Access | None
    suppressions: Mapping[str, Suppression]  # by address key
    consents: Mapping[str, Mapping[str, Standing]]  # by address key, by topic
    approved: frozenset[str]  # versions of templates
    deleted: Mapping[str, frozenset[str]]  # accounts, with the streams that they get all the same
    contacted: frozenset[str] | None = None  # address keys; None: the loop is proven, or nobody asks

    def of(self, mail: About, now: datetime) -> Facts:
        """An account that was never read is taken to be in the sandbox, with nothing verified."""
        found = self.suppressions.get(mail.address_key)
        kept = self.deleted.get(mail.account or "")
        return Facts(
            now=now,
            suppression=None if found and found.until and found.until <= now else found,
            account_deleted=kept is not None and mail.stream not in kept,
            approved=mail.version in self.approved,
            in_sandbox=self.access is None or not self.access.production,
            verified=self.access.verified if self.access else frozenset(),
            consents=self.consents.get(mail.address_key, _NONE),
            first_contact=self.contacted is not None and mail.address_key not in self.contacted,
            loop_proven=self.contacted is None,
        )


def facts(conn: Connection, address_keys: Sequence[str], now: datetime, desk: Desk) -> list[Facts]:
    mails = [About("", address_key, "", None) for address_key in address_keys]
    known = _read(conn, mails, address_keys, now, desk)
    return [known.of(mail, now) for mail in mails]


def read(conn: Connection, mails: Sequence[About], since: datetime, desk: Desk) -> Standings:
    """Suppressions that ended before `since` are left out. Consents are asked for only where the stream has a topic."""
    leavable = [mail.address_key for mail in mails if desk.has_topic(mail.stream)]
    return _read(conn, mails, leavable, since, desk)


def _read(conn: Connection, mails: Sequence[About], leavable: Sequence[str], since: datetime, desk: Desk) -> Standings:
    keys = [mail.address_key for mail in mails]
    proven = not desk.asks_canary or canary.is_proven(conn, ms(since))
    return Standings(
        account.read(conn),
        suppressions.standing(conn, keys, ms(since), desk),
        consents.standings(conn, leavable),
        approvals.approved_among(conn, [mail.version for mail in mails]),
        deletions.deleted(conn, [mail.account for mail in mails if mail.account]),
        None if proven else canary.contacted(conn, keys),
    )
