"""Where a confirmation mail leads: a page that says what is asked, with the button that answers it."""

from litestar import Response, post, route
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, client_of, door_of
from franked.doors.http.pages.leave import LOOKS
from franked.doors.http.pages.page import language_of, page
from franked.doors.http.pages.said import LONGEST_FORM, agent_of
from franked.flows import subscriptions
from franked.formats.links import Use
from franked.rules.consent import Asked, Topic

CONFIRM = "/u/confirm/{token:path}"


@route(CONFIRM, http_method=LOOKS, include_in_schema=False)
async def show_confirm(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    found = await subscriptions.asked_by(token.removeprefix("/"), door_of(request).world)
    return _page("confirmed" if found and found.confirmed_at else "confirm", found, request)


@post(CONFIRM, status_code=200, include_in_schema=False, request_max_body_size=LONGEST_FORM)
async def confirm(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    given = token.removeprefix("/"), client_of(request) or "", agent_of(request)
    found = await subscriptions.confirm(*given, "page /u/confirm", door_of(request).world)
    return _page("confirmed", found, request)


def _page(name: str, found: Asked | None, request: AnyRequest) -> Response[str]:
    """One that is over and one that never was are told alike."""
    if found is None:
        return page("confirm_over", request, status=404)
    world, said = door_of(request).world, found.statement
    topic, language = world.declared.topics.get(said.topic, Topic(said.topic)), language_of(request)
    shown = {
        "address": said.address.spelled,
        "topic": topic.title_in(language),
        "description": topic.description_in(language),
        "wording": said.evidence.wording,
        "preferences": world.links.to(Use.PREFERENCES, said.address.spelled),
    }
    return page(name, request, shown=shown)
