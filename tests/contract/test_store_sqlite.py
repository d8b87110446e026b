"""What is SQLite's own: one file with what is secret in it, a full disk, the schema's version and its indexes."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, text

from franked.backends.sealing import Seal
from franked.backends.sql import (
    attempts,
    dockets,
    due,
    early,
    owners,
    release,
    settle,
    settlements,
    soft,
    suppressions,
    sweep,
    take,
)
from franked.backends.sql.commits import Verb
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate
from franked.backends.sql.opening import open_store
from franked.backends.sql.schema import messages
from franked.backends.sql.store import SqlStore
from franked.rules.message import State
from franked.rules.outcome import Sent
from franked.store import Store, StoreUnavailable
from tests.contract.conftest import KEY, Bell, MovableClock, Post, Sqlite
from tests.states import states_in

BACKENDS = ("sqlite",)

# --- the file ---------------------------------------------------------------------------------------------------------


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


async def test_variables_are_nowhere_on_the_disk_in_clear_and_gone_when_the_message_ends(
    post: Post, backend: Sqlite
) -> None:
    taken = await post.one_taken(variables={"code": "SECRET-424242"})
    assert b"SECRET-424242" not in bytes_on_disk(backend.folder)
    with sqlite3.connect(backend.file) as plain:
        [[sealed]] = plain.execute("SELECT contents FROM messages").fetchall()
        assert b"424242" not in sealed
        await post.finish(taken, Sent("ses-1"))
        assert plain.execute("SELECT contents FROM messages").fetchall() == [(None,)]
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
    assert await states_in(post.store) == {State.QUEUED: len(accepted)}
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


async def test_a_place_where_no_file_can_be_is_said(tmp_path: Path, clock: MovableClock, bell: Bell) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "franked.db"):
        with pytest.raises(StoreUnavailable, match="can't be opened"):
            async with open_store(place, Seal(KEY), bell, clock):
                pass


# --- the schema -------------------------------------------------------------------------------------------------------


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    migrate(engine)  # nothing is left to do
    with engine.begin() as conn:
        migrated = described(conn)
        assert compare_metadata(MigrationContext.configure(conn), messages.metadata) == []
    engine.dispose()
    other = writing(url_of(tmp_path / "b.db"))
    with other.begin() as conn:
        messages.metadata.create_all(conn)
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
        ("SEARCH messages", dockets._FIND),
        ("SEARCH messages", take._CONTENTS),
        ("SEARCH attempts USING PRIMARY KEY", attempts._FIND),
        ("SEARCH settlements USING PRIMARY KEY", settlements._FIND),
        ("SEARCH suppressions USING PRIMARY KEY", suppressions._STANDING),
        ("SEARCH events", settle._SEEN),
    ],
)
def test_what_is_asked_all_the_time_is_answered_from_an_index(
    tmp_path: Path, index: str, question: Select[Any]
) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    named = question.compile().params
    given = {name: ["a", "b"] if name == "keys" else value or 1 for name, value in named.items()}
    asked = str(question.params(given).compile(engine, compile_kwargs={"render_postcompile": True}))
    with engine.begin() as conn:
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all()
    engine.dispose()
    plan = [row.detail for row in rows]
    assert index in " ".join(plan)
    assert not any(step.startswith("SCAN") and "json_each" not in step for step in plan)
