"""SES's suppression list, as botocore asks for it and the simulated account answers (E7)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.exceptions import ClientError

from franked.backends.aws.sigv4 import Credentials
from franked.backends.aws.suppression_list import SesSuppressionList
from franked.ports import Leaf, ListThrottled, ListUnreachable, NoPut
from franked.rules.at_ses import Listed, Reason
from tests.contract.test_simulator import START, Played, playing, told

BOTH = frozenset({"BOUNCE", "COMPLAINT"})


@dataclass(frozen=True, slots=True)
class AtSes:
    list: SesSuppressionList
    played: Played


@asynccontextmanager
async def at_ses(folder: Path, **how: Any) -> AsyncIterator[AtSes]:
    async with playing(folder, production=True, rate=100, configuration_sets=["bulk", "tx"], **how) as played:
        url = played.simulator.url
        yield AtSes(SesSuppressionList("eu-central-1", url, Credentials("any", "any")), played)


# --- what Franked asks ------------------------------------------------------------------------------------------------


async def test_the_account_says_what_it_honours_and_can_be_switched_on(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        assert await ses.list.reasons() == BOTH
        ses.played.simulator.suppressed.honour([])
        assert await ses.list.reasons() == frozenset()
        await ses.list.switch_on()
        assert await ses.list.reasons() == BOTH


async def test_a_configuration_set_may_say_otherwise(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        assert await ses.list.honoured_by("bulk") is None
        await ses.played.ask(
            "put_configuration_set_suppression_options", ConfigurationSetName="bulk", SuppressedReasons=[]
        )
        assert await ses.list.honoured_by("bulk") == frozenset()
        await ses.played.ask(
            "create_configuration_set",
            ConfigurationSetName="new",
            SuppressionOptions={"SuppressedReasons": ["COMPLAINT"]},
        )
        assert await ses.list.honoured_by("new") == frozenset({"COMPLAINT"})
        assert await ses.list.honoured_by("none") is None


@pytest.mark.parametrize(
    "spelled", ["Ana@Example.com", "a+b@example.com", "a/b%c@example.com", "a?b=c&d#e@example.com"]
)
async def test_an_entry_is_found_and_removed_in_its_own_spelling_only(tmp_path: Path, spelled: str) -> None:
    """04: percent-encoded in the path, and the case is the stored one's."""
    async with at_ses(tmp_path) as ses:
        assert await ses.list.put(spelled, Reason.COMPLAINT) is None
        assert await ses.list.page(None, None) == Leaf((Listed(spelled, Reason.COMPLAINT, START),), None)
        assert not await ses.list.remove(spelled.swapcase())
        assert await ses.list.remove(spelled)
        assert not await ses.list.remove(spelled)
        assert await ses.list.page(None, None) == Leaf((), None)


async def test_the_list_comes_by_the_thousand_and_from_a_day(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        for number in range(1500):
            ses.played.simulator.suppressed.put(f"p{number}@example.com", "BOUNCE")
        ses.played.clock.move(days=1)
        ses.played.simulator.suppressed.put("late@example.com", "BOUNCE")
        first = await ses.list.page(None, None)
        assert first and len(first.listed) == 1000 and first.token
        second = await ses.list.page(None, first.token)
        assert second and len(second.listed) == 501 and second.token is None
        new = await ses.list.page(START + timedelta(hours=23), None)
        assert new and [one.spelled for one in new.listed] == ["late@example.com"]


async def test_a_token_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        assert await ses.list.page(None, "gone") is None


async def test_what_ses_will_never_take_is_an_answer(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        assert await ses.list.put("no address", Reason.BOUNCE) == NoPut("Invalid email address.")


async def test_in_the_sandbox_nothing_is_put(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        ses = SesSuppressionList("eu-central-1", played.simulator.url, Credentials("any", "any"))
        assert isinstance(await ses.put("ana@example.com", Reason.BOUNCE), NoPut)
        assert await ses.page(None, None) == Leaf((), None)


async def test_too_many_calls_are_told_from_trouble_and_never_repeated(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        ses.played.simulator.suppressed.limit(1.0)
        assert await ses.list.put("a@example.com", Reason.BOUNCE) is None
        with pytest.raises(ListThrottled):
            await ses.list.put("b@example.com", Reason.BOUNCE)
        ses.played.clock.move(seconds=1)
        assert await ses.list.put("b@example.com", Reason.BOUNCE) is None


async def test_a_machine_that_is_not_there_is_trouble() -> None:
    with pytest.raises(ListUnreachable, match="can't be reached"):
        await SesSuppressionList("eu-central-1", "http://127.0.0.1:9", Credentials("any", "any")).reasons()
    with pytest.raises(ListUnreachable, match="can't be asked"):
        await SesSuppressionList("eu-central-1", "no url", Credentials("any", "any")).reasons()


async def test_what_the_list_holds_is_not_believed_blindly() -> None:
    at = 1_772_619_307
    entries = [
        {"EmailAddress": "ok@example.com", "Reason": "BOUNCE", "LastUpdateTime": at},
        {"EmailAddress": "nul\x00@example.com", "Reason": "BOUNCE", "LastUpdateTime": at},
        {"EmailAddress": "no address", "Reason": "BOUNCE", "LastUpdateTime": at},
        {"EmailAddress": f"{'l' * 400}@example.com", "Reason": "BOUNCE", "LastUpdateTime": at},
        {"EmailAddress": "new@example.com", "Reason": "SOMETHING_NEW", "LastUpdateTime": at},
        {"EmailAddress": "timeless@example.com", "Reason": "BOUNCE"},
        {},
    ]

    async def listing(_: web.Request) -> web.Response:
        return web.json_response({"SuppressedDestinationSummaries": entries, "NextToken": ""})

    app = web.Application()
    app.router.add_get("/v2/email/suppression/addresses", listing)
    async with TestServer(app) as server:
        ses = SesSuppressionList("eu-central-1", str(server.make_url("/")).rstrip("/"), Credentials("any", "any"))
        leaf = await ses.page(None, None)
    assert leaf and [one.spelled for one in leaf.listed] == ["ok@example.com"]
    assert leaf.token is None


# --- what the account plays -------------------------------------------------------------------------------------------


async def test_get_shows_an_entry_with_the_mail_that_brought_it(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        ses.played.simulator.suppressed.put("Ana@example.com", "BOUNCE", "mail-1", "feedback-1")
        found = await ses.played.ask("get_suppressed_destination", EmailAddress="Ana@example.com")
        assert found["SuppressedDestination"]["Attributes"] == {"MessageId": "mail-1", "FeedbackId": "feedback-1"}
        with pytest.raises(ClientError) as raised:
            await ses.played.ask("get_suppressed_destination", EmailAddress="ana@example.com")
        assert told(raised.value)[:2] == ("NotFoundException", 404)


async def test_the_model_is_kept(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        with pytest.raises(ClientError) as raised:
            await ses.played.ask("put_suppressed_destination", EmailAddress="a@example.com", Reason="MANUAL")
        assert told(raised.value)[0] == "BadRequestException"


async def test_the_list_outlives_a_restart(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        await ses.list.put("Ana@example.com", Reason.BOUNCE)
        await ses.list.put("ben@example.com", Reason.BOUNCE)
        await ses.list.remove("ben@example.com")
        ses.played.simulator.suppressed.honour(["COMPLAINT"])
    async with at_ses(tmp_path) as ses:
        assert await ses.list.page(None, None) == Leaf((Listed("Ana@example.com", Reason.BOUNCE, START),), None)
        assert await ses.list.reasons() == {"COMPLAINT"}


@pytest.mark.parametrize(("reason", "kind"), [("BOUNCE", "Bounce"), ("COMPLAINT", "Complaint")])
async def test_mail_to_a_listed_address_is_taken_and_not_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, kind: str
) -> None:
    """In whatever case; it counts against the quota, and comes back as an echo."""
    async with at_ses(tmp_path) as ses:
        ses.played.simulator.suppressed.put("Ana@Example.com", reason)
        events: list[dict[str, Any]] = []
        topic = ses.played.simulator.office.topic
        topic.subscribe("http://127.0.0.1:9/")
        monkeypatch.setattr(topic, "publish", events.append)
        assert await ses.played.send("ana@example.com")
        assert [event["eventType"] for event in events] == ["Send", kind]
        about = events[1][kind.lower()]
        assert "OnAccountSuppressionList" in about.values()
        assert ses.played.simulator.account.sent_24h == 1
        assert list(ses.played.simulator.suppressed.entries) == ["Ana@Example.com"]


async def test_a_set_that_honours_nothing_stops_nothing(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        book = ses.played.simulator.suppressed
        book.put("ana@example.com", "BOUNCE")
        assert book.stops(["Ana@example.com", "ben@example.com"], None) == {"Ana@example.com": "BOUNCE"}
        book.honour([], "tx")
        assert book.stops(["Ana@example.com"], "tx") == {}
        book.honour(["COMPLAINT"])
        assert book.stops(["Ana@example.com"], None) == {}


def bounced(*who: str, subtype: str = "General", kind: str = "Permanent") -> dict[str, Any]:
    recipients = [{"emailAddress": one} for one in who]
    about = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": recipients, "feedbackId": "f-1"}
    return {"eventType": "Bounce", "bounce": about, "mail": {"messageId": "mail-1"}}


async def test_ses_lists_hard_bounces_and_complaints_by_itself(tmp_path: Path) -> None:
    async with at_ses(tmp_path) as ses:
        book = ses.played.simulator.suppressed
        book.learn(bounced("Ana@example.com", "bounce@simulator.amazonses.com"), None)
        book.learn(bounced("soft@example.com", kind="Transient"), None)
        book.learn(bounced("echo@example.com", subtype="OnAccountSuppressionList"), None)
        complaint = {
            "complainedRecipients": [{"emailAddress": "ben@example.com"}],
            "complaintSubType": None,
            "feedbackId": "f-2",
        }
        book.learn({"eventType": "Complaint", "complaint": complaint, "mail": {"messageId": "mail-2"}}, None)
        friendly = complaint | {"complaintFeedbackType": "not-spam"}
        book.learn({"eventType": "Complaint", "complaint": friendly, "mail": {"messageId": "mail-3"}}, None)
        assert {name: entry.reason for name, entry in book.entries.items()} == {
            "Ana@example.com": "BOUNCE",
            "ben@example.com": "COMPLAINT",
        }
        book.honour([])
        book.learn(bounced("cy@example.com"), None)
        assert "cy@example.com" not in book.entries
