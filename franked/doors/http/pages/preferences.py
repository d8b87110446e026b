"""All that comes to an address, and what of it can be turned off or on again. Its link is its reader's only key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from litestar import Response, post, route
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, door_of, request_id
from franked.doors.http.pages.leave import LOOKS
from franked.doors.http.pages.page import language_of, no_such_link, page
from franked.doors.http.pages.said import LONGEST_FORM, Form, evidence_of, form_of
from franked.flows.preferences import Choice, choices, choose
from franked.formats.links import Use
from franked.ports import World
from franked.rules.address import Address
from franked.rules.stream import Stream

PREFERENCES = "/u/preferences/{token:path}"


@dataclass(frozen=True, slots=True)
class ShownTopic:
    name: str
    title: str
    description: str
    is_on: bool


@route(PREFERENCES, http_method=LOOKS, include_in_schema=False)
async def show_preferences(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    world = door_of(request).world
    address = _read(token, world)
    return no_such_link(request) if address is None else await _page(address, request, world, None)


@post(PREFERENCES, status_code=200, include_in_schema=False, request_max_body_size=LONGEST_FORM)
async def set_preferences(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    world = door_of(request).world
    address = _read(token, world)
    if address is None:
        return no_such_link(request)
    wanted = _wanted(await form_of(request))
    evidence = evidence_of(request, "the preferences")
    asked = await choose(address, wanted, evidence, language_of(request), request_id(request), world)
    return await _page(address, request, world, asked)


def _read(token: str, world: World) -> Address | None:
    parts = world.links.read(Use.PREFERENCES, token.removeprefix("/"))
    return Address.of_spelled(parts[0]) if parts and len(parts) == 1 else None


def _wanted(form: Form) -> dict[str, bool]:
    """By topic. What the page did not show stays as it is: an unticked box says nothing about a topic that is new."""
    if form.get("what") == ("none",):
        return dict.fromkeys(form.get("shown", ()), False)
    return {topic: topic in form.get("on", ()) for topic in form.get("shown", ())}


async def _page(address: Address, request: AnyRequest, world: World, asked: Sequence[str] | None) -> Response[str]:
    """`asked`: the topics that a mail asks about now; None: nothing was chosen yet."""
    language = language_of(request)
    topics = world.declared.topics
    shown = {
        "address": address.spelled,
        "topics": list(_shown(await choices(address, world), language)),
        "always": [one.purpose for one in world.declared.streams.values() if _comes_always(one)],
        "is_saved": asked is not None,
        "asked": [topics[name].title_in(language) for name in asked or ()],
    }
    return page("preferences", request, shown=shown)


def _comes_always(stream: Stream) -> bool:
    """To readers: Franked's own mail, and what goes to one mailbox of the house, does not."""
    return stream.topic is None and stream.only_to is None and not stream.built_in


def _shown(found: Sequence[Choice], language: str) -> Iterator[ShownTopic]:
    for one in found:
        topic = one.topic
        yield ShownTopic(topic.name, topic.title_in(language), topic.description_in(language), one.is_on)
