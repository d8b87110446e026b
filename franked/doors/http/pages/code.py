"""A link in place of a code: GET shows a button, POST confirms."""

from urllib.parse import urlencode, urlsplit

from litestar import HttpMethod, Response, post, route
from litestar.params import FromPath
from litestar.response import Redirect

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.pages.page import language_of, page
from franked.flows.codes import LINK
from franked.ports import World
from franked.rules.code import Code, Pressed

_QUIET = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_PATH = f"{LINK}{{token:str}}"


@route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def get_link(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Link scanners open it too, as often as they like."""
    world = door_of(request).world
    [code] = await world.store.codes_of_links([token])
    if code is None or not (code.is_open(world.now()) or code.is_claimable(world.now())):
        return _over(request)
    return _with_a_way_out(page("code", request), _leads_to(code, world))


@post(_PATH, status_code=200, include_in_schema=False)
async def post_link(request: AnyRequest, token: FromPath[str]) -> Response[str] | Redirect:
    """Pressed twice it leads to the same place twice."""
    world = door_of(request).world
    [code] = await world.store.press([Pressed(token, world.now())])
    if code is None:
        return _over(request)
    world.log("link_confirmed", stream=code.stream, issue=code.id)
    leads_to = _leads_to(code, world)
    if leads_to is None:
        return page("code_confirmed", request)
    query = urlencode({"token": token, "lang": language_of(request)})
    return Redirect(f"{leads_to}{'&' if '?' in leads_to else '?'}{query}", status_code=303, headers=_QUIET)


def _over(request: AnyRequest) -> Response[str]:
    """Used, too old, replaced by a newer one, or never ours: all the same."""
    return page("code_over", request, status=404)


def _leads_to(code: Code, world: World) -> str | None:
    """The product's own page."""
    stream = world.declared.streams.get(code.stream)
    return stream.codes.leads_to if stream and stream.codes else None


def _with_a_way_out(shown: Response[str], leads_to: str | None) -> Response[str]:
    """The form's answer may redirect to the product's own page, and nowhere else."""
    if leads_to:
        to, name = urlsplit(leads_to), "Content-Security-Policy"
        form = f"form-action 'self' {to.scheme}://{to.netloc}"
        shown.headers[name] = shown.headers[name].replace("form-action 'self'", form)
    return shown
