"""How AWS knows us, and what it says of the account: signature, credentials, GetAccount, identities."""

import asyncio
import random
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import botocore.auth
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from franked.backends.aws.account import SesAccount
from franked.backends.aws.credentials import FRESH_FOR, MISSING_FOR, Chain, Fixed, NoCredentials, endpoint_for
from franked.backends.aws.ses import SesTransport
from franked.backends.aws.sigv4 import Credentials, sign
from franked.formats.mail import Mail
from franked.ports import AccountUnreadable, Identity
from franked.rules.address import Address
from franked.rules.outcome import Delay, Sent, TryLater
from franked.rules.pace import Access
from franked.wiring import Simulator, simulator

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
MAIL = Mail("no-reply@example.com", Address.of_spelled("ana@example.com"), "Hello", "", "Hi")


@pytest.fixture(autouse=True)
def _nobody_elses_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of the machine the tests run on, and no metadata server."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


# --- the signature ----------------------------------------------------------------------------------------------------


def test_a_thousand_requests_are_signed_as_botocore_signs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20260304)
    for _ in range(1000):
        url, headers, body = some_request(chance)
        now = NOW + timedelta(seconds=chance.randrange(10**8))
        method, region = chance.choice(["GET", "POST"]), chance.choice(["eu-central-1", "us-east-2"])
        service = chance.choice(["ses", "sns"])
        keys = replace(KEYS, secret_key=some_word(chance), token=chance.choice([None, some_word(chance)]))
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda now=now: now.replace(tzinfo=None))
        theirs = AWSRequest(method, url, dict(headers), body)
        botocore_keys = BotocoreCredentials(keys.access_key, keys.secret_key, keys.token)
        botocore.auth.SigV4Auth(botocore_keys, service, region).add_auth(theirs)
        ours = sign(method, url, headers, body, credentials=keys, region=region, now=now, service=service)
        assert ours["authorization"] == theirs.headers["Authorization"], (method, url, headers)
        assert ours["x-amz-date"] == theirs.headers["X-Amz-Date"]
        assert ours.get("x-amz-security-token") == theirs.headers.get("X-Amz-Security-Token")


def some_request(chance: random.Random) -> tuple[str, dict[str, str], bytes]:
    segments = [chance.choice([some_word(chance), quote("ä b/c~d"), "", ".", "..", "v2"]) for _ in range(5)]
    path = "/".join(["", *segments][: chance.randrange(7)])
    pairs = [f"{some_word(chance)}={quote(some_word(chance))}" for _ in range(chance.randrange(4))]
    query = "&".join([*pairs, *chance.choice([[], ["flag"], ["a=2", "a=1"]])])
    host = chance.choice(["email.eu-central-1.amazonaws.com", "127.0.0.1:4579", "Example.com:443", "[::1]:8080"])
    headers = {f"X-{some_word(chance)}": f" {some_word(chance)}   b " for _ in range(chance.randrange(4))}
    headers["Content-Type"] = "application/json"
    return f"https://{host}{path}{'?' if query else ''}{query}", headers, chance.randbytes(chance.randrange(300))


def some_word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_letters + string.digits + "-_", k=chance.randrange(1, 12)))


async def test_what_goes_over_the_wire_is_what_was_signed() -> None:
    token_keys = replace(KEYS, token="a-token")
    seen: list[tuple[str, str]] = []

    async def ses_answers(request: web.Request) -> web.Response:
        listed = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = {name: request.headers[name] for name in listed}
        body = await request.read()
        again = sign("POST", str(request.url), headers, body, credentials=token_keys, region="us-east-2", now=NOW)
        seen.append((again["authorization"], request.headers["Authorization"]))
        return web.json_response({"MessageId": "0100-1"})

    async with server_that(ses_answers) as url, SesTransport(url, "us-east-2", Fixed(token_keys), lambda: NOW) as ses:
        assert await ses.send(MAIL, NOW) == Sent("0100-1")
    [(ours, theirs)] = seen
    assert ours == theirs
    assert "x-amz-security-token" in theirs


def test_secrets_are_not_shown() -> None:
    assert "not-a-secret" not in repr(KEYS)
    assert "a-token" not in repr(replace(KEYS, token="a-token"))


def test_the_endpoint_is_ses_or_what_awss_own_variables_name() -> None:
    assert endpoint_for("us-east-2", {}) == "https://email.us-east-2.amazonaws.com"
    both = {"AWS_ENDPOINT_URL": "http://a.example.com", "AWS_ENDPOINT_URL_SESV2": "http://b.example.com/"}
    assert endpoint_for("us-east-2", both) == "http://b.example.com"
    assert endpoint_for("us-east-2", {"AWS_ENDPOINT_URL": "http://a.example.com"}) == "http://a.example.com"
    ignored = both | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert endpoint_for("us-east-2", ignored) == "https://email.us-east-2.amazonaws.com"


# --- credentials ------------------------------------------------------------------------------------------------------


def write_credentials(folder: Path, key: str) -> None:
    (folder / "credentials").write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s\n")


async def test_without_credentials_the_mail_waits_and_the_sentence_says_so() -> None:
    clock = [0.0]
    chain = Chain(lambda: clock[0])
    assert isinstance(await chain.current(), NoCredentials)
    async with SesTransport("http://127.0.0.1:9", "eu-central-1", chain, lambda: NOW) as ses:
        said = await ses.send(MAIL, NOW)
    assert isinstance(said, TryLater)
    assert said.why is Delay.CREDENTIALS
    assert "no AWS credentials" in said.detail


async def test_credentials_that_appear_are_found_without_a_restart(tmp_path: Path) -> None:
    clock = [0.0]
    chain = Chain(lambda: clock[0])
    assert isinstance(await chain.current(), NoCredentials)
    write_credentials(tmp_path, "AKIDNEW")
    clock[0] = MISSING_FOR - 0.1
    assert isinstance(await chain.current(), NoCredentials)
    clock[0] = MISSING_FOR
    assert await chain.current() == Credentials("AKIDNEW", "s")


async def test_credentials_that_ses_refused_are_loaded_anew_for_the_next_call(tmp_path: Path) -> None:
    write_credentials(tmp_path, "AKIDOLD")
    asked: list[str] = []

    async def ses_answers(request: web.Request) -> web.Response:
        asked.append(request.headers["Authorization"])
        if "AKIDOLD" in asked[-1]:
            return web.json_response({"message": "expired"}, status=403, headers={"x-amzn-ErrorType": "ExpiredToken"})
        return web.json_response({"MessageId": "0100-1"})

    async with server_that(ses_answers) as url, SesTransport(url, "eu-central-1", Chain(lambda: 0.0), lambda: NOW) as s:
        first = await s.send(MAIL, NOW)
        write_credentials(tmp_path, "AKIDNEW")
        second = await s.send(MAIL, NOW)
    assert isinstance(first, TryLater)
    assert (first.why, second) == (Delay.CREDENTIALS, Sent("0100-1"))


async def test_a_refusal_of_older_credentials_does_not_throw_away_newer_ones(tmp_path: Path) -> None:
    chain = Chain(lambda: 0.0)
    write_credentials(tmp_path, "AKIDONE")
    one = await chain.current()
    assert isinstance(one, Credentials)
    chain.forget(one)
    write_credentials(tmp_path, "AKIDTWO")
    two = await chain.current()
    write_credentials(tmp_path, "AKIDTHREE")
    chain.forget(one)
    assert await chain.current() is two


async def test_a_crowd_of_sends_asks_the_chain_once(tmp_path: Path) -> None:
    write_credentials(tmp_path, "AKIDONE")
    clock = [0.0]
    chain = Chain(lambda: clock[0])
    found = await asyncio.gather(*(chain.current() for _ in range(100)))
    assert all(one is found[0] for one in found)
    clock[0] = FRESH_FOR
    assert await chain.current() is not found[0]


# --- the account ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def server_that(answers: Any) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answers)
    async with TestServer(application, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/")


def account_saying(account: object, *pages: object, status: int = 200, code: str = "") -> Any:
    """`status` and `code` are of the identities' answer; its pages come one after the other."""
    left = list(pages)

    async def answers(request: web.Request) -> web.Response:
        if request.path == "/v2/email/account":
            return web.json_response(account)
        headers = {"x-amzn-ErrorType": code} if code else {}
        return web.json_response(left.pop(0) if left else {}, status=status, headers=headers)

    return answers


def identity(name: str, status: str = "SUCCESS", enabled: bool = True) -> dict[str, object]:
    return {"IdentityName": name, "IdentityType": "DOMAIN", "VerificationStatus": status, "SendingEnabled": enabled}


async def read(answers: Any) -> Access:
    async with server_that(answers) as url:
        return await SesAccount("eu-central-1", lambda: NOW, url, KEYS).read()


async def test_the_account_says_what_it_may_send_and_who_is_verified() -> None:
    """C11, C16: rate and quota come from the account, so a raised limit needs no redeploy."""
    said = {
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0},
        "SendingEnabled": False,
        "EnforcementStatus": "PROBATION",
    }
    first = {"EmailIdentities": [identity("Example.com"), identity("b.example", "PENDING")], "NextToken": "more"}
    second = {"EmailIdentities": [identity("Ops@Example.org"), identity("c.example", enabled=False)]}
    verified = frozenset({"example.com", "ops@example.org"})
    assert await read(account_saying(said, first, second)) == Access(
        True, 14.0, 50000.0, 12.0, NOW, False, "PROBATION", verified
    )


async def test_what_the_account_does_not_say_is_as_in_a_new_account() -> None:
    assert await read(account_saying({}, {})) == Access(False, 1.0, 200.0, 0.0, NOW)


async def test_an_account_whose_identities_may_not_be_listed_is_still_read() -> None:
    denied = account_saying({"ProductionAccessEnabled": True}, {}, status=403, code="AccessDeniedException")
    said = await read(denied)
    assert (said.production, said.verified) == (True, frozenset())


async def test_identities_that_fail_for_another_reason_are_not_taken_for_none() -> None:
    with pytest.raises(AccountUnreadable, match="BadRequest"):
        await read(account_saying({}, {"message": "no"}, status=400, code="BadRequestException"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AccessDeniedException", "does not allow these credentials"),
        ("UnrecognizedClientException", "does not accept these credentials"),
        ("BadRequestException", "answered with an error"),
    ],
)
async def test_an_account_that_does_not_answer_says_why(code: str, sentence: str) -> None:
    async def answers(_: web.Request) -> web.Response:
        return web.json_response({"message": "no"}, status=403, headers={"x-amzn-ErrorType": code})

    with pytest.raises(AccountUnreadable, match=sentence):
        await read(answers)


async def test_an_account_that_cannot_be_reached_says_so() -> None:
    with pytest.raises(AccountUnreadable, match="can't be reached"):
        await SesAccount("eu-central-1", lambda: NOW, "http://127.0.0.1:9", KEYS).read()


async def test_an_account_without_credentials_says_so() -> None:
    with pytest.raises(AccountUnreadable, match="no AWS credentials"):
        await SesAccount("eu-central-1", lambda: NOW, "http://127.0.0.1:9").read()


async def test_an_endpoint_that_is_no_url_is_said_so() -> None:
    with pytest.raises(AccountUnreadable, match="can't be asked"):
        await SesAccount("eu-central-1", lambda: NOW, "nowhere", KEYS).read()


# --- identities -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def in_its_sandbox(folder: Path) -> AsyncIterator[tuple[SesAccount, Simulator]]:
    async with simulator(folder, now=lambda: NOW) as played:
        yield SesAccount("eu-central-1", lambda: NOW, played.url, KEYS), played


async def test_an_address_is_asked_for_until_its_reader_opens_the_link(tmp_path: Path) -> None:
    async with in_its_sandbox(tmp_path) as (account, played):
        for _ in range(2):  # the second mail is for who overlooked the first
            assert await account.verify("ana@example.net") == Identity("ana@example.net", verified=False)
        assert (await account.read()).verified == frozenset()
        played.verify("ana@example.net")
        assert await account.verify("ana@example.net") == Identity("ana@example.net", verified=True)
        assert (await account.read()).verified == {"ana@example.net"}


async def test_a_domain_is_told_with_its_records_and_keeps_them(tmp_path: Path) -> None:  # A12, D9
    async with in_its_sandbox(tmp_path) as (account, played):
        first, again = await account.verify("shop.example.com"), await account.verify("shop.example.com")
        assert first == again
        assert len(first.records) == 3
        for name, value in first.records:
            token, _, rest = name.partition(".")
            assert (rest, value) == ("_domainkey.shop.example.com", f"{token}.dkim.amazonses.com")
        played.verify("shop.example.com")
        assert await account.verify("shop.example.com") == Identity("shop.example.com", verified=True)


async def test_an_account_that_verifies_nobody_says_why() -> None:
    async def denied(_: web.Request) -> web.Response:
        return web.json_response({"message": "no"}, status=403, headers={"x-amzn-ErrorType": "AccessDeniedException"})

    async with server_that(denied) as url:
        with pytest.raises(AccountUnreadable, match="does not allow these credentials"):
            await SesAccount("eu-central-1", lambda: NOW, url, KEYS).verify("ana@example.net")


# --- one lane stands still --------------------------------------------------------------------------------------------


async def test_one_configuration_set_is_paused_and_sends_again(tmp_path: Path) -> None:
    sets = ["bulk", "urgent"]
    out: Any = {"production": True, "rate": 100.0, "quota": -1.0}
    async with simulator(tmp_path, now=lambda: NOW, verified=["example.com"], configuration_sets=sets, **out) as played:
        account = SesAccount("eu-central-1", lambda: NOW, played.url, KEYS)
        async with SesTransport(played.url, "eu-central-1", Fixed(KEYS), lambda: NOW, timedelta(seconds=10)) as sender:

            async def outcome(configuration_set: str) -> object:
                sent = await sender.send(replace(MAIL, configuration_set=configuration_set), NOW + timedelta(seconds=9))
                return sent.why if isinstance(sent, TryLater) else type(sent)

            await account.set_sending("bulk", enabled=False)
            assert (await outcome("bulk"), await outcome("urgent")) == (Delay.LANE, Sent)
            await account.set_sending("bulk", enabled=True)
            assert await outcome("bulk") is Sent
        with pytest.raises(AccountUnreadable, match="does not exist"):
            await account.set_sending("no-such-set", enabled=False)
