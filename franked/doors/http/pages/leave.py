"""Where "unsubscribe" leads: a page with two buttons, and what a mail program posts for its reader (RFC 8058)."""

from litestar import HttpMethod, Response, post, route
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.pages.page import language_of, no_such_link, page
from franked.doors.http.pages.said import LONGEST_FORM, evidence_of, form_of
from franked.formats.links import Use
from franked.ports import World
from franked.rules.address import Address
from franked.rules.consent import EVERY, Statement, Step, Topic

LEAVE = "/u/leave/{token:path}"  # whatever stands there: a link that is broken is told in words
LOOKS = [HttpMethod.GET, HttpMethod.HEAD]


@route(LEAVE, http_method=LOOKS, include_in_schema=False)
async def show_leave(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    world = door_of(request).world
    found = _read(token, world)
    if found is None:
        return no_such_link(request)
    address, topic = found
    return page("leave", request, shown=_shown(address, topic, request, world))


@post(LEAVE, status_code=200, include_in_schema=False, request_max_body_size=LONGEST_FORM)
async def leave(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Once or again, the answer is the same. No cookie, no question, no way elsewhere."""
    world = door_of(request).world
    found = _read(token, world)
    if found is None:
        return no_such_link(request)
    address, topic = found
    form = await form_of(request)
    everything = form.get("what") == ("all",)
    one_click = form.get("List-Unsubscribe") == ("One-Click",)
    evidence = evidence_of(request, "the mail program's button" if one_click else "the page's button")
    said = Statement(address, EVERY if everything else topic.name, Step.LEFT, world.now(), evidence)
    await world.store.state([said])
    world.log("left", address=address, topic=said.topic, one_click=one_click)
    return page("left", request, shown={"everything": everything} | _shown(address, topic, request, world))


def _read(token: str, world: World) -> tuple[Address, Topic] | None:
    parts = world.links.read(Use.LEAVE, token.removeprefix("/"))
    if parts is None or len(parts) != 2:
        return None
    address, topic = parts
    return Address.of_spelled(address), world.declared.topics.get(topic, Topic(topic))


def _shown(address: Address, topic: Topic, request: AnyRequest, world: World) -> dict[str, object]:
    return {
        "address": address.spelled,
        "topic": topic.title_in(language_of(request)),
        "preferences": world.links.to(Use.PREFERENCES, address.spelled),
    }
