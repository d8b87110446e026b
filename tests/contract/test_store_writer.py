"""The one writer: what comes during one commit goes together into the next, and nobody spoils it for another."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Sequence
from pathlib import Path
from threading import Event as Gate
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from franked.backends.sql.commits import Verb
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.lines import ADDS_A_COMMIT, Place
from franked.backends.sql.writer import Writer
from franked.record import Busy
from franked.rules.intake import MOST
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.verdict import Facts, Verdict
from franked.store import StoreUnavailable
from tests.contract.conftest import Bell, Post
from tests.states import states_in


class Poison(Exception):
    pass


def poisoned(facts: Facts) -> Verdict:
    raise Poison


def _place(word: str) -> Place:
    lane, _, size = word.split()
    return Place(Lane(lane), int(size))


class Gated:
    """A writer whose first commit waits until the test lets it go; it remembers in which batches its verbs ran."""

    def __init__(self, folder: Path) -> None:
        self.engine = writing(url_of(folder / "gated.db"))
        with self.engine.begin() as conn:
            conn.execute(text("CREATE TABLE kept (word TEXT PRIMARY KEY)"))
        self.commits = 0
        event.listen(self.engine, "commit", self._committed)
        self.gate, self.under_way = Gate(), Gate()
        self.batches: list[list[str]] = []
        self.bell = Bell()
        self.writer = Writer(self.engine, self.bell)
        self.wait = Verb(self._wait)
        self.keep = Verb(self._keep, rings=lambda word: word == "RING")

    async def behind_the_gate(self, *asked: tuple[Verb[str, str], list[str]]) -> list[object]:
        """All come while one commit is under way."""
        return await self.meanwhile(*(self.writer.submit(verb, words) for verb, words in asked))

    async def meanwhile(self, *asked: Coroutine[object, object, list[str] | list[str | Busy]]) -> list[object]:
        first = asyncio.create_task(self.writer.submit(self.wait, ["first"]))
        await self.has_begun()
        others = [asyncio.create_task(one) for one in asked]
        await asyncio.sleep(0.02)
        self.gate.set()
        await first
        return list(await asyncio.gather(*others, return_exceptions=True))

    async def has_begun(self) -> None:
        """Its first commit."""
        assert await asyncio.to_thread(self.under_way.wait, 10)

    async def bring(self, *words: str) -> list[str | Busy]:
        """A word says how it comes: its lane, a number, and how many bytes it weighs (`bulk 7 200`)."""
        return await self.writer.bring(self.keep, words, _place)

    def kept(self) -> set[str]:
        with self.engine.begin() as conn:
            return set(conn.execute(text("SELECT word FROM kept")).scalars())

    def _committed(self, conn: Connection) -> None:
        self.commits += 1

    def _wait(self, conn: Connection, words: Sequence[str]) -> list[str]:
        self.under_way.set()
        self.gate.wait(20)
        return list(words)

    def _keep(self, conn: Connection, words: Sequence[str]) -> list[str]:
        self.batches.append(list(words))
        for word in words:
            conn.execute(text("INSERT INTO kept VALUES (:word)"), {"word": word})
            if word.startswith("poison"):
                raise Poison(word)
        return [word.upper() for word in words]


async def test_what_comes_during_a_commit_goes_into_the_next_one_together(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    answers = await gated.behind_the_gate((gated.keep, ["a", "b"]), (gated.keep, ["c"]), (gated.keep, ["d", "ring"]))
    assert answers == [["A", "B"], ["C"], ["D", "RING"]]
    assert gated.batches == [["a", "b", "c", "d", "ring"]]
    assert gated.commits == 2
    assert gated.bell.rings == 1
    await gated.writer.close()


async def test_the_drain_goes_first_and_what_comes_in_is_bounded(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    crowd = [gated.bring(f"normal {n} 1") for n in range(ADDS_A_COMMIT + 10)]
    await gated.meanwhile(*crowd, gated.bring("urgent 0 1"), gated.writer.submit(gated.keep, ["out"]))
    assert [len(batch) for batch in gated.batches] == [2 + ADDS_A_COMMIT, 10]
    assert gated.batches[0][:3] == ["out", "urgent 0 1", "normal 0 1"]
    assert gated.commits == 3
    await gated.writer.close()


async def test_a_line_has_an_end_and_urgent_mail_its_own(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    depth = MOST[Lane.NORMAL].drafts
    flood = [gated.bring(*(f"normal {batch}.{n} 1" for n in range(1000))) for batch in range(depth // 1000)]
    late, code, bulk, drained, *_ = (
        await gated.meanwhile(
            *flood,
            gated.bring("normal late 1"),
            gated.bring("urgent code 1"),
            gated.bring("bulk letter 1"),
            gated.writer.submit(gated.keep, ["out"]),
        )
    )[depth // 1000 :]
    assert late == [Busy()]
    assert (code, bulk, drained) == (["URGENT CODE 1"], ["BULK LETTER 1"], ["OUT"])
    assert len(gated.kept()) == depth + 3
    assert await gated.bring("normal late 1") == ["NORMAL LATE 1"]  # and there is room again
    await gated.writer.close()


async def test_a_line_has_an_end_in_bytes_too(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    most = MOST[Lane.NORMAL].size
    almost, last, late = await gated.meanwhile(
        gated.bring(f"normal almost {most - 1}"), gated.bring(f"normal last {most}"), gated.bring("normal late 1")
    )
    assert (almost, last, late) == ([f"NORMAL ALMOST {most - 1}"], [f"NORMAL LAST {most}"], [Busy()])
    await gated.writer.close()


async def test_of_a_batch_those_that_find_room_come_in(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    size = MOST[Lane.BULK].size // 2
    mixed = [f"bulk a {size}", "urgent b 1", f"bulk c {size}", f"bulk d {size}", "normal e 1"]
    [answers] = await gated.meanwhile(gated.bring(*mixed))
    assert answers == [f"BULK A {size}", "URGENT B 1", f"BULK C {size}", Busy(), "NORMAL E 1"]
    await gated.writer.close()


async def test_whoever_goes_away_keeps_his_place_until_it_is_stored(tmp_path: Path) -> None:
    """A flood whose clients hang up is a flood all the same."""
    gated = Gated(tmp_path)
    first = asyncio.create_task(gated.writer.submit(gated.wait, ["first"]))
    await gated.has_begun()
    gone = asyncio.create_task(gated.bring(f"normal gone {MOST[Lane.NORMAL].size}"))
    await asyncio.sleep(0.02)
    gone.cancel()
    assert await gated.bring("normal late 1") == [Busy()]
    gated.gate.set()
    await first
    assert await gated.writer.submit(gated.keep, ["after"]) == ["AFTER"]
    assert await gated.bring("normal late 1") == ["NORMAL LATE 1"]
    await gated.writer.close()


async def test_a_poisoned_element_fails_its_own_caller_only(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    submit = gated.writer.submit
    first, poisoned, brought, doubled = await gated.meanwhile(
        submit(gated.keep, ["a"]),
        submit(gated.keep, ["b", "poison", "c"]),
        gated.bring("normal d 1"),
        submit(gated.keep, ["a"]),
    )
    assert (first, brought) == (["A"], ["NORMAL D 1"])
    assert isinstance(poisoned, Poison)
    assert isinstance(doubled, StoreUnavailable)
    assert gated.kept() == {"a", "b", "c", "normal d 1"}
    await gated.writer.close()


async def test_a_caller_that_went_away_breaks_nothing(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    first = asyncio.create_task(gated.writer.submit(gated.wait, ["first"]))
    await gated.has_begun()
    gone = [asyncio.create_task(gated.writer.submit(gated.keep, [word])) for word in ("gone", "poison")]
    stays = asyncio.create_task(gated.writer.submit(gated.keep, ["stays"]))
    await asyncio.sleep(0.02)
    for task in gone:
        task.cancel()
    gated.gate.set()
    assert await stays == ["STAYS"]
    await first
    assert await gated.writer.submit(gated.keep, ["after"]) == ["AFTER"]
    assert gated.kept() == {"gone", "stays", "after"}
    await gated.writer.close()


async def test_closing_writes_what_waits_and_takes_no_more(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(gated.writer.submit(gated.wait, ["first"]))]
    await gated.has_begun()
    waiting += [asyncio.create_task(gated.bring(f"normal {n} 1")) for n in range(ADDS_A_COMMIT * 2)]
    await asyncio.sleep(0.02)
    closing = asyncio.create_task(gated.writer.close())
    await asyncio.sleep(0.02)
    gated.gate.set()
    await asyncio.gather(closing, *waiting)
    assert len(gated.kept()) == ADDS_A_COMMIT * 2
    with pytest.raises(StoreUnavailable, match="closed"):
        await gated.writer.submit(gated.keep, ["late"])


async def test_a_draft_that_can_not_be_judged_spoils_no_other(post: Post) -> None:
    good = [asyncio.create_task(post.added(f"p{n}@example.net")) for n in range(20)]
    bad = asyncio.create_task(post.added(judge=poisoned))
    also_bad = asyncio.create_task(post.added(variables={"no": object()}))
    answers = await asyncio.gather(*good, bad, also_bad, return_exceptions=True)
    assert [type(answer) for answer in answers] == [list] * 20 + [Poison, TypeError]
    assert await states_in(post.store) == {State.QUEUED: 20}
    assert await post.counted() == {"accepted": 20}


async def test_a_locked_file_is_said_and_not_waited_for_by_each(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    gated.gate.set()
    with gated.engine.connect() as conn:
        raw = conn.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA busy_timeout=50")
        conn.rollback()
    other = sqlite3.connect(tmp_path / "gated.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await gated.writer.submit(gated.keep, ["a"])
    other.execute("ROLLBACK")
    other.close()
    assert await gated.writer.submit(gated.keep, ["a"]) == ["A"]
    await gated.writer.close()
