"""A door of the account's own API: who comes without a signature, or without permission, is turned away."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from franked.backends.local.answers import NOT_SIGNED, refusal
from franked.backends.local.denying import denied_here
from franked.backends.local.office import OFFICE, Office

Door = Callable[[web.Request, Office], Awaitable[web.Response]]


def add_doors(app: web.Application, doors: Iterable[tuple[str, str, Door]]) -> None:
    for method, path, door in doors:
        app.router.add_route(method, path, _signed(door))


def _signed(door: Door) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def opened(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return refusal(NOT_SIGNED)
        error = denied_here(request, request.app[OFFICE])
        return refusal(error) if error else await door(request, request.app[OFFICE])

    return opened
