"""What the canary costs each batch of mail: one row, and nothing where it is switched off."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.contract.conftest import Post, Sqlite
from tests.contract.test_store_canary import asking, passed, states
from tests.contract.test_store_plans import walks

__all__ = ["asking"]
BACKENDS = ("sqlite",)


@pytest.fixture
def asked() -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def keep(_conn: object, _cursor: object, statement: str, values: Any, _context: object, many: bool) -> None:
        statements.append((statement, values[0] if many else values))

    event.listen(Engine, "before_cursor_execute", keep)
    yield statements
    event.remove(Engine, "before_cursor_execute", keep)


def looks(asked: list[tuple[str, Any]]) -> list[str]:
    """The statements that ask for the canary, or for who was mailed before."""
    return [one for one, _ in asked if "FROM canary" in one or "FROM origins" in one]


async def test_a_batch_asks_once_and_reads_one_row(asking: Post, asked: list[tuple[str, Any]]) -> None:
    await passed(asking)
    asked.clear()
    await states(asking, *(f"p{number}@example.net" for number in range(50)))
    assert looks(asked) == ["SELECT canary.proven_until \nFROM canary"]


async def test_switched_off_it_asks_nothing(post: Post, asked: list[tuple[str, Any]]) -> None:
    asked.clear()
    await states(post, "ana@example.net")
    assert looks(asked) == []


async def test_who_was_mailed_before_is_found_by_the_index(
    backend: Sqlite, asking: Post, asked: list[tuple[str, Any]]
) -> None:
    asked.clear()
    await states(asking, "ana@example.net")
    [(statement, values)] = [one for one in asked if "FROM origins" in one[0]]
    with closing(sqlite3.connect(backend.file)) as db:
        plan = [line[3] for line in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert not any(map(walks, plan)) and any("messages_of_address" in step for step in plan)
