"""What a part of the store stands on: who writes, who reads, and the verbs."""

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.lines import Place
from franked.backends.sql.verbs import verbs_of
from franked.record import Busy

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")


class Writes(Protocol):
    """Where verbs that write go: see writer.Writer for the promises."""

    async def submit(self, verb: Verb[E, R], elements: Sequence[E]) -> list[R]: ...

    async def bring(self, verb: Verb[E, R], elements: Sequence[E], place: Callable[[E], Place]) -> list[R | Busy]: ...

    async def close(self) -> None: ...


class Reads(Protocol):
    async def ask(self, question: Callable[[Connection], R]) -> R:
        """In a transaction of its own, beside those that write. Raises StoreUnavailable."""
        ...

    async def close(self) -> None: ...


class Shelf:
    """A part of the Store port."""

    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        self._writer = writer
        self._reader = reader
        self._desk = desk
        self._verbs = verbs_of(desk)

    async def _read(self, question: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._reader.ask(lambda conn: question(conn, *args, **kwargs))
