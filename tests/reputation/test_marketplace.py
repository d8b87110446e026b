"""The marketplace's lists and rates: complaints and limits are told, each day is reported, lists are cleaned."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

from franked.backends.local import Share
from franked.reputation.daily import Reporter
from franked.reputation.watching import Watch
from tests.doors.marketplace import PASSWORD, Market, Person, market_in
from tests.reputation.products import REPORT, move_to, said, told_admin

ADMIN = "admin@marketplace.example.com"
BOUNCES, COMPLAINS = Share(bounce=1.0), Share(complaint=1.0)


async def a_day(market: Market) -> tuple[Person, Person]:
    """With one whose code comes back, and one who calls it spam. All else is well."""
    await market.provider("bo@example.org", "Window cleaning")
    await booked(market, "dee@example.net")
    gone, cross = Person(market, "ana@gone.example.net"), "cy@cross.example.net"
    market.simulator.people("gone.example.net", BOUNCES)
    market.simulator.people("cross.example.net", COMPLAINS)
    await gone.open("/sign-up", {"name": "Ana Muster", "email": gone.email, "password": PASSWORD})
    people = gone, await market.member(cross)
    await market.settled()
    return people


async def booked(market: Market, email: str, fate: Share | None = None) -> Person:
    """A member who has booked; of the mail about that this became."""
    member = await market.member(email)
    market.simulator.people(email.rpartition("@")[2], fate or Share())
    await member.book("Window cleaning")
    for to, stream in ((email, "booking-confirmed"), (email, "receipt"), ("bo@example.org", "new-booking")):
        await market.mail(to, stream)
    await market.settled()
    return member


async def test_d4_a_complaint_is_told_the_admin_and_is_on_record_beside_the_bounce(tmp_path: Path) -> None:
    async with market_in(tmp_path) as market:
        began = market.clock().isoformat()[:19]
        people = await a_day(market)
        told = await told_admin(market.franked, ADMIN, "Alarm: Somebody has called a mail spam")
        assert "complaint for the mail" in told["Alarm: Somebody has called a mail spam"]
        for person, type_ in zip(people, ("hard_bounce", "complaint"), strict=True):
            [line] = [one for one in await market.evidence("?of=history") if one["address"] == person.email]
            assert (line["type"], line["by"], line["at"] >= began) == (type_, "event", True)


async def test_d7_a_day_is_reported_and_the_admin_is_alerted_above_both_limits(tmp_path: Path) -> None:
    async with market_in(tmp_path) as market:
        day, world = market.clock().date(), market.franked.world
        await a_day(market)
        await Watch(world).look()
        above = ["Alarm: Hard bounces are above AWS's limit", "Alarm: Complaints are above AWS's limit"]
        told = await told_admin(market.franked, ADMIN, *above)
        assert "14.3 % hard bounces, 1 of 7 sends so far; AWS reviews an account at 5 %" in told[above[0]]
        assert "14.3 % complaints, 1 of 7 sends so far; AWS reviews an account at 0.1 %" in told[above[1]]
        report = await reported(market, day)
        assert "verification: 4 sent, 3 delivered, 1 bounced, 1 complaints, 0 rejected" in report
        assert re.search(r"hard bounces [\d.]+ %, complaints [\d.]+ % \(estimate\)", report)
        assert "AWS counted, of all senders in the account: " in report
        by_command = json.loads(await said(market.franked, "report", "--json", "--day", str(day)))
        [codes] = [one for one in by_command["streams"] if one["of"] == "verification"]
        assert [codes[name] for name in ("sent", "bounced", "complained", "rejected")] == [4, 1, 1, 0]
        assert (codes["bounce_rate"], codes["complaint_rate"]) == (0.25, 0.25)
        before = by_command["trend"][-2]
        assert (before["sent"], before["bounce_rate"], before["complaint_rate"]) == (0, None, None)


async def reported(market: Market, day: date) -> str:
    """The next morning's mail."""
    move_to(market.clock, day + timedelta(days=1), hour=6)
    await Reporter(market.franked.world).report()
    return (await told_admin(market.franked, ADMIN, REPORT))[REPORT]


async def test_d13_whom_the_lists_may_do_without_is_proposed_and_nobody_is_deleted(tmp_path: Path) -> None:
    async with market_in(tmp_path) as market:
        await market.provider("bo@example.org", "Window cleaning")
        full = await booked(market, "ana@full.example.net", Share(full=1.0))  # of two mails about it both come back
        await market.stranger().open("/news", {"email": "cy@example.net", "weekly": "1"})  # and never says yes
        await market.settled()
        market.clock.move(days=3)
        assert await proposed(market) == {full.email: ["soft_bounces"], "cy@example.net": ["never_confirmed"]}
        market.clock.move(days=400)
        late = await proposed(market)
        assert late["bo@example.org"] == ["not_mailed"]
        assert len(late) == 3
        for address in late:
            assert (await market.ask("GET", f"/v1/people/{address}"))[1]["origin"]
        assert not {one["address"] for one in await market.evidence()} & late.keys()


async def proposed(market: Market) -> dict[str, list[str]]:
    told = json.loads(await said(market.franked, "people", "clean", "--json"))
    return {one["address"]: one["reasons"] for one in told["people"]}
