"""Suppressions in bulk: brought in from elsewhere with their source, handed out as evidence."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from litestar import get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.suppression_shapes import NewImport, Result, ToldImport, ToldImported
from franked.enquiry import Grounds, Suppressed, SuppressionLine
from franked.formats.sheet import row
from franked.ports import World
from franked.rules.address import Address, NotAnAddress, parse
from franked.rules.suppression import Suppression, Why
from franked.store import Store

IMPORTED_AT_ONCE = 200  # mail goes first: other requests and other commits come between
EXPORTED_AT_ONCE = 1000
CSV = "text/csv; header=present"  # Litestar adds the charset


class Sheet(StrEnum):
    STANDING = "standing"
    HISTORY = "history"


_STANDING = ("address", "type", "scope", "since", "until", "source")
_HISTORY = ("at", "what", "address", "type", "scope", "until", "why", "by", "source")

Of = Annotated[
    Sheet, QueryParameter(name="of", description="standing: what is in force; history: all that was added and lifted")
]


@post(
    "/v1/suppressions/import",
    status_code=200,
    before_request=readable_text,
    summary="Bring in addresses that must not be mailed",
    tags=["suppressions"],
)
async def post_import(request: AnyRequest, data: JSONBody[NewImport]) -> ToldImport:
    """Each is answered: added, already on the list, or invalid. Safe to repeat: what is there stays as it is."""
    who = key_of(request).caller.name
    world = door_of(request).world
    results: list[ToldImported] = []
    for start in range(0, len(data.addresses), IMPORTED_AT_ONCE):
        some = data.addresses[start : start + IMPORTED_AT_ONCE]
        results += await _imported(some, f"import by {who}: {data.source}", who, world)
    counted = Counter(one.result for one in results)
    figures = {result.value: counted[result] for result in Result}
    world.log("imported_suppressions", by=who, **figures)
    return ToldImport(**figures, results=results)


async def _imported(texts: Sequence[str], source: str, who: str, world: World) -> list[ToldImported]:
    read = [parse(text) for text in texts]
    now = world.now()
    new = [Suppression(one.key, Why.MANUAL, now, source=source) for one in read if isinstance(one, Address)]
    recorded = iter(await world.store.suppress(new, Grounds(who, imported=True)))
    return [
        ToldImported(text, Result.INVALID, one.why)
        if isinstance(one, NotAnAddress)
        else ToldImported(text, Result.ADDED if next(recorded) else Result.ALREADY, None)
        for text, one in zip(texts, read, strict=True)
    ]


@get("/v1/suppressions/export", media_type=CSV, summary="The list, or its history, as CSV", tags=["suppressions"])
async def get_export(request: AnyRequest, of: Of = Sheet.STANDING) -> Stream:
    """Evidence: each address with type and time. A cell that a spreadsheet would take for a formula begins with `'`."""
    store = door_of(request).world.store
    pages = _standing(store) if of is Sheet.STANDING else _history(store)
    first = await anext(pages)  # a record that can't be read is a problem, not half a file

    async def lines() -> AsyncIterator[str]:
        yield first
        async for page in pages:
            yield page

    named = {"Content-Disposition": f'attachment; filename="suppressions-{of.value}.csv"'}
    return Stream(lines(), media_type=CSV, headers=named)


async def _standing(store: Store) -> AsyncIterator[str]:
    head, after = row(_STANDING), ("", "")
    while True:
        page = await store.list_suppressions(Suppressed(after, EXPORTED_AT_ONCE))
        yield head + "".join(map(_of_standing, page))
        if len(page) < EXPORTED_AT_ONCE:
            return
        head, after = "", (page[-1].address_key, page[-1].scope)


def _of_standing(one: Suppression) -> str:
    return row([one.address_key, one.why.value, one.scope, _time(one.at), _time(one.until), one.source])


async def _history(store: Store) -> AsyncIterator[str]:
    head, after = row(_HISTORY), 0
    while True:
        page = await store.list_history(after, EXPORTED_AT_ONCE)
        yield head + "".join(map(_of_history, page))
        if len(page) < EXPORTED_AT_ONCE:
            return
        head, after = "", page[-1].line


def _of_history(one: SuppressionLine) -> str:
    what = [one.address_key, one.type.value, one.scope, _time(one.until)]
    return row([_time(one.at), one.what, *what, one.why, one.by, one.source])


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
