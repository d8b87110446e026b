"""A product sends and settles while its webhook's endpoint does its worst: how fast, and whom did it reach?"""

import asyncio
import socket
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from franked.rules.message import State
from tests.receiver import Receiver, declared, receiving
from tests.running import Product, product_in

NAME = "rebinding.example.com"
OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"  # only the first one is allowed: it stands for a public address
FAST = (("rate = 500", "rate = 100000"), ("quota = 50000", "quota = -1"), ('level = "debug"', 'level = "info"'))
BATCH = 500
TO = "success@simulator.amazonses.com"
TRIED_WITHIN = 30.0  # seconds: the second call comes after 5


@dataclass(frozen=True, slots=True)
class Found:
    """Of one way to behave. `rate`: mails a second from the first request until the last delivery is settled. `cost`:
    milliseconds of CPU a mail, SES's own part and the application's among them: what else this machine does is not."""

    way: str
    rate: float
    cost: float
    settled: int
    calls: int  # that the endpoint heard
    told: int
    waiting: int
    reached_inside: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What a way to behave needs. `inside`: whoever must not be reached."""

    section: str
    receiver: Receiver
    inside: Receiver


async def run(
    mails: int, rounds: int, folder: Path, tell: Callable[[str], None], ways: Sequence[str] = ()
) -> list[Found]:
    """In turns, so that what else this machine does falls on all of them; of each the median."""
    found: dict[str, list[Found]] = {way: [] for way in ways or WAYS}
    for number in range(rounds):
        for way, of_one in found.items():
            one = await _tried(way, mails, folder / f"{way}-{number}")
            tell(f"{way}: {one.rate:.0f}/s, {one.cost:.2f} ms, {one.calls} calls, {one.reached_inside} inside")
            of_one.append(one)
    return [_together(of_one) for of_one in found.values()]


def _together(found: list[Found]) -> Found:
    return Found(
        way=found[0].way,
        rate=round(statistics.median(one.rate for one in found), 1),
        cost=round(statistics.median(one.cost for one in found), 2),
        settled=min(one.settled for one in found),
        calls=min(one.calls for one in found),
        told=max(one.told for one in found),
        waiting=min(one.waiting for one in found),
        reached_inside=sum(one.reached_inside for one in found),
    )


async def _tried(way: str, mails: int, folder: Path) -> Found:
    async with WAYS[way]() as stage, product_in(folder, *FAST, ("[log]", f"{stage.section}[log]")) as product:
        rate, cost, settled = await _measured(product, mails)
        if stage.section:
            await stage.receiver.heard_times(1, within=TRIED_WITHIN)
        if way == "rebinding":
            await _second_call(product)
        if way == "listens":
            await _told_all(product)
        health = (await product.franked.world.store.webhooks(["shop"]))[0]
        heard, inside = stage.receiver, stage.inside
        return Found(
            way, rate, cost, settled, len(heard.heard), health.told, health.waiting, len(inside.heard + inside.wandered)
        )


async def _measured(product: Product, mails: int) -> tuple[float, float, int]:
    began, spent = time.perf_counter(), time.process_time()
    for first in range(0, mails, BATCH):
        drafts = [product.draft(TO) for _ in range(min(BATCH, mails - first))]
        headers = {"Authorization": f"Bearer {product.key}"}
        url = f"{product.franked.url}/v1/messages/batch"
        async with product.http.post(url, json={"messages": drafts}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
    async with asyncio.timeout(60 + mails / 10):
        while (settled := await _settled(product)) < mails:
            await asyncio.sleep(0.05)
    rate = mails / (time.perf_counter() - began)
    return rate, 1000 * (time.process_time() - spent) / mails, settled


async def _settled(product: Product) -> int:
    counted = await product.franked.world.store.counters()
    return sum(n for (_, what), n in counted.items() if what.endswith(State.DELIVERED.value))


async def _second_call(product: Product) -> None:
    """Which looks its name up anew, and is led inside."""
    async with asyncio.timeout(TRIED_WITHIN):
        while INSIDE not in (await product.franked.world.store.webhooks(["shop"]))[0].why:
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.2)


async def _told_all(product: Product) -> None:
    async with asyncio.timeout(60):
        while (await product.franked.world.store.webhooks(["shop"]))[0].waiting:
            await asyncio.sleep(0.1)


# --- the ways ---------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _stage(status: int = 204, *, declares: bool = True, redirects: bool = False) -> AsyncIterator[Stage]:
    async with receiving() as receiver, receiving() as inside:
        receiver.status = status
        receiver.to = f"http://{INSIDE}:{inside.port}/latest/meta-data/" if redirects else ""
        yield Stage(declared(receiver) if declares else "", receiver, inside)


@asynccontextmanager
async def _to_the_metadata() -> AsyncIterator[Stage]:
    async with _stage(302) as stage:
        stage.receiver.to = "http://169.254.169.254/latest/meta-data/"
        yield stage


@asynccontextmanager
async def _rebinding() -> AsyncIterator[Stage]:
    async with receiving(OUTSIDE) as outside, receiving(INSIDE, outside.port) as inside:
        outside.status = 500  # so that it is called again
        section = declared(outside).replace(outside.url, f"http://{NAME}:{outside.port}/hooks")
        with _played(_Names()):
            yield Stage(section.replace("127.0.0.0/8", f"{OUTSIDE}/32"), outside, inside)


@dataclass(slots=True)
class _Names:
    """The system's resolver; of one name it says something else each second time."""

    real: Callable[..., Any] = field(default_factory=lambda: socket.getaddrinfo)
    asked: int = 0

    def __call__(self, host: Any, *more: Any, **options: Any) -> Any:
        if host != NAME:
            return self.real(host, *more, **options)
        self.asked += 1
        return self.real(OUTSIDE if self.asked % 2 else INSIDE, *more, **options)


@contextmanager
def _played(names: _Names) -> Iterator[None]:
    socket.getaddrinfo = names
    try:
        yield
    finally:
        socket.getaddrinfo = names.real


WAYS: dict[str, Callable[[], Any]] = {
    "none": lambda: _stage(declares=False),
    "listens": _stage,
    "hangs": lambda: _stage(0),
    "500": lambda: _stage(500),
    "redirects to 169.254.169.254": _to_the_metadata,
    "redirects inside": lambda: _stage(307, redirects=True),
    "rebinding": _rebinding,
}
