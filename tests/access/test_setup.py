"""`franked setup`: what there must be at AWS, made once, and made right where it is not."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from franked.access.setup import Done, Hands, apply, plan, seen, wait
from franked.backends.aws.cloudwatch import CloudWatch
from franked.backends.aws.control import AwsControl
from franked.backends.local.estate import OwnSet
from franked.backends.local.office import Office
from franked.formats.zone import zone_lines
from franked.outside import ControlUnreadable
from franked.rules.at_aws import Record
from franked.rules.steps import DkimAgain, NewIdentity, Part, QueueSet, Subscribe, TopicPolicy
from franked.rules.wanted import KINDS, Plan, Wanted
from franked.wiring import Resolvers, Zones, name_server, wants
from tests.contract.test_control import KEYS, TOPIC, AtAws, at_aws
from tests.product import settings_in

DOMAIN = "backup.example.com"
SETS = {"franked-urgent", "franked-normal", "franked-bulk"}


@dataclass(slots=True)
class Site:
    """A product, and an account that has nothing yet."""

    it: AtAws
    wanted: Wanted

    @property
    def hands(self) -> Hands:
        url, clock = self.it.played.simulator.url, self.it.played.clock
        return Hands(self.it.control, CloudWatch("eu-central-1", self.wanted.sender, clock, url, KEYS))

    async def plan(self) -> Plan:
        return await plan(self.wanted, self.it.control)

    async def apply(self) -> list[Done]:
        return await apply((await self.plan()).todo, self.wanted, self.hands, lambda _: None)

    def publish(self, *records: Record) -> None:
        self.it.zone.records |= set(records)


@asynccontextmanager
async def site(folder: Path, *changes: tuple[str, str], **how: Any) -> AsyncIterator[Site]:
    settings = settings_in(folder / "product", *changes)
    async with at_aws(folder / "ses", **how) as it:
        yield Site(it, wants(settings, played=True))


async def calls(it: Site) -> list[str]:
    return [one.call for one in (await it.plan()).todo]


async def test_b8_setup_makes_the_domain_its_dkim_and_its_mail_from_and_says_the_records(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        assert {one.failure for one in await it.apply()} == {""}
        identity = await it.it.control.identity(DOMAIN)
        assert identity is not None
        assert identity.mail_from is not None
        assert (identity.verified, identity.dkim.bits, identity.mail_from.domain) == (False, 2048, f"bounce.{DOMAIN}")
        now = await it.plan()
        told = [(one.record.kind, one.record.name, one.record.value, one.seen) for one in now.records]
        tokens = identity.dkim.tokens
        assert len(tokens) == 3
        assert told == [
            *(("CNAME", f"{one}._domainkey.{DOMAIN}", f"{one}.dkim.amazonses.com", "PENDING") for one in tokens),
            ("MX", f"bounce.{DOMAIN}", "10 feedback-smtp.eu-central-1.amazonses.com", "PENDING"),
            ("TXT", f"bounce.{DOMAIN}", "v=spf1 include:amazonses.com ~all", "PENDING"),
            ("TXT", f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; rua=mailto:ops@example.com", ""),
        ]


async def test_applied_twice_it_plans_nothing_the_second_time(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        first = await it.plan()
        assert not first.is_done
        assert len(first.todo) == len(await it.apply())
        again = await it.plan()
        assert (again.todo, again.is_done) == ((), True)
        assert await it.apply() == []
        assert len(again.there) > 10
        for name in SETS:
            found = await it.it.control.configuration_set(name)
            assert found is not None
            assert (found.counts_reputation, found.sends) == (True, True)
            assert found.kinds_to([TOPIC]) >= {"BOUNCE", "COMPLAINT", "DELIVERY", "SEND", "REJECT"}


async def test_d10_addresses_are_verified_besides_the_domain(tmp_path: Path) -> None:
    """An admin elsewhere must be reachable in the sandbox; who is at the domain is covered, unless asked for."""
    admins = ('admins = ["ops@example.com"]', f'admins = ["ops@example.org", "admin@{DOMAIN}"]')
    async with site(tmp_path, admins) as it:
        it.wanted = replace(it.wanted, asked=(f"support@{DOMAIN}",))
        asked = [one.name for one in (await it.plan()).todo if isinstance(one, NewIdentity)]
        assert asked == [DOMAIN, "ops@example.org", f"support@{DOMAIN}"]
        await it.apply()
        now = await it.plan()
        assert [one for one in now.notes if "ops@example.org" in one] == [
            "SES has written to ops@example.org: open the link in its mail."
        ]
        it.it.played.simulator.verify("ops@example.org")
        it.it.played.simulator.verify(f"support@{DOMAIN}")
        verified = await it.plan()
        assert verified.is_done
        assert [one for one in verified.notes if "SES has written" in one] == []
        assert {f"identity {one} (success)" for one in asked[1:]} <= set(verified.there)


async def test_a_domain_whose_parent_is_verified_needs_no_identity_of_its_own(tmp_path: Path) -> None:
    async with site(tmp_path, verified=["example.com"], resolver=None) as it:
        assert "ses:CreateEmailIdentity" not in await calls(it)
        await it.apply()
        parent = await it.it.control.identity("example.com")
        assert parent is not None
        assert parent.mail_from is not None
        assert parent.mail_from.domain == "bounce.example.com"
        assert (await it.plan()).is_done


async def test_a_dmarc_record_that_applies_already_is_not_proposed_again(tmp_path: Path) -> None:
    """Not at the organisation either: one below it would take its place."""
    async with site(tmp_path) as it, name_server(Zones()) as server:
        dns = Resolvers([server.address])

        async def proposed() -> list[str]:
            now = await plan(it.wanted, it.it.control, dns=dns)
            return [one.record.name for one in now.records if one.record.name.startswith("_dmarc.")]

        assert await proposed() == [f"_dmarc.{DOMAIN}"]
        server.zones.publish('_dmarc.example.com. IN TXT "v=DMARC1; p=reject"')
        assert await proposed() == []


async def test_events_go_to_a_queue_with_dead_letters(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        queue, topic = await it.it.control.queue("franked-events"), await it.it.control.topic(TOPIC)
        assert queue is not None
        assert topic is not None
        assert (queue.dead_letters, queue.tries) == ("arn:aws:sqs:eu-central-1:111122223333:franked-events-dead", 5)
        assert [(one.protocol, one.endpoint) for one in topic.subscriptions] == [("sqs", queue.arn)]


async def test_with_a_public_url_they_go_to_the_webhook(tmp_path: Path) -> None:
    public = ("[server]\nport = 0", '[server]\nport = 0\npublic_url = "https://mail.example.com"')
    async with site(tmp_path, public) as it:
        it.wanted = replace(it.wanted, played=False)
        steps = (await it.plan()).todo
        hook = "https://mail.example.com/v1/events/sns"
        assert [one for one in steps if isinstance(one, Subscribe)] == [Subscribe(TOPIC, "https", hook)]
        assert not any(one.call.startswith("sqs:") for one in steps)
        await it.apply()
        again = await it.plan()
        assert again.is_done
        assert f"The subscription of {hook} waits: Franked confirms it while it runs." in again.notes


Book = Callable[[Office], object]
OF_BULK = "franked-bulk"


def _queue(office: Office) -> dict[str, str]:
    return office.estate.book.queues["franked-events"]


def _switched_off(office: Office) -> None:
    office.estate.book.dkim[DOMAIN].is_on = False


BREAKS: dict[str, list[Book]] = {
    "ses:PutAccountSuppressionAttributes": [lambda office: office.suppressed.honour([])],
    "ses:PutConfigurationSetSuppressionOptions": [lambda office: office.suppressed.honour([], OF_BULK)],
    "ses:UpdateConfigurationSetEventDestination": [lambda office: office.account.publish(["SEND"], OF_BULK)],
    "ses:CreateConfigurationSetEventDestination": [
        lambda office: office.estate.book.sets[OF_BULK].destinations.clear()
    ],
    "ses:PutEmailIdentityMailFromAttributes": [lambda office: office.estate.book.mail_from.clear()],
    "ses:PutEmailIdentityDkimAttributes": [_switched_off],
    "ses:PutEmailIdentityConfigurationSetAttributes": [lambda office: office.estate.book.of_identity.clear()],
    "sns:SetTopicAttributes": [lambda office: office.estate.book.topics[TOPIC].update(Policy="{}")],
    "sns:Subscribe": [lambda office: office.estate.book.subscriptions.clear()],
    "sqs:SetQueueAttributes": [
        lambda office: _queue(office).update(Policy="{}"),
        lambda office: _queue(office).pop("RedrivePolicy"),
    ],
    "cloudwatch:PutMetricAlarm": [lambda office: office.metrics.alarms.clear()],
    "cloudwatch:PutDashboard": [lambda office: office.estate.book.dashboards.clear()],
}


@pytest.mark.parametrize(("mends", "broken"), [(call, one) for call, ways in BREAKS.items() for one in ways])
async def test_what_was_broken_is_put_right_and_nothing_else_is_touched(
    tmp_path: Path, mends: str, broken: Book
) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        await it.plan()
        broken(it.it.played.simulator.office)
        assert await calls(it) == [mends]
        assert [one.failure for one in await it.apply()] == [""]
        assert (await it.plan()).is_done


async def test_whoever_listens_by_eventbridge_needs_no_topic(tmp_path: Path) -> None:
    queue = ("[server]", '[feedback]\nqueue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/q"\n[server]')
    bus = "arn:aws:events:eu-central-1:111122223333:event-bus/default"
    async with site(tmp_path, queue) as it:
        assert "sns:CreateTopic" in await calls(it)
        led = {"Enabled": True, "MatchingEventTypes": list(KINDS), "EventBridgeDestination": {"EventBusArn": bus}}
        for name in SETS:
            it.it.played.simulator.account.add_configuration_set(name)
            it.it.played.simulator.office.estate.book.sets[name] = OwnSet(True, {"bus": led})
        now = await it.plan()
        assert "events by way of EventBridge" in now.there
        assert not any(one.call.startswith(("sns:", "sqs:", "ses:CreateConfigurationSet")) for one in now.todo)


async def test_settings_that_are_missing_are_told_until_they_are_said(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        it.wanted = replace(it.wanted, played=False)
        await it.apply()
        queue = await it.it.control.queue("franked-events")
        assert queue is not None
        assert (await it.plan()).settings == (
            "[ses.configuration_sets]",
            'urgent = "franked-urgent"',
            'normal = "franked-normal"',
            'bulk = "franked-bulk"',
            "[feedback]",
            f'topics = ["{TOPIC}"]',
            f'queue_url = "{queue.url}"',
        )
        said = "\n".join((await it.plan()).settings)
        it.wanted = wants(settings_in(tmp_path / "said", ("[server]", f"{said}\n[server]")), played=False)
        again = await it.plan()
        assert (again.settings, again.is_done) == ((), True)


async def test_what_a_policy_says_already_stays(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        book = it.it.played.simulator.office.estate.book
        theirs = '{"Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":"*","Action":"sns:Publish"}]}'
        book.topics[TOPIC]["Policy"] = book.queues["franked-events"]["Policy"] = theirs
        assert {type(one) for one in (await it.plan()).todo} == {TopicPolicy, QueueSet}
        await it.apply()
        assert (await it.plan()).is_done
        for policy in (book.topics[TOPIC]["Policy"], book.queues["franked-events"]["Policy"]):
            assert "Theirs" in policy
            assert "Franked" in policy


async def test_dkim_that_ses_gave_up_is_asked_for_again(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        await it.plan()
        it.it.zone.silent = True
        it.it.played.simulator.office.estate.book.dkim[DOMAIN].status = "FAILED"
        assert (await it.plan()).todo == (DkimAgain(DOMAIN),)
        await it.apply()
        assert (await it.plan()).is_done


async def test_it_waits_until_ses_sees_the_records(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        records = [one.record for one in (await it.plan()).records]
        told, looks = [], 0

        async def sleep(_: float) -> None:
            nonlocal looks
            looks += 1
            it.publish(*records[: 3 * looks])

        last = await wait(it.wanted, it.it.control, sleep, lambda one: told.append(one.of))
        assert last.is_all_there
        assert told == [
            ((f"DKIM of {DOMAIN}", dkim), (f"MAIL FROM bounce.{DOMAIN}", mail_from))
            for dkim, mail_from in (("PENDING", "PENDING"), ("SUCCESS", "PENDING"), ("SUCCESS", "SUCCESS"))
        ]


async def test_it_does_not_wait_for_what_ses_gave_up(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        it.it.zone.silent = True
        await seen(it.wanted, it.it.control)
        it.it.played.simulator.office.estate.book.dkim[DOMAIN].status = "FAILED"

        async def sleep(_: float) -> None:
            raise AssertionError("nobody waits")

        assert (await wait(it.wanted, it.it.control, sleep, lambda _: None)).is_given_up


async def test_it_goes_on_waiting_while_aws_does_not_answer(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        await it.apply()
        it.publish(*(one.record for one in (await it.plan()).records))
        nowhere = AwsControl("eu-central-1", "http://127.0.0.1:9", KEYS, apart=0.0)
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        with pytest.raises(ControlUnreadable, match="ses:GetEmailIdentity: SES can't be reached"):
            await wait(it.wanted, nowhere, sleep, lambda _: None)
        assert slept == [20.0] * 4
        it.it.played.simulator.deny("ses:GetEmailIdentity")
        with pytest.raises(ControlUnreadable, match="The permission ses:GetEmailIdentity is missing"):
            await wait(it.wanted, it.it.control, sleep, lambda _: None)
        assert len(slept) == 4  # what is denied is denied


async def test_what_fails_names_its_call_and_what_builds_on_it_is_left(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        it.it.played.simulator.deny("sns:CreateTopic")
        by_call = {one.step.call: one.failure for one in await it.apply()}
        assert by_call["sns:CreateTopic"].startswith("sns:CreateTopic: SNS does not allow these credentials to do this")
        assert by_call["sns:CreateTopic"].endswith("The permission sns:CreateTopic is missing.")
        assert by_call["sqs:CreateQueue"].startswith("left")
        assert by_call["ses:CreateEmailIdentity"] == by_call["cloudwatch:PutDashboard"] == ""


async def test_a_part_that_cannot_be_read_is_unknown_and_the_others_are_planned(tmp_path: Path) -> None:
    async with site(tmp_path) as it:
        it.it.played.simulator.deny("cloudwatch:DescribeAlarms")
        now = await it.plan()
        assert set(now.troubles) == {Part.WATCHING}
        assert now.troubles[Part.WATCHING].endswith("The permission cloudwatch:DescribeAlarms is missing.")
        assert not any(one.call.startswith("cloudwatch:") for one in now.todo)
        assert any(one.call == "ses:CreateEmailIdentity" for one in now.todo)
        assert not now.is_done


async def test_records_as_lines_of_a_zone_file() -> None:
    long = Record("a.example.com", "TXT", 'k=rsa; p="' + "x" * 300)
    cname, mx, text = zone_lines(
        [
            Record("t._domainkey.a.example.com", "CNAME", "t.dkim.amazonses.com"),
            Record("b.a.example.com", "MX", "10 m.example.com"),
            long,
        ]
    )
    assert cname == "t._domainkey.a.example.com. 3600 IN CNAME t.dkim.amazonses.com."
    assert mx == "b.a.example.com. 3600 IN MX 10 m.example.com."
    assert text.startswith('a.example.com. 3600 IN TXT "k=rsa; p=\\"xxx')
    assert text.count('" "') == 1
