"""What all bodies weigh that are here at once: beyond that a large one is sent away, and comes again."""

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from franked.doors.http.problems import Problem

MOST = 64_000_000  # bytes: parsed, judged and sealed, each costs several times its weight in memory
SMALL = 64_000  # always passes: urgent mail is small, and the lines of `rules.intake` count how many wait


class Weighed(ASGIMiddleware):
    """One for the whole door: that is why it counts. A body weighs what has come of it, until its request is answered;
    nobody's slow upload keeps a place for what it has not sent yet."""

    scopes = (ScopeType.HTTP,)

    def __init__(self) -> None:
        self._here = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        mine = 0

        async def weighed() -> ReceiveMessage:
            nonlocal mine
            message = await receive()
            more = len(message["body"]) if message["type"] == "http.request" else 0
            mine, self._here = mine + more, self._here + more
            if mine > SMALL and self._here > MOST:
                raise Problem("busy", "many large bodies are here already")
            return message

        try:
            await next_app(scope, weighed, send)
        finally:
            self._here -= mine
