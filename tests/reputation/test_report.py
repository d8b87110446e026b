"""D7: the report of a day, by mail, on the command line, over HTTP."""

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path

from franked.backends.local import Share
from franked.reputation.daily import Reporter, report_of
from franked.rules.message import State
from tests.commandline import franked as command
from tests.running import Product, product_in

OPS = "ops@example.com"


def yesterday(product: Product) -> date:
    return (product.clock() - timedelta(days=1)).date()


EVERYBODY = ("ana@example.net", "bo@gone.example.net", "cy@angry.example.net")


async def a_day(product: Product, *people: str) -> date:
    """A receipt to each of three people, of whom one is gone, and one complains; then it is tomorrow."""
    product.simulator.people("gone.example.net", Share(bounce=1.0))
    product.simulator.people("angry.example.net", Share(complaint=1.0))
    for to in people or EVERYBODY:
        sent = await product.send(to)
        await product.until(sent["id"], State.DELIVERED, State.BOUNCED, State.COMPLAINED)
    await product.simulator.quiet()
    day = product.clock().date()
    product.clock.move(days=1)
    return day


async def reported(product: Product, number: int) -> list[str]:
    """The reports' subjects, once there are so many."""

    def subjects() -> list[str]:
        ids = [one.ses_id for one in product.simulator.taken() if one.recipient == OPS]
        found = (dict(reading.headers)["Subject"] for id_ in ids if (reading := product.simulator.read(id_)))
        return [subject for subject in found if subject.startswith("Mail report")]

    async with asyncio.timeout(5):
        while len(subjects()) < number:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    return subjects()


AT_ANY_HOUR = ("[log]", "[report]\nhour = 0\n\n[log]")


async def test_d7_that_day_s_mail_is_reported_once_whoever_asks_and_however_often(tmp_path: Path) -> None:
    async with product_in(tmp_path, AT_ANY_HOUR) as product:
        await a_day(product)
        world = product.franked.world
        several = [Reporter(world) for _ in range(3)]
        await asyncio.gather(*(one.report() for one in several))
        await several[0].report()
        assert len(await reported(product, 1)) == 1
        text = product.simulator.text_of([one.ses_id for one in product.simulator.taken() if one.recipient == OPS][-1])
        assert "receipt: 3 sent, 2 delivered, 1 bounced, 1 complaints, 0 rejected" in text
        assert "hard bounces 33.3 %, complaints 33.3 % (estimate)" in text
        assert "AWS counted, of all senders in the account: 3 sent, 1 bounced, 1 complaints, 0 rejected" in text
        assert "List of suppressions: 2 added" in text
    async with product_in(tmp_path, AT_ANY_HOUR) as again:  # a restart
        again.clock.move(days=1)
        await Reporter(again.franked.world).report()
        assert len(await reported(again, 1)) == 1
        again.clock.move(days=1)
        await Reporter(again.franked.world).report()
        assert len(await reported(again, 2)) == 2


async def test_it_waits_for_its_hour_and_comes_late_rather_than_never(tmp_path: Path) -> None:
    async with product_in(tmp_path, ("[log]", "[report]\nhour = 7\n\n[log]")) as product:
        await a_day(product)
        now = product.clock()
        product.clock.move(seconds=(now.replace(hour=6, minute=59, second=0) - now).total_seconds())
        reporter = Reporter(product.franked.world)
        await reporter.report()
        assert await reported(product, 0) == []
        product.clock.move(hours=9)
        await reporter.report()
        assert len(await reported(product, 1)) == 1


async def test_nobody_is_mailed_of_nothing_nor_where_it_is_switched_off(tmp_path: Path) -> None:
    async with product_in(tmp_path / "new", AT_ANY_HOUR) as product:
        await Reporter(product.franked.world).report()
        assert await reported(product, 0) == []
    async with product_in(tmp_path / "off", ("[log]", "[report]\ndaily = false\nhour = 0\n\n[log]")) as product:
        await a_day(product)
        await Reporter(product.franked.world).report()
        assert await reported(product, 0) == []


async def test_without_an_answer_of_aws_the_report_goes_all_the_same(tmp_path: Path) -> None:
    async with product_in(tmp_path, AT_ANY_HOUR) as product:
        day = await a_day(product)
        product.simulator.vanish(20)
        await asyncio.sleep(0.1)
        report = await report_of(day, product.franked.world)
        assert (report.aws, report.total.sent) == (None, 3)
        assert len(product.logged("statistics_unreadable")) == 1


async def test_d7_figures_belong_to_their_day(tmp_path: Path) -> None:
    async with product_in(tmp_path) as product:
        day = await a_day(product)
        await a_day(product, "ana@example.net")
        world = product.franked.world
        first, second = await report_of(day, world), await report_of(day + timedelta(days=1), world)
        assert (first.total.sent, first.total.bounced) == (3, 1)
        assert second.total.sent == 1
        assert [one.row.sent for one in second.trend][-3:] == [0, 3, 1]
        assert (await report_of(day - timedelta(days=1), world)).total.sent == 0


async def test_d7_the_command_and_the_route_show_any_day(tmp_path: Path) -> None:
    async with product_in(tmp_path) as product:
        day = await a_day(product)
        told = json.loads(await output(product, "report", "--json"))
        assert told["day"] == day.isoformat() == yesterday(product).isoformat()
        assert (told["total"]["sent"], told["total"]["bounced"], told["total"]["complaint_rate"]) == (3, 1, 1 / 3)
        assert told["aws"]["sent"] == 3
        shown = await output(product, "report", "--day", day.isoformat())
        assert "receipt" in shown
        assert "33.3 %" in shown
        today = json.loads(await output(product, "report", "--json", "--day", product.clock().date().isoformat()))
        assert (today["total"]["sent"], today["total"]["bounce_rate"]) == (0, None)
        status, problem = await product.get("/v1/report?day=2020-01-01", product.franked.control_key)
        assert (status, problem["code"]) == (422, "invalid_query")
        status, problem = await product.get("/v1/report?day=nonsense", product.franked.control_key)
        assert (status, problem["code"]) == (422, "invalid_query")
        assert (await product.get("/v1/report"))[0] == 403


async def test_c7_the_commands_show_alarms_try_them_out_and_keep_cloudwatch_s(tmp_path: Path) -> None:
    async with product_in(tmp_path) as product:
        await a_day(product)
        shown = await output(product, "alarms", status=1)
        assert "complaint: Somebody has called a mail spam" in shown
        tried = await output(product, "alarms", "test")
        assert "mail to ops@example.com: queued: m_" in tried
        assert "webhook: [alarms] webhook names none" in tried
        first = await output(product, "alarms", "--cloudwatch")
        assert "franked-ses-bounce-rate-limit: created" in first
        again = json.loads(await output(product, "alarms", "--cloudwatch", "--json"))
        assert {one["what"] for one in again["alarms"]} == {"as it was"}
        assert "franked-ses-complaint-rate-limit" in product.simulator.alarms()
        product.simulator.vanish(20)
        await asyncio.sleep(0.1)
        said = await asyncio.to_thread(command, product.folder, "alarms", "--cloudwatch")
        assert said.status == 2
        assert "CloudWatch can't be reached" in said.err


async def output(product: Product, *words: str, status: int = 0) -> str:
    done = await asyncio.to_thread(command, product.folder, *words)
    assert done.status == status, done.err
    return done.out
