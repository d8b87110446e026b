"""The marketplace's news, its lists, and its evidence: who agreed, who left, who must not be mailed (D3 to D6, F4)."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import FormData

from tests.doors.marketplace import STAFF, Market, Person, market_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOPICS = ("weekly", "categories", "platform")
SIMULATED = "simulator.amazonses.com"
SOURCE = "sign-ups of the old shop, export of 3 March"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def market(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    async with market_in(tmp_path_factory.mktemp("market")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staff(market: Market) -> Person:
    await market.provider("lists-p@example.org", "Window cleaning")
    return await market.member(STAFF, "Sam Staff")


async def publish(staff: Person, topic: str, issue: str) -> str:
    """The staff's page, once everybody's mail has its outcome."""
    text = {"title": f"Issue {issue}", "text": "There are three new services.\n\nHave a look."}
    page = await staff.open("/staff/newsletter", {"topic": topic, "issue": issue} | text)
    await staff.market.settled()
    return page


async def issues(person: Person, topic: str) -> list[str]:
    return [mail.subject.removesuffix(" – Marketplace") for mail in await person.mails(topic)]


async def consents(market: Market, address: str) -> list[dict[str, Any]]:
    status, text = await market.ask("GET", f"/v1/consents/export?address={address.replace('+', '%2B')}")
    assert status == 200
    return [json.loads(line) for line in str(text).splitlines()]


# --- D3, D5: who asked, and only who asked ----------------------------------------------------------------------------


async def test_d3_only_who_confirmed_a_topic_gets_its_issues_and_of_no_other(market: Market, staff: Person) -> None:
    reader, member = await market.member("d3@example.net"), await market.member("d3-member@example.net")
    await reader.subscribe("categories")
    for topic in TOPICS:
        await publish(staff, topic, "d3")
    assert [await issues(reader, topic) for topic in TOPICS] == [[], ["Issue d3"], []]
    assert [await issues(member, topic) for topic in TOPICS] == [[], [], []]  # a member is no reader
    [mail] = await reader.mails("categories")
    assert "Have a look." in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_d3_each_topic_is_left_by_itself(market: Market, staff: Person) -> None:
    reader = await market.member("d3-leaves@example.net")
    await reader.subscribe(*TOPICS)
    await publish(staff, "weekly", "d3-a")
    status, _ = await market.press((await reader.mail("weekly")).link("leave"), what="topic")
    assert status == 200
    for topic in TOPICS:
        await publish(staff, topic, "d3-b")
    assert [await issues(reader, topic) for topic in TOPICS] == [["Issue d3-a"], ["Issue d3-b"], ["Issue d3-b"]]


async def test_d3_the_same_issue_twice_is_one_mail_and_another_under_its_name_is_refused(
    market: Market, staff: Person
) -> None:
    reader = await market.member("d3-once@example.net")
    await reader.subscribe("weekly")
    for _ in range(2):
        await publish(staff, "weekly", "d3-once")
    assert await issues(reader, "weekly") == ["Issue d3-once"]
    other = {"topic": "weekly", "issue": "d3-once", "title": "Another", "text": "x"}
    assert "newsletter_conflict" in await staff.open("/staff/newsletter", other, 422)


async def test_d5_a_subscription_waits_for_the_yes_in_the_mailbox_and_every_step_is_on_record(
    market: Market, staff: Person
) -> None:
    reader = await market.member("d5@example.net")
    await reader.open("/news", {"email": reader.email, "weekly": "1"})
    await market.settled()
    await publish(staff, "weekly", "d5-a")
    [asking] = [mail for mail in await reader.mails() if any("/u/confirm/" in link for link in mail.links)]
    async with market.http.get(asking.link("confirm")) as looked:  # as a scanner does
        assert looked.status == 200
    await publish(staff, "weekly", "d5-b")
    assert await issues(reader, "weekly") == []
    assert [line["what"] for line in await consents(market, reader.email)] == ["asked"]
    assert (await market.press(asking.link("confirm")))[0] == 200
    await publish(staff, "weekly", "d5-c")
    assert await issues(reader, "weekly") == ["Issue d5-c"]
    await market.press((await reader.mail("weekly")).link("leave"), what="topic")
    lines = await consents(market, reader.email)
    assert [(line["what"], line["topic"]) for line in lines] == [
        *(("asked", "weekly"), ("confirmed", "weekly"), ("left", "weekly"))
    ]
    asked = lines[0]
    assert asked["wording"] in re.sub(r"\s+", " ", await market.stranger().open("/news"))  # as it stands on the page
    assert (asked["by"], asked["source"], asked["wording_version"]) == ("marketplace", "/news", "2026-03")
    assert asked["ip"] == "127.0.0.1"
    assert asked["user_agent"].startswith("Mozilla/5.0")
    assert all(line["at"] for line in lines)


async def test_d5_a_subscription_that_nobody_confirms_in_time_comes_to_nothing(market: Market, staff: Person) -> None:
    reader = await market.member("d5-late@example.net")
    await reader.open("/news", {"email": reader.email, "weekly": "1"})
    await market.settled()
    [link] = [link for mail in await reader.mails() for link in mail.links if "/u/confirm/" in link]
    market.clock.move(hours=49)
    await market.press(link)
    assert [line["what"] for line in await consents(market, reader.email)] == ["asked"]
    await again(staff)
    await publish(staff, "weekly", "d5-late")
    assert await issues(reader, "weekly") == []


async def again(staff: Person) -> None:
    """A session has its end."""
    await staff.open("/sign-in", {"email": STAFF, "password": "correct horse battery"})


# --- D6: who leaves ---------------------------------------------------------------------------------------------------


async def test_d6_a_token_that_is_not_ours_is_refused_and_changes_nothing(market: Market, staff: Person) -> None:
    reader = await market.member("d6-token@example.net")
    await reader.subscribe("weekly")
    await publish(staff, "weekly", "d6-a")
    link = (await reader.mail("weekly")).link("leave")
    middle = len(link) // 2 + 20
    for wrong in (link[:-1], f"{link[:middle]}{'A' if link[middle] != 'A' else 'B'}{link[middle + 1 :]}", f"{link}A"):
        for what in ("topic", "all"):
            status, _ = await market.press(wrong, what=what)
            assert status == 404
    assert [line["what"] for line in await consents(market, reader.email)] == ["asked", "confirmed"]
    await publish(staff, "weekly", "d6-b")
    assert await issues(reader, "weekly") == ["Issue d6-a", "Issue d6-b"]


async def test_d6_who_leaves_all_still_gets_what_a_booking_needs(market: Market, staff: Person) -> None:
    reader = await market.member("d6-all@example.net")
    await reader.subscribe(*TOPICS)
    await publish(staff, "platform", "d6-all-a")
    link = (await reader.mail("platform")).link("leave")
    async with market.http.get(link) as looked:  # as a scanner does
        assert looked.status == 200
    assert (await market.press(link, what="all"))[0] == 200
    for topic in TOPICS:
        await publish(staff, topic, "d6-all-b")
    assert [await issues(reader, topic) for topic in TOPICS] == [[], [], ["Issue d6-all-a"]]
    provider = await market.provider("d6-p@example.org", "Removal")
    await reader.book("Removal")
    assert "Removal" in (await reader.mail("booking-confirmed")).text
    assert (await reader.mail("receipt")).subject.startswith("Receipt and invoice")
    [booking] = re.findall(r"/me/bookings/(\d+)/accepted", await provider.open("/me"))
    for state in ("accepted", "done"):
        await provider.open(f"/me/bookings/{booking}/{state}", {})
    assert "Removal" in (await reader.mail("booking-completed")).text
    assert await market.states(reader.email, "booking-status") == [("dropped", "left")]  # service mail can be left
    assert await market.states(reader.email, "review-request") == [("dropped", "left")]


# --- D4: who must not be mailed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fate", "why"), [("bounce", "hard_bounce"), ("complaint", "complaint")])
async def test_d4_an_address_that_bounced_or_complained_is_off_every_list(
    market: Market, staff: Person, fate: str, why: str
) -> None:
    """From its first mail that came back on nothing goes to it any more, of whichever kind."""
    address = f"{fate}+d4@{SIMULATED}"
    member = await market.member(address)  # its code is the mail that comes back
    await market.settled()
    before = len(await member.mails())
    await member.open("/news", {"email": address, "weekly": "1"})
    await member.book("Window cleaning")
    await market.settled()
    assert len(await member.mails()) == before
    for stream in ("booking-confirmed", "receipt"):
        assert await market.states(address, stream) == [("dropped", "suppressed")]
    [now] = [one for one in await market.evidence() if one["address"] == address]
    assert (now["type"], now["scope"]) == (why, "*")
    assert now["since"].startswith(f"{market.clock():%Y-%m-%d}")
    [once] = [one for one in await market.evidence("?of=history") if one["address"] == address]
    assert (once["what"], once["type"], once["by"]) == ("added", why, "event")


@pytest.mark.parametrize("fate", ["bounce", "complaint"])
async def test_d4_a_reader_whose_mail_came_back_gets_no_issue_though_they_agreed(
    market: Market, staff: Person, fate: str
) -> None:
    gone = Person(market, f"{fate}+reader@{SIMULATED}")
    await gone.subscribe("weekly")  # it is the mail that asks which comes back
    assert [line["what"] for line in await consents(market, gone.email)] == ["asked", "confirmed"]
    await market.settled()
    await publish(staff, "weekly", f"d4-{fate}")
    assert await issues(gone, "weekly") == []
    assert await market.states(gone.email, "weekly") == [("dropped", "suppressed")]


async def test_d4_every_recipient_of_an_event_is_taken_not_only_the_first(market: Market, staff: Person) -> None:
    """The account mails two in one mail, past Franked: their bounces are one event."""
    both = [f"bounce+{who}@{SIMULATED}" for who in ("first", "second")]
    content = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}}
    mail = {
        "FromEmailAddress": "no-reply@marketplace.example.com",
        "Destination": {"ToAddresses": both},
        "Content": content,
    }
    url, signed = f"{market.simulator.url}/v2/email/outbound-emails", {"Authorization": "simulator"}
    async with market.http.post(url, json=mail, headers=signed) as answer:
        assert answer.status == 200
    await market.simulator.quiet()
    found = {one["address"]: one["type"] for one in await market.evidence() if one["address"] in both}
    assert found == dict.fromkeys(both, "hard_bounce")
    for address in both:
        await market.stranger().open("/sign-up", {"name": "Ana", "email": address, "password": "correct horse battery"})
        assert await market.states(address, "verification") == [("dropped", "suppressed")]


# --- F4: where addresses come from ------------------------------------------------------------------------------------


def old_list(text: str, source: str, encoding: str = "utf-8") -> FormData:
    form = FormData()
    form.add_field("file", text.encode(encoding), filename="old-customers.csv", content_type="text/csv")
    form.add_field("source", source)
    return form


OLD = "name,email\nAna,old1@example.net\nBen,old2@example.net\nNobody,nobody\n"


async def known(market: Market, address: str) -> Any:
    return (await market.ask("GET", f"/v1/people/{address}"))[1]["origin"]


async def test_f4_an_old_list_without_its_source_is_refused(market: Market, staff: Person) -> None:
    for source in ("", "   "):
        page = await staff.open("/staff/import", old_list(OLD, source), 422)
        assert "Franked refuses a list that does not say where it comes from" in page
    assert await known(market, "old1@example.net") is None


async def test_f4_an_old_list_with_its_source_is_known_and_gets_neither_mail_nor_news(
    market: Market, staff: Person
) -> None:
    page = await staff.open("/staff/import", old_list(OLD, SOURCE))
    assert "2 added, 0 known, 0 erased, 1 invalid" in page
    origin = await known(market, "old2@example.net")
    assert (origin["source"], origin["trigger"]["act"]) == (SOURCE, "import")
    for topic in TOPICS:
        await publish(staff, topic, "f4")
    assert await market.mails("old1@example.net") == []
    assert await consents(market, "old1@example.net") == []
    status, told = await market.ask("GET", "/v1/people/old1@example.net")
    outlook = {one["stream"]: one["reason"] for one in told["mail"]}
    assert (status, {outlook[topic] for topic in TOPICS}) == (200, {"no_consent"})
    assert "0 added, 2 known" in await staff.open("/staff/import", old_list(OLD, "bought somewhere"))
    assert (await known(market, "old1@example.net"))["source"] == SOURCE  # the first origin stays


@pytest.mark.parametrize("text", ["", "\n\n", "email\n", "a@example.net\n" * 10_001, "a" * 1_000_001, "ÿ@example.net"])
async def test_f4_a_file_that_is_no_list_is_refused(market: Market, staff: Person, text: str) -> None:
    page = await staff.open("/staff/import", old_list(text, SOURCE, "latin-1"), 422)
    assert "A list has from 1 to" in page or "This is no CSV file" in page
    assert 'role="alert"' in await staff.open("/staff/import", {"source": SOURCE}, 422)


async def test_f4_a_member_has_the_sign_up_as_origin(market: Market, staff: Person) -> None:
    await market.member("origin@example.net")
    origin = await known(market, "origin@example.net")
    assert (origin["stream"], origin["trigger"]["act"], origin["source"]) == ("verification", "verification", None)
