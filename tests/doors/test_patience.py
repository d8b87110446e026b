"""Slow clients, half requests and heavy bodies: each is let go or sent away, and nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from franked.doors.http.app import create_app
from franked.doors.http.context import Door
from franked.doors.http.weighing import MOST
from franked.doors.patience import LARGEST_HEAD, MOST_HEADERS, Patience
from franked.doors.serving import listening, serving
from tests.running import Product
from tests.siege.caller import Caller, Heard, call, draft, head, post

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = Patience(between_looks=0.05, head=6, body=6, slowest=100, rest=6, answer=6)
A_LOOK = SHORT.between_looks
WITHIN = 20.0  # seconds, for what takes half of one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(shared: Product) -> AsyncIterator[str]:
    """A second one on the same record, with little patience."""
    app = create_app(Door(shared.franked.world, shared.franked.keyring))
    async with serving(app, listening("127.0.0.1", 0), patience=SHORT) as url:
        yield url


async def answered(caller: Caller) -> Heard:
    """What it is told before it is let go."""
    async with asyncio.timeout(WITHIN):
        heard = await caller.answer()
        assert heard is not None
        await caller.let_go()
    return heard


async def let_go(caller: Caller) -> bool:
    """Without a word."""
    async with asyncio.timeout(WITHIN):
        return await caller.answer() is None


def dripping(caller: Caller, text: bytes) -> "asyncio.Task[None]":
    """A byte now and then, for as long as it is let."""

    async def drip() -> None:
        for byte in text:
            caller.say(bytes([byte]))
            await asyncio.sleep(A_LOOK)

    return asyncio.create_task(drip())


async def harmed_nobody(shared: Product, door: str) -> None:
    caller = await call(door)
    caller.say(post(draft("ana@example.net", "receipt", variables={"number": "R-1"}), shared.key))
    heard = await caller.answer()
    assert heard is not None
    assert heard.status == 202
    assert shared.logged("fault") == []


# --- a head that does not come ----------------------------------------------------------------------------------------


async def test_who_says_nothing_is_let_go_without_a_word(shared: Product, door: str) -> None:
    assert await let_go(await call(door))
    await harmed_nobody(shared, door)


@pytest.mark.parametrize("half", [b"P", b"\r\n", b"POST /v1/messages HTTP/1.1\r\nHost: loc", head("/livez")[:-2]])
async def test_half_a_head_is_a_408(shared: Product, door: str, half: bytes) -> None:
    caller = await call(door)
    caller.say(half)
    heard = await answered(caller)
    assert (heard.status, heard.told["code"]) == (408, "too_slow")
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.headers["connection"] == "close"
    await harmed_nobody(shared, door)


@pytest.mark.parametrize("text", [head("/livez") * 9, b"\r\n" * 300])
async def test_a_head_byte_by_byte_is_a_408(door: str, text: bytes) -> None:
    caller = await call(door)
    drip = dripping(caller, text)
    assert (await answered(caller)).status == 408
    drip.cancel()


async def test_a_second_request_that_stops_half_way_is_a_408_too(door: str) -> None:
    caller = await call(door)
    caller.say(head("/livez"))
    first = await caller.answer()
    assert first is not None
    assert first.status == 200
    caller.say(b"GET /livez HT")
    assert (await answered(caller)).status == 408


async def test_many_requests_on_one_connection_never_wear_patience_out(door: str) -> None:
    caller = await call(door)
    loop = asyncio.get_running_loop()
    ends = loop.time() + 4 * SHORT.head * A_LOOK
    while loop.time() < ends:
        caller.say(head("/livez")[:-2])  # there is half a head at every look
        await asyncio.sleep(A_LOOK)
        caller.say(b"\r\n")
        heard = await caller.answer()
        assert heard is not None
        assert heard.status == 200


@pytest.mark.parametrize(
    "text",
    [
        b"GET /livez HTTP/1.1\r\nX-Long: " + b"x" * 2 * LARGEST_HEAD,
        b"GET /livez HTTP/1.1\r\n" + b"X: y\r\n" * (MOST_HEADERS + 2),
        head("/livez", **{f"X_{n}": "y" for n in range(MOST_HEADERS + 1)}),
        b"GET /" + b"x" * 2 * LARGEST_HEAD,
    ],
    ids=["long", "many", "many and whole", "a long path"],
)
async def test_a_head_has_an_end(shared: Product, door: str, text: bytes) -> None:
    caller = await call(door)
    caller.say(text)
    heard = await answered(caller)
    assert (heard.status, heard.told["code"]) == (431, "headers_too_large")
    await harmed_nobody(shared, door)


async def test_headers_behind_a_body_in_pieces_have_an_end_too(shared: Product, door: str) -> None:
    caller = await call(door)
    caller.say(head("/v1/messages", shared.key, "POST", Transfer_Encoding="chunked") + b"2\r\n{}\r\n0\r\n")
    caller.say(b"X: y\r\n" * (MOST_HEADERS + 2))
    assert (await answered(caller)).status == 431
    await harmed_nobody(shared, door)


async def test_what_is_not_http_is_told_so(door: str) -> None:
    caller = await call(door)
    caller.say(b"\x16\x03\x01\x02\x00 a client that speaks TLS")
    heard = await answered(caller)
    assert (heard.status, heard.told["code"]) == (400, "invalid_request")


# --- a body that does not come ----------------------------------------------------------------------------------------


async def test_half_a_body_is_a_408_and_nothing_is_stored(shared: Product, door: str) -> None:
    caller = await call(door)
    caller.say(post(draft("bo@example.net", "receipt", variables={"number": "R-2"}), shared.key)[:-10])
    heard = await answered(caller)
    assert (heard.status, heard.told["code"]) == (408, "too_slow")
    _, listed = await shared.get("/v1/messages?to=bo@example.net")
    assert listed["messages"] == []
    await harmed_nobody(shared, door)


async def test_a_body_byte_by_byte_is_a_408(shared: Product, door: str) -> None:
    caller = await call(door)
    whole = post(draft("bo@example.net", "receipt", variables={"number": "R" * 500}), shared.key)
    caller.say(whole[:-500])
    drip = dripping(caller, whole[-500:])
    assert (await answered(caller)).status == 408
    drip.cancel()


async def test_a_slow_line_that_keeps_at_it_is_waited_for(shared: Product, door: str) -> None:
    text = "It takes its time. " * 1_000
    whole = post(draft("bo@example.net", "note", content={"subject": "Long", "text": text}), shared.key)
    piece = 10 * SHORT.slowest
    assert len(whole) > 3 * SHORT.body * piece / 10  # it takes longer than a silent client is given
    caller = await call(door)
    for start in range(0, len(whole), piece):
        caller.say(whole[start : start + piece])
        await asyncio.sleep(A_LOOK)
    heard = await caller.answer()
    assert heard is not None
    assert heard.status == 202


async def test_a_body_that_nobody_wants_is_not_listened_to_for_ever(shared: Product, door: str) -> None:
    """The answer has gone out; what still comes is passed over, for a while."""
    caller = await call(door)
    caller.say(head("/v1/messages", "fk_none", "POST", Content_Length=9_000_000))
    heard = await caller.answer()
    assert heard is not None
    assert heard.status == 401
    drip = dripping(caller, b"x" * 500)
    async with asyncio.timeout(WITHIN):
        await caller.let_go()
    drip.cancel()
    await harmed_nobody(shared, door)


# --- clients that go, or never listen ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 100, 250, -1, None], ids=["a byte", "a head", "a body", "almost", "all of it"])
async def test_who_hangs_up_half_way_harms_nobody(shared: Product, door: str, cut: int | None) -> None:
    for number in range(20):
        caller = await call(door)
        text = draft(f"gone{number}@example.net", "receipt", variables={"number": "R-3"})
        await caller.say_all(post(text, shared.key)[:cut])
        await asyncio.sleep(0.005)
        caller.hang_up()
    await harmed_nobody(shared, door)


async def test_who_never_reads_its_answers_is_let_go(shared: Product, door: str) -> None:
    caller = await call(door, hears=1)
    caller.say(head("/openapi.json") * 1_000)  # far more than the kernel takes for somebody who does not read
    async with asyncio.timeout(WITHIN):
        with pytest.raises(ConnectionError):
            while True:
                await caller.say_all(head("/openapi.json"))
                await asyncio.sleep(A_LOOK)
    await harmed_nobody(shared, door)


# --- bodies that are too much together --------------------------------------------------------------------------------


async def test_large_bodies_beyond_what_the_door_holds_come_again(shared: Product) -> None:
    url, share = shared.franked.url, 9_000_000
    heavy = head("/v1/messages", shared.key, "POST", Content_Type="application/json", Content_Length=share)
    callers = [await call(url) for _ in range(MOST // share + 3)]
    for caller in callers:
        await caller.say_all(heavy + b" " * (share - 1))  # all but the last byte
    turned = [asyncio.create_task(caller.answer()) for caller in callers]
    async with asyncio.timeout(WITHIN):
        while sum(one.done() for one in turned) < 2:
            await asyncio.sleep(0.01)
        for one in turned:
            heard = one.result() if one.done() else None
            assert heard is None or (heard.status, heard.headers["retry-after"], heard.told["code"]) == (
                429,
                "1",
                "busy",
            )
        await harmed_nobody(shared, url)  # a small one passes
        assert sum(not one.done() for one in turned) >= MOST // share - 1
        for caller in callers:
            caller.hang_up()
        again = await call(url)
        text = draft("bo@example.net", "note", content={"subject": "Long", "text": "x"}).ljust(share)
        await until_taken(again, post(text, shared.key), lambda heard: heard.status == 202)


async def until_taken(caller: Caller, text: bytes, taken: Callable[[Heard], bool]) -> None:
    """As a good client: it comes again after a 429."""
    while True:
        await caller.say_all(text)
        heard = await caller.answer()
        assert heard is not None
        if taken(heard):
            return
        assert heard.status == 429
        await asyncio.sleep(0.1)
