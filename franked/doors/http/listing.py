"""Which messages there are: newest first, by stream, state, reason, address and time."""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from franked.doors.http.context import AnyRequest, Door, door_of, key_of
from franked.doors.http.many import ToldItem, ToldItems
from franked.doors.http.problems import no
from franked.doors.http.shapes import Aware
from franked.enquiry import Enquiry, Item
from franked.rules.address import LONGEST, NotAnAddress, parse
from franked.rules.message import State
from franked.rules.remedy import hint

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_ID = re.compile(r"m_[0-9a-hjkmnp-tv-z]{26}")
_A_WORD = {"pattern": f"^{_WORD.pattern}$"}  # for the document: what is none is an `invalid_query`
_A_TIME = {"format": "date-time"}
_AN_ID = {"pattern": f"^({_ID.pattern})?$"}
_KNOWN = ("stream", "state", "reason", "to", "since", "until", "after", "limit")

_OF = "a stream's name, declared or no longer"
_WHY = "the reason's word, such as `suppressed`"
_STATES = {"enum": list(State)}
_ADDRESS = {"maxLength": LONGEST}

Stream = Annotated[str | None, QueryParameter(name="stream", description=_OF, schema_extra=_A_WORD)]
InState = Annotated[str | None, QueryParameter(name="state", description="as it is now", schema_extra=_STATES)]
Reason = Annotated[str | None, QueryParameter(name="reason", description=_WHY, schema_extra=_A_WORD)]
To = Annotated[str | None, QueryParameter(name="to", description="one address", schema_extra=_ADDRESS)]
Since = Annotated[str | None, QueryParameter(name="since", description="accepted then or later", schema_extra=_A_TIME)]
Until = Annotated[str | None, QueryParameter(name="until", description="accepted before", schema_extra=_A_TIME)]
After = Annotated[str | None, QueryParameter(name="after", schema_extra=_AN_ID)]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]


@get("/v1/messages", summary="The messages, newest first", tags=["messages"])
async def get_messages(
    request: AnyRequest,
    stream: Stream = None,
    in_state: InState = None,  # `state` is Litestar's own word
    reason: Reason = None,
    to: To = None,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = 50,
) -> ToldItems:
    """A key sees the messages it brought, the administrator's key all. Follow `next` until it is null: a page that
    looked at many messages and found few that fit is short."""
    key = key_of(request)
    _only_known(request)
    door = door_of(request)
    which = Enquiry(
        below=cursor(after),
        most=limit,
        key_id=None if key.admin else key.caller.key_id,
        address_key=None if to is None else _address_key(to),
        stream=_word("stream", stream),
        state=_state(in_state),
        reason=_word("reason", reason),
        since=_time("since", since),
        until=_time("until", until),
    )
    page = await door.world.store.enquire(which)
    return ToldItems([_told(item, door) for item in page.items], page.next)


def _told(item: Item, door: Door) -> ToldItem:
    return ToldItem(
        id=item.id,
        stream=item.stream,
        to=item.to.spelled,
        state=item.state.value,
        reason=item.reason,
        hint=hint(item.state, item.reason, item.to.spelled, item.id),
        accepted_at=item.accepted_at,
        links=door.links_to(item.id),
    )


def _only_known(request: AnyRequest) -> None:
    """A filter with a slip in its name would show everything."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in _KNOWN:
            raise no(name, f"there is no such parameter; there are: {', '.join(_KNOWN)}")
        if given.count(name) > 1:
            raise no(name, "it is given more than once")


def cursor(after: str | None) -> str:
    if after and not _ID.fullmatch(after):
        raise no("after", "it is no `next` of a page before")
    return after or ""


def _address_key(to: str) -> str:
    address = parse(to)
    if isinstance(address, NotAnAddress):
        raise no("to", address.why)
    return address.key


def _word(name: str, given: str | None) -> str | None:
    if given is not None and not _WORD.fullmatch(given):
        raise no(name, "it is no name")
    return given


def _state(given: str | None) -> State | None:
    if given is not None and given not in list(State):
        raise no("state", f"the states are: {', '.join(State)}")
    return None if given is None else State(given)


def _time(name: str, given: str | None) -> datetime | None:
    try:
        return None if given is None else msgspec.convert(given, Aware)
    except msgspec.ValidationError as error:
        raise no(name, "it is no time with `Z` or an offset, such as 2026-03-04T10:15:00Z") from error
