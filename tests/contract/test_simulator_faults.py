"""Each planned fault as a client of SES meets it, and whether the account has taken the mail all the same."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from franked.backends.local import EventFault, Fault, SendFault, When
from franked.testing import Account
from tests.contract.test_simulator import TOO_FAST, TOO_MANY, Played, playing, simple, told

HEADERS = {"Authorization": "simulator"}


async def raw(
    played: Played, seconds: float = 2, headers: Mapping[str, str] = HEADERS
) -> tuple[int, str | None, bytes]:
    """Status, error type and body, of a client that is no SDK."""
    url = f"{played.simulator.url}/v2/email/outbound-emails"
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.post(url, json=simple(), headers=headers) as answer:
        return answer.status, answer.headers.get("x-amzn-ErrorType"), await answer.read()


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (SendFault.RATE, TOO_FAST),
        (SendFault.QUOTA, TOO_MANY),
        (SendFault.ERROR_500, ("InternalFailure", 500, "An internal failure happened.")),
        (SendFault.ERROR_503, ("ServiceUnavailable", 503, "Service is unavailable.")),
        (
            SendFault.SKEWED,
            (
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            ),
        ),
        (
            SendFault.EXPIRED,
            ("ExpiredTokenException", 403, "The security token included in the request is expired"),
        ),
    ],
)
async def test_a_fault_with_an_envelope(tmp_path: Path, what: SendFault, answer: tuple[str, int, str]) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(what, times=2))
        assert await played.refused() == answer
        assert await played.refused() == answer
        assert played.simulator.taken() == []
        await played.send()


@pytest.mark.parametrize("what", [SendFault.RATE, SendFault.QUOTA, SendFault.SKEWED, SendFault.EXPIRED])
async def test_what_is_refused_at_the_gate_was_never_taken(tmp_path: Path, what: SendFault) -> None:
    async with playing(tmp_path) as played:
        played.simulator.plan(Fault(what, when=When.AFTER))
        await played.refused()
        assert played.simulator.taken() == []


async def test_expired_credentials_are_refused_until_others_come(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=50) as played:
        played.simulator.plan(Fault(SendFault.EXPIRED, times=100))
        old, new = (
            {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260304/eu-central-1/ses/aws4_request"}
            for key in ("AKIAOLD", "AKIANEW")
        )
        assert [(await raw(played, headers=one))[0] for one in (old, old, new, old)] == [403, 403, 200, 200]
        assert played.simulator.office.faults.planned() == []


# --- by chance


async def met(played: Played, calls: int) -> str:
    statuses = [(await raw(played))[0] for _ in range(calls)]
    return "".join("." if status == 200 else "x" for status in statuses)


async def test_the_same_seed_throws_the_same_dice(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=10_000) as played:
        courses = []
        for seed in (1, 1, 2):
            played.simulator.plan(Fault(SendFault.ERROR_503, times=200, chance=0.05, seed=seed))
            courses.append(await met(played, 200))
        assert courses[0] == courses[1] != courses[2]
        assert 2 <= courses[0].count("x") <= 20
        assert played.simulator.office.faults.planned() == []


async def test_the_shipped_fixture_plans_the_same_faults(tmp_path: Path) -> None:
    async with playing(tmp_path) as played:
        shipped = Account(played.simulator.url)
        await asyncio.to_thread(shipped.fault, "503", times=9, when="after", seconds=2, chance=0.5, seed=7)
        await asyncio.to_thread(shipped.fault, "lost")
        assert played.simulator.office.faults.planned() == [
            Fault(SendFault.ERROR_503, 9, When.AFTER, 2, 0.5, 7),
            Fault(EventFault.LOST),
        ]
        with pytest.raises(ValueError, match=r"expired.*early"):
            await asyncio.to_thread(shipped.fault, "gremlins")


async def test_whoever_is_spared_by_one_fault_meets_the_next(tmp_path: Path) -> None:
    async with playing(tmp_path, rate=10_000) as played:
        played.simulator.plan(Fault(SendFault.ERROR_503, times=1000, chance=0.5, seed=3))
        played.simulator.plan(Fault(SendFault.BAD_502, times=1000, chance=0.5, seed=4))
        answers = [(await raw(played))[0] for _ in range(40)]
        assert set(answers) == {200, 502, 503}
        played.simulator.clear_faults()
        assert await met(played, 10) == "." * 10


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
