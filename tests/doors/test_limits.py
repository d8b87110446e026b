"""A hundred posts at once to one mailbox at 5 an hour: five go, however the mailbox is spelled (A16)."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from itertools import islice, product
from typing import Any

import pytest

from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")

STREAM = "sign-in-code"  # 5/hour
LIMIT = 5
CROWD = 100


def spellings(name: str, domains: Iterable[str], dots: Iterable[str]) -> list[str]:
    """A hundred of one mailbox: case, tags, and where the provider passes over them, dots."""
    cases = (str.lower, str.upper, str.title)
    tags = ("", "+a", "+news", "+x.y", "+1+2")
    made = (
        case(f"{name[:2]}{dot}{name[2:]}{tag}@{domain}")
        for case, tag, dot, domain in product(cases, tags, dots, domains)
    )
    found = list(dict.fromkeys(islice(made, CROWD)))
    return [found[number % len(found)] for number in range(CROWD)]


GMAIL = spellings("anamaria", ("gmail.com", "googlemail.com"), ("", "."))
ELSEWHERE = spellings("anamaria", ("example.net",), ("",))


async def crowd(shared: Product, tos: Iterable[str], **fields: Any) -> Counter[tuple[str, str | None]]:
    """All at once, over HTTP; and those that go have gone."""
    answers = await asyncio.gather(*(shared.send(to, STREAM, **fields) for to in tos))
    await asyncio.gather(*(shared.until(answer["id"]) for answer in answers if answer["state"] == "queued"))
    return Counter((answer["state"], answer["reason"]) for answer in answers)


FULL = {("queued", None): LIMIT, ("dropped", "rate_limited"): CROWD - LIMIT}


@pytest.mark.parametrize("tos", [GMAIL, ELSEWHERE], ids=["gmail", "elsewhere"])
async def test_of_a_hundred_at_once_five_go_and_an_hour_later_five_more(shared: Product, tos: list[str]) -> None:
    assert len(set(tos)) > 10
    assert await crowd(shared, tos) == FULL
    shared.clock.move(minutes=59)
    assert await crowd(shared, tos) == {("dropped", "rate_limited"): CROWD}
    shared.clock.move(minutes=1)
    assert await crowd(shared, tos) == FULL
    to_it = [mail for mail in shared.simulator.taken() if mail.recipient in tos]
    assert len(to_it) == 2 * LIMIT


async def test_who_only_looks_alike_has_a_limit_of_its_own(shared: Product) -> None:
    """Dots count outside Gmail; another stream is another limit."""
    others = ["bo.b@example.net", "bob@example.net", "b.ob@example.net", "bob@example.org", "bob@mail.example.net"]
    assert await crowd(shared, others * LIMIT) == {("queued", None): LIMIT * len(others)}
    receipt = await shared.send("bob@example.net", "receipt")
    assert receipt["state"] == "queued"


async def test_a_repeat_spends_nothing_and_keeps_its_answer(shared: Product) -> None:
    """Four orders, each posted 25 times at once: four are spent, one is left."""
    drafts = [shared.draft("cleo@example.net", STREAM, variables={"code": f"{n}"}) for n in range(4)]
    posts = [
        shared.post(draft, **{"Idempotency-Key": f"cleo-{n}"}) for n, draft in enumerate(drafts) for _ in range(25)
    ]
    answers = [answer for status, answer in await asyncio.gather(*posts) if status == 202]
    assert Counter(Counter(answer["id"] for answer in answers).values()) == {25: 4}
    assert {answer["reason"] for answer in answers} == {None}
    assert await crowd(shared, ["Cleo+left@example.net"] * 10) == {("queued", None): 1, ("dropped", "rate_limited"): 9}
    repeated = [await shared.post(draft, **{"Idempotency-Key": f"cleo-{n}"}) for n, draft in enumerate(drafts)]
    assert {answer["id"] for _, answer in repeated} == {answer["id"] for answer in answers}


async def test_what_was_dropped_for_the_limit_stays_dropped_when_it_is_repeated(shared: Product) -> None:
    await crowd(shared, ["dee@example.net"] * LIMIT)
    draft, key = shared.draft("dee@example.net", STREAM), {"Idempotency-Key": "dee-6"}
    first = await shared.post(draft, **key)
    shared.clock.move(hours=2)
    again = await shared.post(draft, **key)
    assert (again[1]["id"], again[1]["state"], again[1]["reason"]) == (first[1]["id"], "dropped", "rate_limited")
    assert await crowd(shared, ["dee@example.net"] * LIMIT) == {("queued", None): LIMIT}


async def test_what_is_turned_away_or_dropped_for_another_reason_spends_nothing(shared: Product) -> None:
    bounced = "bounce+limits@simulator.amazonses.com"
    await shared.until((await shared.send(bounced, "receipt"))["id"])
    assert await crowd(shared, [bounced] * 20) == {("dropped", "suppressed"): 20}
    drafts = [shared.draft("eve@example.net", STREAM, variables={"kode": "1"}) for _ in range(20)]
    assert {status for status, _ in await asyncio.gather(*map(shared.post, drafts))} == {422}
    stale = shared.draft("eve@example.net", STREAM)["trigger"] | {"at": "2020-01-01T00:00:00Z"}
    assert await crowd(shared, ["eve@example.net"] * 20, trigger=stale) == {("dropped", "stale_trigger"): 20}
    assert await crowd(shared, ["eve@example.net"] * CROWD) == FULL


async def test_the_counters_say_what_was_answered(shared: Product) -> None:
    counters = shared.franked.world.store.counters
    old = await counters()
    await crowd(shared, ["fay@example.net"] * CROWD)
    new = await counters()
    more = {what: new[STREAM, what] - old.get((STREAM, what), 0) for what in ("accepted", "dropped")}
    assert more == {"accepted": CROWD, "dropped": CROWD - LIMIT}
