"""The log of consents, handed out as evidence."""

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.suppressions import READABLE, as_listed
from franked.rules.consent import ConsentLine
from franked.store import Store

AT_ONCE = 1000
JSON_LINES = "application/jsonl"

Whose = Annotated[
    str | None, QueryParameter(name="address", max_length=1000, pattern=READABLE, description="only this address's")
]


@get("/v1/consents/export", media_type=JSON_LINES, summary="The log of consents, as JSON Lines", tags=["consent"])
async def get_consents(request: AnyRequest, address: Whose = None) -> Stream:
    """Who agreed to what and who left it, in the order it happened: when, on which page or by which key, from where,
    and by which words."""
    pages = _pages(door_of(request).world.store, None if address is None else as_listed(address))
    first = await anext(pages)  # a record that can't be read is a problem, not half a file

    async def lines() -> AsyncIterator[bytes]:
        yield first
        async for page in pages:
            yield page

    named = {"Content-Disposition": 'attachment; filename="consents.jsonl"'}
    return Stream(lines(), media_type=JSON_LINES, headers=named)


async def _pages(store: Store, address_key: str | None) -> AsyncIterator[bytes]:
    after = 0
    while True:
        page = await store.list_consents(after, AT_ONCE, address_key)
        yield b"".join(map(line_of, page))
        if len(page) < AT_ONCE:
            return
        after = page[-1].line


def line_of(one: ConsentLine) -> bytes:
    said, how = one.statement, one.statement.evidence
    told = {
        "at": said.at,
        "what": said.step.value,
        "address": said.address.spelled,
        "topic": said.topic,
        "by": how.by,
        "source": how.source,
        "ip": how.ip,
        "user_agent": how.user_agent,
        "wording": how.wording,
        "wording_version": how.wording_version,
        "locale": said.locale,
    }
    return msgspec.json.encode(told) + b"\n"
