"""What the simulated account does not take, and the words in which it says so."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError

from tests.contract.test_simulator import SUCCESS, playing, simple


def header(name: str, value: str) -> dict[str, Any]:
    return {"Name": name, "Value": value}


@pytest.mark.parametrize(
    "content",
    [
        {"Headers": [header("X-A", "b")] * 16},
        {"Headers": [header("X A", "b")]},
        {"Headers": [header("X-A", "é")]},
        {"Headers": [header("X-A", "b" * 996)]},
        {"Headers": [header("X" * 100, "b" * 900)]},
        {"Headers": [header("Subject", "another")]},
        {"Headers": [header("List-Unsubscribe", "<https://example.com/u>")] * 2},
        {"Body": {}},
        {"Attachments": [{"FileName": "a" * 256, "RawContent": b"x"}]},
        {"Attachments": [{"FileName": "a", "RawContent": b"x", "ContentDisposition": "BESIDE"}]},
    ],
)
async def test_a_mail_that_ses_does_not_take(tmp_path: Path, content: dict[str, Any]) -> None:
    async with playing(tmp_path) as played:
        code, status, _ = await played.refused(Content=simple(**content)["Content"])
        assert (code, status) == ("BadRequestException", 400)


@pytest.mark.parametrize(
    "changes",
    [
        {"Destination": {"ToAddresses": [SUCCESS, "not an address"]}},
        {"Destination": {"ToAddresses": ["jürgen@example.com"]}},
        {"Destination": {"ToAddresses": ["a\r\nBcc: b@example.com"]}},
        {"Destination": {"ToAddresses": [f"success+{n}@simulator.amazonses.com" for n in range(51)]}},
        {"Destination": {}},
        {"FromEmailAddress": ""},
        {"ReplyToAddresses": ["nobody"]},
        {"EmailTags": [{"Name": "to", "Value": "a@example.com"}]},
        {"EmailTags": [{"Name": "x" * 257, "Value": "y"}]},
        {"Content": {}},
        {"Content": {"Template": {"TemplateName": "welcome", "TemplateData": "{}"}}},
        {"Content": {"Raw": {"Data": b"Subject: no recipient\r\n\r\nHi"}}, "Destination": {}},
    ],
)
async def test_a_request_that_ses_does_not_take(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with playing(tmp_path) as played:
        code, status, _ = await played.refused(**changes)
        assert (code, status) == ("BadRequestException", 400)
        assert played.simulator.taken() == []


async def test_what_the_model_forbids_is_named_in_aws_words(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        assert (await played.refused(Content=simple(Headers=[header("X A", "b")])["Content"]))[2] == (
            "1 validation error detected: Value at 'content.simple.headers.1.member.name' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[!-9;-@A-~]+$"
        )


async def test_an_unknown_configuration_set_is_not_found_until_it_is_made(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        assert (await played.refused(ConfigurationSetName="bulk"))[:2] == ("NotFoundException", 404)
        await played.ask("create_configuration_set", ConfigurationSetName="bulk")
        await played.send(ConfigurationSetName="bulk")
        assert (await played.ask("list_configuration_sets"))["ConfigurationSets"] == ["bulk"]
        with pytest.raises(ClientError, match="AlreadyExistsException"):
            await played.ask("create_configuration_set", ConfigurationSetName="bulk")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BadRequestException"),
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b'{"Content":{"Simple":7}}', "SerializationException"),
        (b'{"Content":{"Raw":{"Data":"not base64!"}}}', "SerializationException"),
        (b'{"Content":{"Simple":{"Subject":{"Data":true},"Body":{}}}}', "SerializationException"),
        (b'{"Content":{"Simple":{"Subject":null,"Body":{}}}}', "BadRequestException"),
    ],
)
async def test_what_no_sdk_would_send_is_answered_in_aws_shape(tmp_path: Path, body: bytes, code: str) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        url = f"{played.simulator.url}/v2/email/outbound-emails"
        async with http.post(url, data=body, headers={"Authorization": "x"}) as answer:
            assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, code)
            assert answer.headers["x-amzn-RequestId"]
            assert "message" in await answer.json()


async def test_an_unsigned_request_and_an_unknown_operation_are_refused(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        for path in ("outbound-emails", "identities"):
            async with http.post(f"{played.simulator.url}/v2/email/{path}", json={}) as answer:
                assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (
                    403,
                    "MissingAuthenticationTokenException",
                )
        with pytest.raises(ClientError, match="UnknownOperationException"):
            await played.ask("list_contact_lists")
