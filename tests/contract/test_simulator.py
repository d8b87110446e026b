"""The simulated account as boto3 sees it: the sandbox, its identities, the quota and the rate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from franked.backends.local import Pacing, Simulator, simulator
from franked.backends.local.meter import Bucket, RollingDay

START = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
SUCCESS = "success@simulator.amazonses.com"
QUICK = Pacing(retry_after=0.02, confirm_after=0.02)
TOO_FAST = ("TooManyRequestsException", 429, "Maximum sending rate exceeded.")
TOO_MANY = ("TooManyRequestsException", 429, "Daily message quota exceeded.")


@dataclass(slots=True)
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Played:
    """A simulator that runs, its clock, and a client with its retries off."""

    simulator: Simulator
    clock: Clock
    client: Any

    async def ask(self, operation: str, **wire: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await asyncio.to_thread(getattr(self.client, operation), **wire)
        return answer

    async def send(self, *to: str, **changes: Any) -> str:
        sent = await self.ask("send_email", **(simple(*to) | changes))
        return str(sent["MessageId"])

    async def refused(self, *to: str, **changes: Any) -> tuple[str, int, str]:
        """Code, status and text of the refusal."""
        with pytest.raises(ClientError) as raised:
            await self.send(*to, **changes)
        return told(raised.value)


def told(error: ClientError) -> tuple[str, int, str]:
    answer = error.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def simple(*to: str, **content: Any) -> dict[str, Any]:
    text = {"Subject": {"Data": "Your receipt"}, "Body": {"Text": {"Data": "Thank you"}}}
    return {
        "FromEmailAddress": "Example Shop <no-reply@example.com>",
        "Destination": {"ToAddresses": list(to or (SUCCESS,))},
        "Content": {"Simple": text | content},
    }


@asynccontextmanager
async def playing(directory: Path, clock: Clock | None = None, **how: Any) -> AsyncIterator[Played]:
    clock = clock or Clock()
    chosen: dict[str, Any] = {"verified": ["example.com"], "pacing": QUICK} | how
    async with simulator(directory, now=clock, **chosen) as played:
        client = boto3.client(
            "sesv2",
            endpoint_url=played.url,
            region_name="eu-central-1",
            aws_access_key_id="simulator",
            aws_secret_access_key="simulator",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=5),
        )
        yield Played(played, clock, client)
        client.close()


# --- the sandbox (C11, F3)


async def test_in_the_sandbox_only_verified_recipients_get_mail(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        assert await played.refused("a@example.org", "b@example.org", SUCCESS) == (
            "MessageRejected",
            400,
            "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
            "a@example.org, b@example.org",
        )
        played.simulator.verify("A@example.org")
        await played.send("a@Example.ORG")
        assert [mail.recipient for mail in played.simulator.taken()] == ["a@Example.ORG"]


async def test_a_verified_domain_covers_its_subdomains(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=50) as played:
        await played.send(FromEmailAddress="no-reply@mail.example.com")
        code, _, text = await played.refused(FromEmailAddress="no-reply@notexample.com")
        assert (code, text.endswith("no-reply@notexample.com")) == ("MessageRejected", True)


async def test_out_of_the_sandbox_the_sender_must_still_be_verified(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.simulator.grant_production(rate=14, quota=50_000)
        await played.send("anybody@example.net")
        assert (await played.refused(FromEmailAddress="x@example.net"))[0] == "MessageRejected"


async def test_an_identity_is_pending_until_its_owner_acts(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=50) as played:
        made = await played.ask("create_email_identity", EmailIdentity="example.net")
        assert (made["IdentityType"], made["VerifiedForSendingStatus"]) == ("DOMAIN", False)
        assert len(made["DkimAttributes"]["Tokens"]) == 3
        with pytest.raises(ClientError, match="AlreadyExistsException"):
            await played.ask("create_email_identity", EmailIdentity="Example.net")
        await played.refused(FromEmailAddress="a@example.net")
        played.simulator.verify("example.net")
        found = await played.ask("get_email_identity", EmailIdentity="example.net")
        assert (found["VerificationStatus"], found["DkimAttributes"]["Status"]) == ("SUCCESS", "SUCCESS")
        await played.send(FromEmailAddress="a@example.net")
        await played.ask("delete_email_identity", EmailIdentity="example.net")
        listed = await played.ask("list_email_identities")
        assert [one["IdentityName"] for one in listed["EmailIdentities"]] == ["example.com"]
        with pytest.raises(ClientError, match="NotFoundException"):
            await played.ask("get_email_identity", EmailIdentity="example.net")


# --- quota and rate


async def test_the_quota_is_of_any_24_hours(tmp_path: Path) -> None:
    async with playing(tmp_path, production=True, rate=50, quota=3) as played:
        await played.send("a@example.org", "b@example.org")
        played.clock.move(hours=23)
        await played.send("c@example.org")
        assert await played.refused("d@example.org") == TOO_MANY
        played.clock.move(hours=1)
        assert await played.refused("d@example.org", "e@example.org", "f@example.org") == TOO_MANY
        await played.send("d@example.org", "e@example.org")
        quota = (await played.ask("get_account"))["SendQuota"]
        assert quota == {"Max24HourSend": 3.0, "MaxSendRate": 50.0, "SentLast24Hours": 3.0}


async def test_simulator_mail_is_outside_the_quota_but_not_the_rate(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=2, quota=0) as played:
        await played.send("bounce+1@simulator.amazonses.com")
        await played.send()
        assert await played.refused() == TOO_FAST
        assert (await played.ask("get_account"))["SendQuota"]["SentLast24Hours"] == 0


async def test_a_mail_to_many_overdraws_the_rate_and_the_debt_is_repaid_first(tmp_path: Path) -> None:
    async with playing(tmp_path, production=True) as played:
        await played.send(*(f"{name}@example.org" for name in "abcde"))
        for _ in range(4):
            played.clock.move(seconds=1)
            assert await played.refused() == TOO_FAST
        played.clock.move(seconds=1)
        await played.send()


async def test_a_raised_limit_holds_at_once(tmp_path: Path) -> None:  # C16
    async with playing(tmp_path) as played:
        await played.send()
        assert await played.refused() == TOO_FAST
        played.simulator.grant_production(rate=100, quota=-1)
        played.clock.move(seconds=1)
        for _ in range(20):
            await played.send("a@example.org")
        account = await played.ask("get_account")
        assert (account["ProductionAccessEnabled"], account["SendQuota"]["Max24HourSend"]) == (True, -1)


async def test_a_paused_account_says_so(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        await http.post(f"{played.simulator.url}/_simulator/limits", json={"sending_enabled": False})
        assert (await played.refused())[0] == "SendingPausedException"
        assert (await played.ask("get_account"))["SendingEnabled"] is False


def test_a_bucket_lets_one_second_through_at_once() -> None:
    bucket = Bucket(14, START)
    assert sum(bucket.draw(1, 14, START) for _ in range(20)) == 14
    assert not bucket.draw(1, 14, START + timedelta(milliseconds=10))
    assert sum(bucket.draw(1, 14, START + timedelta(hours=1)) for _ in range(20)) == 14


def test_a_day_forgets_what_is_older_than_a_day() -> None:
    day = RollingDay()
    day.add(2, START)
    assert (day.used(START + timedelta(hours=23, minutes=59)), day.used(START + timedelta(hours=24))) == (2, 0)
