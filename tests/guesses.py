"""`python -m tests.guesses`: guessers, sign-ups of one mailbox, and how long an unknown address takes; one JSON list.

Over HTTP, against a whole Franked: 10,000 guesses over 50 connections at one code; 1,000 sign-ups of one mailbox in
different spellings; 1,000 known and 1,000 unknown addresses, one at a time in a drawn order.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from tests.coding import Application, coding

NO_LIMITS = '[codes]\nper_mailbox = "100000/second"\nper_ip = "100000/second"\nper_key = "1000000/second"\n\n[log]'
QUIET = ('level = "debug"', 'level = "warning"')
MAILED_A_DAY, ALLOWED = 20, 5
APART = 0.05  # of the medians


async def guessed(app: Application, guesses: int, connections: int) -> dict[str, Any]:
    """The right code comes last, over every connection: by then all that is allowed has been compared."""
    code_id = await app.issued("sign-up", "ana@example.com")
    code = int((await app.mail_of(code_id)).code)
    tried = [(code + 1 + n) % 1_000_000 for n in range(guesses)]
    Random(1).shuffle(tried)
    tried[-connections:] = [code] * connections
    turn = iter(tried)
    right = 0

    async def guesser() -> None:
        nonlocal right
        for one in turn:
            right += (await app.verify("sign-up", code_id, f"{one:06}"))["right"]

    began = perf_counter()
    await asyncio.gather(*(guesser() for _ in range(connections)))
    [standing] = await app.product.franked.world.store.codes([code_id])
    assert standing is not None
    return {
        "guesses": guesses,
        "connections": connections,
        "compared": ALLOWED - standing.guesses_left,
        "right": right,
        "guesses a second": round(guesses / (perf_counter() - began)),
    }


async def right_ones(app: Application, connections: int) -> dict[str, int]:
    """The right code over every connection at once: it is used once."""
    code_id = await app.issued("reset", "ben@example.com")
    code = (await app.mail_of(code_id)).code
    told = await asyncio.gather(*(app.verify("reset", code_id, code) for _ in range(connections)))
    return {"right guesses at once": connections, "right": sum(one["right"] for one in told)}


async def signed_up(app: Application, times: int) -> dict[str, int]:
    spelled = ["cleo.muster", "Cleo.Muster", "cleomuster", "c.l.e.o.m.u.s.t.e.r", "CLEOMUSTER"]
    tos = [f"{spelled[n % 5]}+{n}@{'gmail.com' if n % 2 else 'GoogleMail.com'}" for n in range(times)]
    turn = iter(enumerate(tos))
    accepted = 0

    async def person() -> None:
        nonlocal accepted
        for n, to in turn:
            status, _ = await app.ask("sign-up", to, f"account-{n}")
            accepted += status == 202

    await asyncio.gather(*(person() for _ in range(50)))
    await app.product.simulator.quiet()
    mailed = sum("muster" in mail.recipient.lower().replace(".", "") for mail in app.product.simulator.taken())
    return {"sign-ups of one mailbox": times, "accepted": accepted, "mailed": mailed}


async def timed(app: Application, each: int) -> dict[str, Any]:
    """Known and unknown in a drawn order, so that neither always comes after the other."""
    order = ["known", "unknown"] * each
    Random(2).shuffle(order)
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    answers: dict[str, set[tuple[int, tuple[str, ...]]]] = {"known": set(), "unknown": set()}
    for n, kind in enumerate(order):
        began = perf_counter()
        status, answer = await app.ask("reset", f"p{n}@example.org", f"account-{n}" if kind == "known" else None)
        taken[kind].append(perf_counter() - began)
        answers[kind].add((status, tuple(answer)))
    known, unknown = (median(taken[kind]) for kind in ("known", "unknown"))
    return {
        "known": each,
        "unknown": each,
        "same status and fields": answers["known"] == answers["unknown"] and len(answers["known"]) == 1,
        "medians in ms": [round(known * 1000, 2), round(unknown * 1000, 2)],
        "apart in %": round(abs(known - unknown) / known * 100, 2),
    }


async def proven(guesses: int, connections: int, each: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        async with coding(Path(folder) / "limited", QUIET) as app:
            told = [await guessed(app, guesses, connections), await right_ones(app, connections)]
            told.append(await signed_up(app, 1000))
        async with coding(Path(folder) / "timed", QUIET, ("[log]", NO_LIMITS)) as app:
            told.append(await timed(app, each))
    return told


def holds(told: list[dict[str, Any]]) -> bool:
    at_one, at_once, signed, compared = told
    return (
        (at_one["compared"], at_one["right"]) == (ALLOWED, 0)
        and at_once["right"] == 1
        and signed["accepted"] == signed["mailed"] == MAILED_A_DAY
        and compared["same status and fields"]
        and compared["apart in %"] <= APART * 100
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.guesses", description="What guessers and strangers learn.")
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--addresses", type=int, default=1000, help="known ones, and as many unknown")
    asked = parser.parse_args()
    told = asyncio.run(proven(asked.guesses, asked.connections, asked.addresses))
    print(json.dumps(told))
    return 0 if holds(told) else 1


if __name__ == "__main__":
    sys.exit(main())
