"""What the simulated account reads in raw mail, what it remembers, and how another process steers it."""

import resource
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from franked.backends.local import Limits
from franked.backends.local.letter import mime
from tests.contract.test_simulator import SUCCESS, TOO_MANY, Clock, playing, simple


async def test_raw_mail_names_its_own_recipients_tags_and_sender(tmp_path: Path) -> None:  # B3
    message = EmailMessage()
    message["From"] = "Example Meet <invites@example.com>"
    message["To"] = SUCCESS
    message["Bcc"] = "bounce@simulator.amazonses.com"
    message["Subject"] = "📅 Calendar Invite: Lunch"
    message["X-SES-MESSAGE-TAGS"] = "franked-message=m_1, kind=invite"
    message.set_content("Lunch?")
    async with playing(tmp_path) as played:
        ses_id = await played.ask("send_email", Content={"Raw": {"Data": message.as_bytes()}})
        taken = played.simulator.taken()
        assert [mail.recipient for mail in taken] == [SUCCESS, "bounce@simulator.amazonses.com"]
        assert taken[0].tags == {"franked-message": "m_1", "kind": "invite"}
        letter = played.simulator.office.inbox.letter(ses_id["MessageId"])
        assert letter is not None
        assert letter.subject == "📅 Calendar Invite: Lunch"
        assert mime(letter) == message.as_bytes()


async def test_raw_mail_with_a_destination_goes_only_there(tmp_path: Path) -> None:
    raw = b"From: a@example.com\r\nTo: someone@example.org\r\nX-SES-MESSAGE-TAGS: a=1\r\n\r\nHi"
    async with playing(tmp_path) as played:
        await played.send(Content={"Raw": {"Data": raw}}, EmailTags=[{"Name": "b", "Value": "2"}])
        assert [(mail.recipient, mail.tags) for mail in played.simulator.taken()] == [(SUCCESS, {"b": "2"})]


async def test_raw_mail_in_anothers_name_is_not_verified(tmp_path: Path) -> None:
    raw = b"From: boss@example.org\r\n\r\nPay this"
    async with playing(tmp_path) as played:
        assert (await played.refused(Content={"Raw": {"Data": raw}}))[0] == "MessageRejected"


async def test_the_message_id_is_the_one_a_reply_will_name(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        ses_id = await played.send()
        letter = played.simulator.office.inbox.letter(ses_id)
        assert letter is not None
        assert f"Message-ID: <{ses_id}@eu-central-1.amazonses.com>".encode() in mime(letter)


async def test_what_it_took_for_one_is_found_by_the_recipient_also_after_a_restart(tmp_path: Path) -> None:
    raw = b"From: a@example.com\r\nTo: success+1@simulator.amazonses.com, success+2@simulator.amazonses.com\r\n\r\nHi"
    async with playing(tmp_path) as played:
        told = await played.ask("send_email", Content={"Raw": {"Data": raw}})
        assert played.simulator.ids_to("success+2@simulator.amazonses.com") == [told["MessageId"]]
        assert played.simulator.ids_to("nobody@example.org") == []
    async with playing(tmp_path) as played:
        assert played.simulator.ids_to("success+1@simulator.amazonses.com") == [told["MessageId"]]


async def test_a_restart_remembers(tmp_path: Path) -> None:
    clock = Clock()
    async with playing(tmp_path, clock) as played:
        played.simulator.grant_production(rate=9, quota=2)
        played.simulator.verify("example.net")
        await played.send("a@example.org", EmailTags=[{"Name": "franked-message", "Value": "m_1"}])
        before = played.simulator.taken()
    with (tmp_path / "mails.jsonl").open("ab") as file:
        file.write(b'{"ses_id":"cut off by a cra')
    async with playing(tmp_path, clock) as played:
        assert played.simulator.taken() == before
        assert played.simulator.account.standing.identities == {"example.com": True, "example.net": True}
        assert (await played.ask("get_account"))["SendQuota"]["SentLast24Hours"] == 1
        clock.move(seconds=1)
        await played.send("b@example.org")
        clock.move(seconds=1)
        assert await played.refused("c@example.org") == TOO_MANY
    async with playing(tmp_path, clock) as played:
        assert [mail.recipient for mail in played.simulator.taken()] == ["a@example.org", "b@example.org"]


async def test_a_setting_that_changed_since_the_last_start_wins(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=5, quota=100) as played:
        played.simulator.grant_production(rate=9, quota=200)
    async with playing(tmp_path, rate=5, quota=100) as played:
        assert played.simulator.account.limits == Limits(production=True, rate=9, quota=200)
    async with playing(tmp_path, rate=20, quota=100) as played:
        assert played.simulator.account.limits == Limits(production=True, rate=20, quota=200)
        played.simulator.set_limits(Limits(production=True, rate=7, quota=200))
    async with playing(tmp_path, rate=20, quota=100) as played:
        assert played.simulator.account.limits.rate == 7
    async with playing(tmp_path, rate=5, quota=100) as played:
        assert played.simulator.account.limits.rate == 5


async def test_a_record_of_before_the_settings_were_kept_goes_on(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"limits": {"production": true, "rate": 9, "quota": 2}}')
    async with playing(tmp_path) as played:
        assert played.simulator.account.limits == Limits(production=True, rate=9, quota=2)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process grows past a megabyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_the_disk_did_not_take_was_not_taken(tmp_path: Path, full_disk: None) -> None:
    async with playing(tmp_path, rate=10) as played:
        kept = await played.send()
        too_large = simple(Body={"Text": {"Data": "x" * 1_500_000}})["Content"]
        assert (await played.refused(Content=too_large))[:2] == ("InternalFailure", 500)
        later = await played.send()
    async with playing(tmp_path) as played:
        assert [mail.ses_id for mail in played.simulator.taken()] == [kept, later]


async def test_another_process_steers_the_account_over_http(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        base = f"{played.simulator.url}/_simulator"
        await http.post(f"{base}/verify", json={"identity": "ana@example.org"})
        async with http.post(f"{base}/production", json={"rate": 20, "quota": 5000}) as answer:
            state = await answer.json()
        limits = {"production": True, "rate": 20.0, "quota": 5000.0, "sending_enabled": True}
        assert (state["limits"], state["identities"]["ana@example.org"]) == (limits, True)
        ses_id = await played.send("anybody@example.net", EmailTags=[{"Name": "a", "Value": "b"}])
        async with http.get(f"{base}/taken") as answer:
            taken = await answer.json()
        assert [(one["ses_id"], one["recipient"], one["tags"]) for one in taken] == [
            (ses_id, "anybody@example.net", {"a": "b"})
        ]


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status"),
    [
        ("limits", '{"rate": -1}', "application/json", 400),
        ("limits", '{"speed": 1}', "application/json", 400),
        ("faults", '{"what": "gremlins"}', "application/json", 400),
        ("faults", '{"what": "503", "chance": 0}', "application/json", 400),
        ("faults", '{"what": "503", "chance": 5}', "application/json", 400),
        ("subscribe", '{"endpoint": "file:///etc/passwd"}', "application/json", 400),
        ("verify", "[" * 100_000, "application/json", 400),
        ("production", "{}", "text/plain", 415),
    ],
)
async def test_a_wrong_order_is_refused(tmp_path: Path, path: str, body: str, content_type: str, status: int) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        url, headers = f"{played.simulator.url}/_simulator/{path}", {"Content-Type": content_type}
        async with http.post(url, data=body, headers=headers) as answer:
            assert (answer.status, "message" in await answer.json()) == (status, True)
        assert not played.simulator.account.limits.production
