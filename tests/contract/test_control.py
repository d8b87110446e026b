"""What AWS has for us, as botocore asks it of the simulated account (B8, D10)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from franked.backends.aws.control import AwsControl
from franked.backends.aws.sigv4 import Credentials
from franked.rules.at_aws import Dkim, Record
from franked.rules.steps import NewIdentity, NewMailFrom
from tests.contract.test_simulator import Played, playing

KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
DOMAIN = "mail.example.org"


@dataclass(slots=True)
class Zone:
    """What SES sees of the DNS; `silent`: nobody answers."""

    records: set[Record] = field(default_factory=set)
    silent: bool = False

    async def has(self, records: Sequence[Record]) -> bool | None:
        return None if self.silent else self.records.issuperset(records)


@dataclass(slots=True)
class AtAws:
    played: Played
    control: AwsControl
    zone: Zone


@asynccontextmanager
async def at_aws(folder: Path, **how: Any) -> AsyncIterator[AtAws]:
    """An account that has nothing yet, in its sandbox."""
    zone = Zone()
    chosen: dict[str, Any] = {"verified": [], "bare": True, "resolver": zone} | how
    async with playing(folder, **chosen) as played:
        yield AtAws(played, AwsControl("eu-central-1", played.simulator.url, KEYS, apart=0.0), zone)


async def test_b8_a_domain_is_pending_until_the_dns_has_its_three_cnames(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.identity(DOMAIN) is None
        await it.control.take(NewIdentity(DOMAIN))
        await it.control.take(NewIdentity(DOMAIN))  # twice is once
        waiting = await it.control.identity(DOMAIN)
        assert waiting is not None
        assert (waiting.is_domain, waiting.verified, waiting.status) == (True, False, "PENDING")
        assert waiting.dkim == Dkim("PENDING", True, waiting.dkim.tokens, "dkim.amazonses.com", 2048, "AWS_SES")
        first, second, third = waiting.dkim_records
        token = waiting.dkim.tokens[0]
        assert first == Record(f"{token}._domainkey.{DOMAIN}", "CNAME", f"{token}.dkim.amazonses.com")
        it.zone.records = {first, second}
        assert not _verified(await it.control.identity(DOMAIN))
        it.zone.records.add(third)
        proven = await it.control.identity(DOMAIN)
        assert proven is not None
        assert (proven.verified, proven.status, proven.dkim.status) == (True, "SUCCESS", "SUCCESS")


async def test_b8_mail_from_is_pending_until_the_dns_has_mx_and_spf(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        await it.control.take(NewIdentity(DOMAIN))
        await it.control.take(NewMailFrom(DOMAIN, f"bounce.{DOMAIN}"))
        assert await _mail_from(it) == (f"bounce.{DOMAIN}", "PENDING", "USE_DEFAULT_VALUE")
        it.zone.records = {
            Record(f"bounce.{DOMAIN}", "MX", "10 feedback-smtp.eu-central-1.amazonses.com"),
            Record(f"bounce.{DOMAIN}", "TXT", "v=spf1 include:amazonses.com ~all"),
        }
        assert (await _mail_from(it))[1] == "SUCCESS"
        it.zone.silent = True
        assert (await _mail_from(it))[1] == "SUCCESS"  # nobody can tell: as it was
        it.zone.silent, it.zone.records = False, set()
        assert (await _mail_from(it))[1] == "TEMPORARY_FAILURE"


async def _mail_from(it: AtAws) -> tuple[str, str, str]:
    found = await it.control.identity(DOMAIN)
    assert found is not None
    assert found.mail_from is not None
    return found.mail_from.domain, found.mail_from.status, found.mail_from.on_mx_failure


def _verified(found: Any) -> bool:
    return bool(found.verified)
