"""A product's pages, rendered on the server, and the forms on them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import aiohttp
from litestar import Litestar, Request
from litestar.datastructures import ResponseHeader, State
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

COMMON = Path(__file__).parent / "pages"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # what is secret in a link stays here
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Frame-Options": "DENY",
}
_EMAIL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")

Form = Mapping[str, str]
Clock = Callable[[], datetime]
Session = aiohttp.ClientSession


class Wrong(Exception):
    """What the form's reader should mend, as a sentence."""


class Visit(Request[Any, Any, State]):
    """A request, and what every page asks of it."""

    def now(self) -> datetime:
        return cast(datetime, self.app.state.now())

    @property
    def ip(self) -> str | None:
        return self.client.host if self.client else None

    async def filled(self) -> Form:
        return {name: str(value).strip() for name, value in (await self.form()).items()}


def line(form: Form, field: str, longest: int = 120) -> str:
    """One line of text, fit to stand in a mail's header. Raises Wrong."""
    text = " ".join(form.get(field, "").split())
    if not text or len(text) > longest or not text.isprintable() or set(text) & set('<>"\\'):
        raise Wrong(f"Please give a {field} of at most {longest} characters, without quotes or angle brackets.")
    return text


def person(form: Form) -> str:
    """A name. It may stand in a mail to whoever's address was typed: no room for a link. Raises Wrong."""
    name = line(form, "name", 60)
    if re.search(r"[\d/:@]|\.\S|www", name, re.IGNORECASE):
        raise Wrong("Please give your name.")
    return name


def email(form: Form, field: str = "email") -> str:
    """Raises Wrong."""
    found = form.get(field, "")
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        raise Wrong("Please give your own email address.")
    return found


def site(
    handlers: Sequence[Any],
    pages: Path,
    now: Clock,
    visit: type[Visit],
    connect: Callable[[Session], Mapping[str, object]],
    requests_a_minute: int,  # of one caller
    beside: Callable[[State], Coroutine[Any, Any, None]] | None = None,
    **more: Any,
) -> Litestar:
    """`connect`: the application's state, made once there is a session to ask Franked through. `beside`: what runs as
    long as the pages do."""

    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            app.state.update(connect(session))
            running = asyncio.create_task(beside(app.state)) if beside else None
            yield
            if running:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

    return Litestar(
        route_handlers=list(handlers),
        lifespan=[opened],
        state=State({"now": now}),
        request_class=visit,
        middleware=[RateLimitConfig(rate_limit=("minute", requests_a_minute)).middleware],
        template_config=TemplateConfig(directory=[pages, COMMON], engine=JinjaTemplateEngine),
        response_headers=[ResponseHeader(name=name, value=value) for name, value in HEADERS.items()],
        openapi_config=None,
        logging_config=None,  # whoever runs it decides where its log goes
        **more,
    )
