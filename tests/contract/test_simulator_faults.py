"""Each planned fault as a client of SES meets it, and whether the account has taken the mail all the same."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from franked.backends.local import Fault, SendFault, When
from tests.contract.test_simulator import TOO_FAST, TOO_MANY, Played, playing, simple, told

HEADERS = {"Authorization": "simulator"}


async def raw(played: Played, seconds: float = 2) -> tuple[int, str | None, bytes]:
    """Status, error type and body, of a client that is no SDK."""
    url = f"{played.simulator.url}/v2/email/outbound-emails"
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.post(url, json=simple(), headers=HEADERS) as answer:
        return answer.status, answer.headers.get("x-amzn-ErrorType"), await answer.read()


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (SendFault.RATE, TOO_FAST),
        (SendFault.QUOTA, TOO_MANY),
        (SendFault.ERROR_500, ("InternalFailure", 500, "An internal failure happened.")),
        (SendFault.ERROR_503, ("ServiceUnavailable", 503, "Service is unavailable.")),
    ],
)
async def test_a_fault_with_an_envelope(tmp_path: Path, what: SendFault, answer: tuple[str, int, str]) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(what, times=2))
        assert await played.refused() == answer
        assert await played.refused() == answer
        assert played.simulator.taken() == []
        await played.send()


@pytest.mark.parametrize("what", [SendFault.BAD_502, SendFault.BAD_504])
@pytest.mark.parametrize("when", When)
async def test_a_proxys_page_says_nothing_of_what_ses_did(tmp_path: Path, what: SendFault, when: When) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(what, when=when))
        status, kind, page = await raw(played)
        assert (status, kind) == (int(what), None)
        assert page.startswith(b"<html>")
        assert len(played.simulator.taken()) == (when is When.AFTER)


async def test_an_sdk_sees_a_proxys_page_as_a_bare_status(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.BAD_502))
        with pytest.raises(ClientError) as raised:
            await played.send()
        assert told(raised.value)[1] == 502


@pytest.mark.parametrize("when", When)
async def test_a_connection_that_is_reset(tmp_path: Path, when: When) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.RESET, when=when, times=2))
        with pytest.raises(aiohttp.ClientConnectionError):
            await raw(played)
        with pytest.raises(ConnectionClosedError):
            await played.send()
        assert len(played.simulator.taken()) == (1 if when is When.AFTER else 0)


@pytest.mark.parametrize("when", When)
async def test_an_answer_that_never_comes(tmp_path: Path, when: When) -> None:
    async with playing(tmp_path, rate=10) as played:
        played.simulator.plan(Fault(SendFault.HANG, when=when))
        with pytest.raises(TimeoutError):
            await raw(played, seconds=0.1)
        assert len(played.simulator.taken()) == (when is When.AFTER)
        started = time.monotonic()
    assert time.monotonic() - started < 1.5  # and the simulator still ends


async def test_an_answer_that_hangs_for_a_while_ends_in_a_reset(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.HANG, seconds=0.05))
        with pytest.raises(aiohttp.ClientConnectionError):
            await raw(played)


@pytest.mark.parametrize("when", When)
async def test_half_an_answer(tmp_path: Path, when: When) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.HALF, when=when))
        with pytest.raises(aiohttp.ClientPayloadError):
            await raw(played)
        assert len(played.simulator.taken()) == (when is When.AFTER)


async def test_a_slow_answer_is_the_true_one(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.SLOW, seconds=0.1))
        started = time.monotonic()
        assert (await raw(played))[0] == 200
        assert time.monotonic() - started >= 0.1


async def test_a_server_error_after_the_mail_was_taken(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(SendFault.ERROR_500, when=When.AFTER))
        assert (await played.refused())[:2] == ("InternalFailure", 500)
        assert len(played.simulator.taken()) == 1


async def test_faults_happen_in_the_order_planned_and_are_planned_from_elsewhere(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        faults = f"{played.simulator.url}/_simulator/faults"
        await http.post(faults, json={"what": "rate", "times": 2})
        await http.post(faults, json={"what": "504", "when": "after"})
        await http.post(faults, json={"what": "doubled"})
        assert await played.refused() == TOO_FAST
        async with http.get(f"{played.simulator.url}/_simulator/state") as answer:
            planned = [(one["what"], one["times"], one["when"]) for one in (await answer.json())["faults"]]
        assert planned == [("rate", 1, "before"), ("504", 1, "after"), ("doubled", 1, "before")]
        assert await played.refused() == TOO_FAST
        assert (await raw(played))[0] == 504
        await http.post(faults, json={"what": "reset", "times": 9})
        await http.delete(faults)
        played.clock.move(seconds=1)
        await played.send()


async def test_a_send_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=10) as played:
        played.simulator.plan(Fault(SendFault.HANG))
        waiting = asyncio.create_task(raw(played, seconds=0.3))
        await asyncio.sleep(0.05)
        assert (await raw(played))[0] == 200
        with pytest.raises(TimeoutError):
            await waiting
