"""Under `/u/` whoever reads it is a person: what leads nowhere is told in words."""

from litestar import HttpMethod, Response, route

from franked.doors.http.context import AnyRequest
from franked.doors.http.pages.page import no_such_link


@route(
    "/u/{rest:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
    include_in_schema=False,
    sync_to_thread=False,
)
def lost(request: AnyRequest) -> Response[str]:
    return no_such_link(request)
