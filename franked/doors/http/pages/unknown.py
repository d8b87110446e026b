"""Under `/u/` whoever reads it is a person: what leads nowhere is told in words."""

from typing import Any

from litestar import HttpMethod, Response, route
from litestar.exceptions import NotFoundException

from franked.doors.http.context import AnyRequest
from franked.doors.http.pages.page import no_such_link
from franked.doors.http.problems import on_http_exception


@route(
    "/u/{rest:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
    include_in_schema=False,
    sync_to_thread=False,
)
def lost(request: AnyRequest) -> Response[str]:
    return no_such_link(request)


def nowhere(request: AnyRequest, error: NotFoundException) -> Response[Any]:
    """A link that is cut off before its token, too."""
    return no_such_link(request) if request.url.path.startswith("/u/") else on_http_exception(request, error)
