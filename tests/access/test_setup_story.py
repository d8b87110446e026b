"""An account that has nothing, set up while Franked runs, until a mail goes and its bounce comes back."""

from dataclasses import replace
from pathlib import Path

from franked.access.setup import Hands, apply, plan
from franked.rules.at_aws import Details, Review
from franked.rules.message import State
from franked.rules.wanted import Wanted
from franked.wiring import wants
from tests.contract.test_control import Zone
from tests.product import settings_in
from tests.running import Product, product_in

SANDBOX = ("production = true\nrate = 500\nquota = 50000", "")
SETS = (
    '[log]\nlevel = "debug"',
    '[log]\nlevel = "debug"\n[ses.configuration_sets]\nurgent = "tx"\nnormal = "tx"\nbulk = "bulk"',
)


def wanted(folder: Path) -> Wanted:
    return wants(settings_in(folder, SANDBOX, SETS), played=True)


async def set_up(product: Product, wanted: Wanted) -> None:
    world = product.franked.world
    assert world.control is not None
    assert world.gauges is not None
    todo = (await plan(wanted, world.control)).todo
    done = await apply(todo, wanted, Hands(world.control, world.gauges), lambda _: None)
    assert {one.failure for one in done} == {""}


async def test_b8_c11_from_nothing_to_a_mail_in_the_sandbox_whose_bounce_comes_back(tmp_path: Path) -> None:
    zone = Zone()
    async with product_in(tmp_path, SANDBOX, SETS, resolver=zone) as product:
        control = product.franked.world.control
        assert control is not None
        account = await control.account()
        assert (account.production, account.rate, account.quota, account.details) == (False, 1.0, 200.0, None)  # C11
        await set_up(product, wanted(tmp_path))
        early = await product.send("bounce@simulator.amazonses.com")
        story = await product.until(early["id"])
        assert (story.state, story.reason) == (State.REFUSED, "not_verified")
        now = await plan(wanted(tmp_path), control)
        assert (now.todo, now.settings) == ((), ())
        zone.records = {one.record for one in now.records}
        again = await plan(wanted(tmp_path), control)
        assert {one.seen for one in again.records if one.seen} == {"SUCCESS"}
        await product.franked.refresh()
        sent = await product.send("bounce+later@simulator.amazonses.com")
        assert (await product.until(sent["id"], State.BOUNCED, within=15)).state is State.BOUNCED


async def test_a_grant_raises_the_pace_without_a_restart(tmp_path: Path) -> None:
    async with product_in(tmp_path, SANDBOX, SETS) as product:
        world = product.franked.world
        assert world.control is not None
        asked = Details("TRANSACTIONAL", "https://backup.example.com", use_case="We mail receipts.")
        assert await world.control.put_details(asked) is None
        product.simulator.review("GRANTED", rate=14, quota=50_000)
        await product.franked.refresh()
        access = (await world.store.standing(world.now())).access
        assert access is not None
        assert (access.production, access.rate, access.quota) == (True, 14.0, 50_000.0)
        details = (await world.control.account()).details
        assert details is not None
        assert replace(details, review=None, case="") == asked
        assert details.review is Review.GRANTED
