"""Each product as its account is watched: by SES's own figures, alarms, a report, and SES's own list.

The marketplace's stories are in test_marketplace, the consulting portal's in test_governor and test_portal_alarms.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from franked.backends.local import Share
from franked.backends.local.statistics import Outcome
from franked.reputation.braking import look
from franked.reputation.daily import Reporter
from franked.reputation.gauging import Publisher, Reader
from franked.reputation.watching import Watch
from franked.rules.governor import Step
from tests.activities import YES, Directory, opened
from tests.doors.backup_service import SANDBOX, Service, service_in
from tests.doors.test_meet import meeting
from tests.reputation.products import REPORT, asked, move_to, played_by, said, told_admin

BOUNCES, COMPLAINS = Share(bounce=1.0), Share(complaint=1.0)


# --- meet -------------------------------------------------------------------------------------------------------------


async def test_b7_a_day_of_invites_is_watched_by_ses_s_own_metrics_and_nobody_gets_too_many(tmp_path: Path) -> None:
    """B7: `Reputation.*` of CloudWatch beside Franked's own figures; 30 invites a day to one person at the most."""
    async with meeting(tmp_path) as meet:
        world, played = meet.franked.world, played_by(meet.franked)
        played.people("gone.example.net", BOUNCES)
        party = await meet.poll(24)
        for number in range(9):
            await meet.vote(party, f"P{number}", "yes")
        gone = {"name": "Gone", "email": "gone@gone.example.net", "vote0": "yes"}
        await meet.open(f"/p/{party.split('/')[2]}", gone)
        await meet.open(f"{party}/choose", {"slot": "0"})
        await meet.settled()
        await played.quiet()
        await Reader(world).read()
        told = await asked(meet.franked, "/v1/reputation")
        assert (told["windows"][0]["bounce_rate"], told["aws"]["bounce_rate"], told["aws"]["complaint_rate"]) == (
            *(0.1, 0.1, 0.0),
        )
        assert told["brake"]["step"] == "none"  # 1 of 10 is no rate, whoever counts
        shown = await said(meet.franked, "governor")
        assert "estimate" in shown and "AWS itself counts of bounces and complaints: 10 % and 0 %" in shown

        busy = await meet.poll(24, 48)  # whose creator cannot decide
        await meet.vote(busy, "Ana", "yes", "yes")
        for number in range(32):
            await meet.open(f"{busy}/choose", {"slot": str(number % 2)})
        await meet.settled()
        assert len(await meet.mails(busy, "Ana")) == 30
        assert "rate_limited" in (await meet.open(busy))[1]
        today = await asked(meet.franked, f"/v1/report?day={meet.clock().date()}")
        [invites] = [one for one in today["streams"] if one["of"] == "invite"]
        assert invites["sent"] == 40  # of 10 to 50 a day


# --- backup -----------------------------------------------------------------------------------------------------------

OPS = "ops@backup.example.com"


async def owners(service: Service, domain: str, number: int) -> list[str]:
    """Tokens of accounts there."""
    return [await service.token(await service.member(f"p{one}@{domain}")) for one in range(number)]


async def backed_up(service: Service, token: str, *runs: str) -> None:
    await service.report(token, *(service.run(one) for one in runs))


async def test_c7_cloudwatch_rings_at_five_percent_at_a_tenth_and_on_the_sending_rate(tmp_path: Path) -> None:
    """C7: as the product's own settings say; and each morning its admin reads the rates."""
    async with service_in(tmp_path, (True, 50.0, 50_000.0)) as service:
        world, played = service.franked.world, service.simulator
        watch = Watch(world)
        publisher = Publisher(world, watch)

        async def rings() -> dict[str, str]:
            await watch.look()
            await publisher.publish()
            return {name.removeprefix("franked-ses-"): state for name, state in played.alarms().items()}

        [well] = await owners(service, "example.org", 1)
        [gone] = await owners(service, "gone.example.org", 1)
        await backed_up(service, well, *(f"r{number}" for number in range(15)))
        await service.settled()
        before = await rings()
        assert [before[f"{one}-rate-limit"] for one in ("bounce", "complaint")] == ["OK", "OK"]
        played.people("gone.example.org", BOUNCES)
        await backed_up(service, gone, "r1")  # 1 of 18
        await service.settled()
        now = await rings()
        assert (now["bounce-rate-limit"], now["complaint-rate-limit"]) == ("ALARM", "OK")
        played.people("example.org", COMPLAINS)
        await backed_up(service, well, "r99")
        await service.settled()
        assert (await rings())["complaint-rate-limit"] == "ALARM"
        assert now["sending-rate"] == "OK"
        for _ in range(3):  # another program sends through the account at four fifths of its rate
            service.clock.move(minutes=5)
            played.office.metrics.statistics.count([Outcome()] * 12_000, service.clock())
        assert (await rings())["sending-rate"] == "ALARM"

        move_to(service.clock, service.clock().date() + timedelta(days=1), hour=6)
        await Reporter(world).report()
        assert "(estimate)" in (await told_admin(service.franked, OPS, REPORT))[REPORT]


async def test_c16_aws_says_yes_and_the_first_days_are_watched_closely(tmp_path: Path) -> None:
    """C16: the limits are raised without a restart; then AWS's figures are read more often, the lower steps come at
    half the rate, and CloudWatch's alarm on the sending rate stands higher."""
    async with service_in(tmp_path, SANDBOX) as service:
        world, played = service.franked.world, service.simulator
        watch = Watch(world)
        publisher = Publisher(world, watch)

        async def rings_from() -> float:
            await watch.look()
            await publisher.publish()
            return float(played.office.metrics.alarms["franked-ses-sending-rate"].wire["Threshold"])

        await service.sign_up("ana@example.org")
        waiting = (await asked(service.franked, "/v1/messages?to=ana@example.org"))["messages"][0]
        assert (waiting["state"], waiting["reason"]) == ("held", "sandbox")
        in_sandbox = await rings_from()
        played.grant_production(500.0, 50_000.0)
        await service.franked.refresh()  # as it does by itself, each few minutes
        await service.mail("ana@example.org", "verification")
        assert await rings_from() == 500 * in_sandbox
        passed = [0.0]
        reader = Reader(replace(world, monotonic=lambda: passed[0]))
        await reader.read()
        told = await asked(service.franked, "/v1/reputation")
        until = world.now() + timedelta(days=13)
        assert told["brake"]["careful_until"] > until.isoformat()

        [well] = await owners(service, "example.org", 1)
        gone = await owners(service, "gone.example.org", 5)
        played.people("gone.example.org", BOUNCES)
        for machine in ("a", "b"):
            await backed_up(service, well, *(f"{machine}{number}" for number in range(125)))
        for token in gone:
            await backed_up(service, token, "r1")
        await service.settled()
        brake = await look(world)
        assert brake.step is Step.SLOW  # at less than 2 %, where it says nothing else, and slows nothing below 3 %
        slowed = "Alarm: Bounces or complaints are high: bulk mail is slowed"
        told = await told_admin(service.franked, OPS, slowed)
        assert "% hard bounces, 5 of the " in told[slowed]
        passed[0] = 300.0
        await reader.read()  # after five minutes, not fifteen
        aws = (await world.store.brake()).aws
        assert aws is not None and aws.bounced == 5


# --- activities -------------------------------------------------------------------------------------------------------


async def test_e7_a_bounce_is_flagged_with_its_cause_and_both_stand_on_ses_s_own_list(tmp_path: Path) -> None:
    """E7: a code that came back, and a decision that was called spam."""
    async with opened(tmp_path) as directory, directory.person() as ana, directory.person() as cy:
        played = played_by(directory.franked)
        played.people("gone.example.net", BOUNCES)
        await ana.open("/join", {"name": "Ana Muster", "email": "Ana@gone.example.net"})
        await cy.sign_in("cy@cross.example.net")
        number = await cy.submit("A bench in the park")
        played.people("cross.example.net", COMPLAINS)
        await directory.staff({"ticket": number} | YES)
        await directory.mails_to("cy@cross.example.net", 2)
        await directory.settled()
        stand = await compared(directory)
        assert (stand["is_on"], stand["to_put"]) == (True, 0)
        listed = {spelled.casefold(): entry.reason for spelled, entry in played.suppressed.entries.items()}
        assert listed == {"ana@gone.example.net": "BOUNCE", "cy@cross.example.net": "COMPLAINT"}
        why = {one: await asked(directory.franked, f"/v1/people/{one}/why") for one in listed}
        assert {one["ses_list"] for one in why.values()} == {"yes"}
        assert "bounced for good" in why["ana@gone.example.net"]["says"]
        assert why["ana@gone.example.net"]["says"].endswith(": smtp; 550 5.1.1 user unknown.")
        assert "its reader called our mail spam" in why["cy@cross.example.net"]["says"]


async def compared(directory: Directory) -> dict[str, Any]:
    """How it stands once both lists have been compared."""
    async with asyncio.timeout(20):
        while (told := await asked(directory.franked, "/v1/suppressions/reconcile"))["state"] != "done":
            await asyncio.sleep(0.1)
    return dict(told)
