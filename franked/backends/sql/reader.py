"""Questions to an SQLite file: in a small pool of threads, beside the one writer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from franked.backends.sql.engine import READERS
from franked.backends.sql.faults import translated

R = TypeVar("R")


class Reader:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(READERS, "franked-reader")

    async def ask(self, question: Callable[[Connection], R]) -> R:
        def asked() -> R:
            try:
                with self._engine.begin() as conn:
                    return question(conn)
            except Exception as error:
                raise translated(error) from error

        return await asyncio.get_running_loop().run_in_executor(self._pool, asked)

    async def close(self) -> None:
        await asyncio.to_thread(self._pool.shutdown)
