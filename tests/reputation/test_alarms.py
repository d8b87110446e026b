"""Alarms that are told: by mail, by webhook, in CloudWatch; once, each day, and once more when it is over."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from franked.backends.local import Fault, Limits, SendFault, Share
from franked.enquiry import PutBack, Stop
from franked.ports import World
from franked.record import Alarm
from franked.reputation.alarms import tell, try_out
from franked.reputation.gauging import Publisher, Reader
from franked.reputation.watching import Watch
from franked.rules.message import State
from tests.running import Product, product_in

OPS = "ops@example.com"


@dataclass
class Chatroom:
    """A webhook that keeps what was posted, and answers as told."""

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: int = 200
    location: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append(await request.json())
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.answers, headers=headers)


@asynccontextmanager
async def chatroom() -> AsyncIterator[Chatroom]:
    room = Chatroom()
    app = web.Application()
    app.router.add_post("/hook/secret-token", room.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    room.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/secret-token"
    yield room
    await runner.cleanup()


@dataclass
class Watched:
    product: Product
    room: Chatroom

    @property
    def world(self) -> World:
        return self.product.franked.world

    def mails(self) -> list[str]:
        """The subjects of what the account took for the admins."""
        played = self.product.simulator
        ids = [one.ses_id for one in played.taken() if one.recipient == OPS]
        return [dict(reading.headers)["Subject"] for id_ in ids if (reading := played.read(id_))]

    def text(self) -> str:
        """Of the newest."""
        played = self.product.simulator
        return played.text_of([one.ses_id for one in played.taken() if one.recipient == OPS][-1])

    async def until_mailed(self, number: int) -> list[str]:
        async with asyncio.timeout(5):
            while len(self.mails()) < number:
                await asyncio.sleep(0.01)
        return self.mails()

    async def alarm(self, key: str, text: str = "3 messages used up all tries") -> None:
        await self.world.store.open_alarms([Alarm(key, text, self.world.now())])

    async def refreshed(self) -> None:
        await self.product.franked.refresh()


@asynccontextmanager
async def watched(folder: Path, *changes: tuple[str, str], chat: str = "text") -> AsyncIterator[Watched]:
    async with chatroom() as room:
        alarms = f'[alarms]\nwebhook = "{room.url}"\nallow = ["127.0.0.1"]\nformat = "{chat}"\n'
        async with product_in(folder, ("[log]", f"{alarms}\n[log]"), *changes) as product:
            yield Watched(product, room)


async def test_an_alarm_is_told_once_reminds_daily_and_says_when_it_is_over(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        await it.alarm("dead_letters")
        for _ in range(3):
            await tell(it.world)
        assert await it.until_mailed(1) == ["Alarm: Mail has used up all its tries – Example Backup"]
        text = it.text()
        assert "3 messages used up all tries" in text
        assert "What Franked did: It keeps these messages, and tries them no more." in text
        assert "What to do: Look at `franked dead`" in text
        assert f"Since: {it.world.now():%Y-%m-%d}" in text
        assert [one["says"] for one in it.room.posts] == ["opened"]
        it.product.clock.move(days=1)
        await tell(it.world)
        await tell(it.world)
        assert (await it.until_mailed(2))[1].startswith("Still open: ")
        await it.world.store.close_alarms(["dead_letters"])
        await tell(it.world)
        it.product.clock.move(minutes=10)
        await tell(it.world)
        await tell(it.world)
        assert (await it.until_mailed(3))[2].startswith("Over: ")
        assert "Until: " in it.text()
        assert [one["says"] for one in it.room.posts] == ["opened", "open", "over"]
        assert len(it.mails()) == 3


async def test_several_processes_and_a_restart_tell_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        await it.alarm("dead_letters")
        await asyncio.gather(*(tell(it.world) for _ in range(5)))
        await it.until_mailed(1)
        assert len(it.room.posts) == 1
        settings_changes = ("[log]", f'[alarms]\nwebhook = "{it.room.url}"\nallow = ["127.0.0.1"]\n\n[log]')
        room, clock = it.room, it.product.clock
    async with product_in(tmp_path, settings_changes) as again:
        again.clock.ahead = clock.ahead
        await tell(again.franked.world)
        assert len(room.posts) == 1
        assert len([one for one in again.simulator.taken() if one.recipient == OPS]) == 1


async def test_what_the_webhook_did_not_take_is_posted_again_and_no_mail_is_doubled(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        it.room.answers = 503
        await it.alarm("dead_letters")
        await tell(it.world)
        await it.until_mailed(1)
        it.room.answers = 200
        await tell(it.world)
        assert len(it.room.posts) == 1  # who tells it has five minutes
        it.product.clock.move(minutes=5)
        await tell(it.world)
        assert [one["id"] for one in it.room.posts] == [it.room.posts[0]["id"]] * 2
        it.product.clock.move(minutes=5)
        await tell(it.world)
        assert (len(it.room.posts), len(it.mails())) == (2, 1)


async def test_a_webhook_that_is_gone_for_good_keeps_no_reminder_away(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        it.room.answers = 404
        await it.alarm("dead_letters")
        for _ in range(13):
            await tell(it.world)
            it.product.clock.move(minutes=5, seconds=1)
        posted = len(it.room.posts)
        assert posted == 13
        await tell(it.world)
        assert len(it.room.posts) == posted
        it.product.clock.move(days=1)
        await tell(it.world)
        assert len(await it.until_mailed(2)) == 2


async def test_no_redirect_is_followed_and_the_address_is_in_no_log(tmp_path: Path) -> None:
    async with watched(tmp_path) as it, chatroom() as elsewhere:
        it.room.answers, it.room.location = 307, elsewhere.url
        await it.alarm("dead_letters")
        await tell(it.world)
        assert elsewhere.posts == []
        [line] = it.product.logged("alarm_not_posted")
        assert line["why"] == "it answered 307"
        assert "secret-token" not in it.product.log.getvalue()


async def test_german_admins_are_told_in_german(tmp_path: Path) -> None:
    async with watched(tmp_path, ('approval = "none"', 'approval = "none"\ndefault_locale = "de-CH"')) as it:
        await it.alarm("enforcement", "AWS calls the account PROBATION")
        await tell(it.world)
        assert (await it.until_mailed(1))[0].startswith("Alarm: AWS prüft das Konto")
        assert "Was zu tun ist: Lesen Sie die Post von AWS" in it.text()


# --- what opens one ---------------------------------------------------------------------------------------------------


async def looked(it: Watched, watch: Watch) -> set[str]:
    await watch.look()
    return {one.key for one in await it.world.store.alarms()}


async def test_a_dead_letter_opens_its_alarm_and_closes_it(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        watch = Watch(it.world)
        assert await looked(it, watch) == set()
        it.product.simulator.plan(Fault(SendFault.ERROR_500, times=3))
        sent = await it.product.send("ana@example.net")
        for seconds in (40, 200):
            await asyncio.sleep(0.3)
            it.product.clock.move(seconds=seconds)
            it.world.bell.ring()
        await it.product.until(sent["id"], State.DEAD)
        assert await looked(it, watch) == {"dead_letters"}
        _, ready = await it.product.get("/readyz")
        assert [one for one in ready["warnings"] if one.startswith("dead_letters")] == [
            "dead_letters: 1 message used up all tries, see franked dead"  # once
        ]
        await it.world.store.put_back([PutBack(sent["id"], Stop.DEAD, "test", "mended")])
        await it.product.until(sent["id"], State.DELIVERED)
        assert await looked(it, watch) == set()


async def test_c7_the_account_s_own_troubles_open_their_alarms_at_once_and_close_them(tmp_path: Path) -> None:
    """EnforcementStatus, sending disabled, quota: as soon as the account was read."""
    async with watched(tmp_path) as it:
        watch, account = Watch(it.world), it.product.simulator.account
        limits = account.limits
        account.set_limits(replace(limits, sending_enabled=False))
        await it.refreshed()
        assert await looked(it, watch) == {"sending_disabled"}
        account.set_limits(limits)
        await it.refreshed()
        assert await looked(it, watch) == set()
        account.set_limits(Limits(production=True, rate=500.0, quota=10.0))
        await it.refreshed()
        for number in range(8):
            sent = await it.product.send(f"p{number}@example.net", stream="sign-in-code")
            await it.product.until(sent["id"], State.DELIVERED)
        assert await looked(it, watch) == {"quota_near"}
        account.set_limits(limits)
        await it.refreshed()
        assert await looked(it, watch) == set()


async def test_when_ses_sends_nothing_the_webhook_tells_and_the_mail_waits(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        watch, account = Watch(it.world), it.product.simulator.account
        limits = account.limits
        account.set_limits(replace(limits, sending_enabled=False))
        await it.refreshed()
        await watch.look()
        await tell(it.world)
        assert [one["alarm"] for one in it.room.posts] == ["sending_disabled"]
        assert it.mails() == []
        account.set_limits(limits)
        await it.refreshed()
        assert len(await it.until_mailed(1)) == 1


async def test_mail_that_stands_still_is_told_by_lane_and_a_clock_that_jumps_is_not(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        watch, account = Watch(it.world), it.product.simulator.account
        limits = account.limits
        account.set_limits(replace(limits, sending_enabled=False))
        await it.refreshed()
        await it.product.send("ana@example.net")
        it.product.clock.move(hours=2)
        await watch.look()
        assert not any(one.key.startswith("waiting") for one in await it.world.store.alarms())
        assert await looked(it, watch) == {"sending_disabled", "waiting.normal"}
        [text] = [one.text for one in await it.world.store.alarms() if one.key == "waiting.normal"]
        assert text.startswith("mail of the normal lane has been due for 120 minutes") or "2 hours" in text
        account.set_limits(limits)
        await it.refreshed()
        async with asyncio.timeout(5):
            while await looked(it, watch):
                await asyncio.sleep(0.05)


async def test_an_account_that_cannot_be_read_for_long_is_told(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        passed = [0.0]
        watch = Watch(replace(it.world, monotonic=lambda: passed[0]))
        await watch.look()
        passed[0] = 899.0
        assert await looked(it, watch) == set()
        passed[0] = 900.0
        assert await looked(it, watch) == {"account_unreadable"}
        it.product.clock.move(seconds=1)
        await it.refreshed()
        assert await looked(it, watch) == set()


async def test_d7_one_bounce_of_thirteen_is_told_on_how_small_a_sample_and_stops_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        watch, played = Watch(it.world), it.product.simulator
        played.people("gone.example.net", Share(bounce=1.0))
        for number in range(12):
            await it.product.send(f"p{number}@example.net")
        sent = await it.product.send("p@gone.example.net")
        await it.product.until(sent["id"], State.BOUNCED)
        assert await looked(it, watch) == {"bounce_rate"}
        await tell(it.world)
        await it.until_mailed(1)
        assert "7.69 % hard bounces, 1 of 13 sends so far; AWS reviews an account at 5 %" in it.text()
        assert "Counted on: 13 sends, 1 hard bounces, 0 complaints: one more moves its rate by 7.7" in it.text()
        assert (await it.world.store.brake()).step.word == "none"


async def test_d7_a_complaint_is_told_and_is_over_a_day_later(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        it.product.simulator.people("angry.example.net", Share(complaint=1.0))
        sent = await it.product.send("p@angry.example.net")
        await it.product.until(sent["id"], State.COMPLAINED)
        await tell(it.world)
        assert (await it.until_mailed(1))[0].startswith("Alarm: Somebody has called a mail spam")
        it.product.clock.move(days=1)
        await tell(it.world)
        assert [one.key for one in await it.world.store.alarms()] == []
        it.product.clock.move(minutes=11)
        await tell(it.world)
        assert [one["says"] for one in it.room.posts] == ["opened", "over"]


# --- CloudWatch -------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_cloudwatch() -> Iterator[tuple[str, str]]:
    topic = "arn:aws:sns:eu-central-1:111122223333:alarms"
    yield ('format = "text"', f'format = "text"\ncloudwatch = true\ntopic = "{topic}"')


async def test_a15_figures_and_alarms_are_kept_in_cloudwatch(tmp_path: Path, with_cloudwatch: tuple[str, str]) -> None:
    async with chatroom() as room:
        alarms = f'[alarms]\nwebhook = "{room.url}"\nallow = ["127.0.0.1"]\n{with_cloudwatch[1]}\n'
        async with product_in(tmp_path, ("[log]", f"{alarms}\n[log]")) as product:
            it, played = Watched(product, room), product.simulator
            watch = Watch(it.world)
            publisher = Publisher(it.world, watch)
            await publisher.publish()
            assert played.alarms() == {}  # nothing was looked at yet
            await watch.look()
            await publisher.publish()
            ours = {name.removeprefix("franked-") for name in played.alarms()}
            assert {"ses-bounce-rate-limit", "ses-complaint-rate-limit", "ses-sending-rate"} < ours
            assert {"backup.example.com-dead-letters", "backup.example.com-quota"} < ours
            assert played.metric("DeadLetters") == 0.0
            assert played.metric("BounceRateEstimate") is None  # no rate without sends
            logged = len(product.logged("cloudwatch_alarm"))
            await publisher.publish()
            assert len(product.logged("cloudwatch_alarm")) == logged
            told = dict(await try_out(it.world))
            assert told["webhook"] == "told"
            assert told["CloudWatch"].startswith("franked-backup.example.com-dead-letters was set off")
            assert played.alarms()["franked-backup.example.com-dead-letters"] == "ALARM"


async def test_without_the_setting_nothing_is_published(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        watch = Watch(it.world)
        await watch.look()
        await Publisher(it.world, watch).publish()
        assert it.product.simulator.alarms() == {}
        assert it.product.simulator.metric("DeadLetters") is None
        told = dict(await try_out(it.world))
        assert told["CloudWatch"] == "[alarms] cloudwatch is off"


async def test_c7_what_aws_counts_is_read_each_quarter_of_an_hour(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        passed = [0.0]
        reader = Reader(replace(it.world, monotonic=lambda: passed[0]))
        await reader.read()
        assert (await it.world.store.brake()).aws is None  # AWS has said nothing yet
        it.product.simulator.people("gone.example.net", Share(bounce=1.0))
        for to in ("ana@example.net", "bo@gone.example.net"):
            sent = await it.product.send(to)
            await it.product.until(sent["id"], State.DELIVERED, State.BOUNCED)
        passed[0] = 899.0
        await reader.read()
        assert (await it.world.store.brake()).aws is None
        passed[0] = 900.0
        await reader.read()
        aws = (await it.world.store.brake()).aws
        assert aws is not None
        assert (aws.bounce, aws.complaint, aws.sent, aws.bounced) == (0.5, 0.0, 2, 1)
        assert (await it.world.store.brake()).step.word == "none"  # 1 of 2 is no rate, whoever counts


async def test_c16_in_the_first_days_after_approval_it_is_read_more_often(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        await it.world.store.be_careful(it.world.now() + timedelta(days=14))
        passed = [0.0]
        reader = Reader(replace(it.world, monotonic=lambda: passed[0]))
        await reader.read()
        sent = await it.product.send("ana@example.net")
        await it.product.until(sent["id"], State.DELIVERED)
        passed[0] = 300.0
        await reader.read()
        assert (await it.world.store.brake()).aws is not None


async def test_where_aws_does_not_answer_what_was_known_stays(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        it.product.simulator.vanish(30)
        await asyncio.sleep(0.1)
        await Reader(it.world).read()
        assert len(it.product.logged("rates_unreadable")) == 1
