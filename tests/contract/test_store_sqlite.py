"""What is SQLite's own: one writer that commits in groups, one file, a full disk, the schema's version."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from threading import Event as Gate
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, event, text

from franked.backends.sealing import Seal
from franked.backends.sql import due, early, owners, release, soft, sweep
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate
from franked.backends.sql.schema import metadata
from franked.backends.sql.store import SqlStore, open_store
from franked.backends.sql.writer import ADDS_A_COMMIT, Verb, Writer
from franked.ports import Store, StoreUnavailable
from franked.rules.message import State
from franked.rules.outcome import Sent
from franked.rules.verdict import Facts, Verdict
from tests.contract.conftest import KEY, Bell, MovableClock, Post, Sqlite


class Poison(Exception):
    pass


def poisoned(facts: Facts) -> Verdict:
    raise Poison


# --- the group commit -------------------------------------------------------------------------------------------------


class Gated:
    """A writer whose first commit waits until the test lets it go; it remembers in which batches its verbs ran."""

    def __init__(self, folder: Path) -> None:
        self.engine = writing(url_of(folder / "gated.db"))
        with self.engine.begin() as conn:
            conn.execute(text("CREATE TABLE kept (word TEXT PRIMARY KEY)"))
        self.commits = 0
        event.listen(self.engine, "commit", self._committed)
        self.gate = Gate()
        self.batches: list[list[str]] = []
        self.bell = Bell()
        self.writer = Writer(self.engine, self.bell)
        self.wait = Verb(self._wait)
        self.keep = Verb(self._keep, rings=lambda word: word == "RING")
        self.bring = Verb(self._keep, brings=True)

    async def behind_the_gate(self, *asked: tuple[Verb[str, str], list[str]]) -> list[object]:
        """All come while one commit is under way."""
        first = asyncio.create_task(self.writer.submit(self.wait, ["first"]))
        await asyncio.sleep(0.02)
        others = [asyncio.create_task(self.writer.submit(verb, words)) for verb, words in asked]
        await asyncio.sleep(0.02)
        self.gate.set()
        await first
        return list(await asyncio.gather(*others, return_exceptions=True))

    def kept(self) -> set[str]:
        with self.engine.begin() as conn:
            return set(conn.execute(text("SELECT word FROM kept")).scalars())

    def _committed(self, conn: Connection) -> None:
        self.commits += 1

    def _wait(self, conn: Connection, words: Sequence[str]) -> list[str]:
        self.gate.wait(5)
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
    crowd = [(gated.bring, [f"in {n}"]) for n in range(ADDS_A_COMMIT + 10)]
    await gated.behind_the_gate(*crowd, (gated.keep, ["out"]))
    assert [len(batch) for batch in gated.batches] == [1, ADDS_A_COMMIT, 10]
    assert gated.batches[0] == ["out"]
    assert gated.commits == 3
    await gated.writer.close()


async def test_a_poisoned_element_fails_its_own_caller_only(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    answers = await gated.behind_the_gate(
        (gated.keep, ["a"]), (gated.keep, ["b", "poison", "c"]), (gated.bring, ["d"]), (gated.keep, ["a"])
    )
    first, poisoned, brought, doubled = answers
    assert (first, brought) == (["A"], ["D"])
    assert isinstance(poisoned, Poison)
    assert isinstance(doubled, StoreUnavailable)
    assert gated.kept() == {"a", "b", "c", "d"}
    await gated.writer.close()


async def test_a_caller_that_went_away_breaks_nothing(tmp_path: Path) -> None:
    gated = Gated(tmp_path)
    first = asyncio.create_task(gated.writer.submit(gated.wait, ["first"]))
    await asyncio.sleep(0.02)
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
    waiting = [asyncio.create_task(gated.writer.submit(gated.wait, ["first"]))]
    await asyncio.sleep(0.02)
    waiting += [asyncio.create_task(gated.writer.submit(gated.bring, [f"{n}"])) for n in range(ADDS_A_COMMIT * 2)]
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
    assert await post.store.count_states() == {State.QUEUED: 20}
    assert await post.counted() == {"accepted": 20}


# --- the file ---------------------------------------------------------------------------------------------------------


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


async def test_variables_are_nowhere_on_the_disk_in_clear_and_gone_when_the_message_ends(
    post: Post, backend: Sqlite
) -> None:
    taken = await post.one_taken(variables={"code": "SECRET-424242"})
    assert b"SECRET-424242" not in bytes_on_disk(backend.folder)
    with sqlite3.connect(backend.file) as plain:
        [[sealed]] = plain.execute("SELECT variables FROM messages").fetchall()
        assert b"424242" not in sealed
        await post.finish(taken, Sent("ses-1"))
        assert plain.execute("SELECT variables FROM messages").fetchall() == [(None,)]
    plain.close()


async def test_the_file_is_its_owners_only(post: Post, backend: Sqlite) -> None:
    await post.added()
    assert {path.stat().st_mode & 0o777 for path in backend.folder.glob("franked.db*")} == {0o600}


async def test_what_was_accepted_is_there_after_a_crash(post: Post, backend: Sqlite) -> None:
    ids = await post.added(*(f"p{n}@example.net" for n in range(50)))
    async with backend.open() as reopened:  # the first was never closed
        assert [story and story.state for story in await reopened.find(ids)] == [State.QUEUED] * 50


async def pragma(store: Store, words: str) -> int:
    """Asked on the writer's own connection."""
    assert isinstance(store, SqlStore)
    ask: Verb[str, int] = Verb(lambda conn, asked: [conn.exec_driver_sql(f"PRAGMA {asked[0]}").scalar_one()])
    return (await store._writer.submit(ask, [words]))[0]


async def test_a_full_disk_is_said_and_loses_nothing_that_was_accepted(post: Post, backend: Sqlite) -> None:
    accepted = await post.added(*(f"p{n}@example.net" for n in range(20)))
    pages = await pragma(post.store, "page_count")
    await pragma(post.store, f"max_page_count={pages + 8}")
    with pytest.raises(StoreUnavailable, match="full"):
        for n in range(200):
            accepted += await post.added(*(f"full{n}-{m}@example.net" for m in range(5)))
    assert None not in await post.store.find(accepted)
    assert await post.store.count_states() == {State.QUEUED: len(accepted)}
    assert await post.counted() == {"accepted": len(accepted)}
    await pragma(post.store, f"max_page_count={pages + 10_000}")
    accepted += await post.added("again@example.net")
    assert len(await post.taken(1000)) == min(len(accepted), 89)
    async with backend.open() as reopened:
        assert None not in await reopened.find(accepted)


async def test_a_file_that_can_not_be_opened_is_said(tmp_path: Path, clock: MovableClock, bell: Bell) -> None:
    (tmp_path / "franked.db").write_bytes(b"this is not a database, whatever it is called" * 100)
    with pytest.raises(StoreUnavailable, match="no database of ours"):
        async with open_store(tmp_path / "franked.db", Seal(KEY), bell, clock):
            pass


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


# --- the schema -------------------------------------------------------------------------------------------------------


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    migrate(engine)  # nothing is left to do
    with engine.begin() as conn:
        migrated = described(conn)
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()
    other = writing(url_of(tmp_path / "b.db"))
    with other.begin() as conn:
        metadata.create_all(conn)
        assert migrated == described(conn)
    other.dispose()


def described(conn: Connection) -> dict[str, str]:
    """Every table and index in SQLite's words: the partial indexes' conditions too, which alembic does not compare."""
    rows = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"))
    return {row.name: " ".join(row.sql.replace("(", " ( ").replace(")", " ) ").split()) for row in rows}


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, clock: MovableClock, bell: Bell) -> None:
    engine = writing(url_of(tmp_path / "franked.db"))
    migrate(engine)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="newer Franked"):
        async with open_store(tmp_path / "franked.db", Seal(KEY), bell, clock):
            pass


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("messages_due", due._PICK),
        ("messages_due", due._EARLIEST),
        ("messages_expiring", sweep._EXPIRED),
        ("messages_leased", sweep._LEASE_ENDED),
        ("messages_leased", sweep._WAITED),
        ("messages_held_until", sweep._HOLD_ENDED),
        ("messages_held", release._HELD),
        ("attempts_ses_id", owners._BY_SES_ID),
        ("events_pending", early._FIND),
        ("events_of_address", soft._LAST_DELIVERY),
        ("events_of_address", soft._BOUNCES),
    ],
)
def test_what_is_asked_all_the_time_is_answered_from_an_index(
    tmp_path: Path, index: str, question: Select[Any]
) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    keys = {"keys": ["a", "b"]} if "keys" in question.compile().params else {}
    asked = str(question.params(keys).compile(engine, compile_kwargs={"render_postcompile": True}))
    with engine.begin() as conn:
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all()
    engine.dispose()
    plan = [row.detail for row in rows]
    assert index in " ".join(plan)
    assert not any(step.startswith("SCAN") for step in plan)
