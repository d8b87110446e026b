"""The portal's pages: sign up, confirm, sign in, reset the password, delete the account."""

import asyncio
import logging
import os
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import aiohttp
import uvicorn
from litestar import Litestar, Request, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import ResponseHeader, State
from litestar.enums import RequestEncodingType
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import Body
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from .accounts import Account, Accounts
from .codes import Act, Codes, NoAnswer, TooMany
from .outgoing import Mail, Outgoing

PAGES = Path(__file__).parent / "pages"
TEXTS: Mapping[str, Mapping[str, str]] = tomllib.loads((PAGES / "texts.toml").read_text(encoding="utf-8"))
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # a link's token stays here
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Frame-Options": "DENY",
}


class Visit(Request[Any, Any, State]):
    """A request, and what every page of ours asks of it."""

    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

    @property
    def codes(self) -> Codes:
        return cast(Codes, self.app.state.codes)

    async def issue(self, act: Act, email: str, account: Account | None) -> str:
        """The id of a code that is under way, or seems to be."""
        return await self.codes.issue(act, email, account, self.language, self.client.host if self.client else None)

    @property
    def language(self) -> str:
        wanted = [self.query_params.get("lang", ""), *self.headers.get("accept-language", "").split(",")]
        return next((tag for one in wanted if (tag := one.strip()[:2].lower()) in TEXTS), "en")


@dataclass(frozen=True, slots=True)
class Form:
    """Every field of every form: what a page does not ask for is empty."""

    name: str = ""
    email: str = ""
    password: str = ""
    id: str = ""  # of a code
    code: str = ""
    token: str = ""
    two_steps: str = ""


Filled = Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/", sync_to_thread=False)
def home(request: Visit) -> Template:
    return page("sign_up", request)


@post("/sign-up", status_code=200)
async def sign_up(data: Filled, request: Visit) -> Template:
    name, email = " ".join(data.name.split())[:80], data.email.strip()
    if not name or not name.isprintable() or not is_address(email) or len(data.password) < 10:
        return page("sign_up", request, error="incomplete", form=data)
    made = request.accounts.sign_up
    account = await asyncio.to_thread(made, name, email, data.password, two_steps=bool(data.two_steps))
    return page("confirm", request, form=Form(id=await request.issue(Act.SIGN_UP, email, account)))


@post("/confirm", status_code=200)
async def confirm(data: Filled, request: Visit) -> Template:
    return await confirmed(await request.codes.check(Act.SIGN_UP, data.id, data.code), request, data)


@get("/confirmed")
async def confirm_by_link(request: Visit) -> Template:
    """Here a link's button leads, and nothing else: the token is good for nothing before it was pressed."""
    account = await request.codes.claim(Act.SIGN_UP, request.query_params.get("token", ""))
    return await confirmed(account, request, Form())


async def confirmed(account: str | None, request: Visit, form: Form) -> Template:
    if account is None or not await asyncio.to_thread(request.accounts.activate, account):
        return page("confirm", request, error="wrong_code", form=form)
    return page("sign_in", request, note="confirmed")


@get("/sign-in", sync_to_thread=False)
def sign_in_page(request: Visit) -> Template:
    return page("sign_in", request)


@post("/sign-in", status_code=200)
async def sign_in(data: Filled, request: Visit) -> Template:
    account = await asyncio.to_thread(request.accounts.signed_in, data.email.strip(), data.password)
    if account is None:
        return page("sign_in", request, error="wrong_password", form=data)
    if not account.two_steps:
        return page("done", request, note="signed_in")
    return page("second_factor", request, form=Form(id=await request.issue(Act.SIGN_IN, account.email, account)))


@post("/second-factor", status_code=200)
async def second_factor(data: Filled, request: Visit) -> Template:
    if await request.codes.check(Act.SIGN_IN, data.id, data.code) is None:
        return page("second_factor", request, error="wrong_code", form=data)
    return page("done", request, note="signed_in")


@get("/forgot", sync_to_thread=False)
def forgot_page(request: Visit) -> Template:
    return page("forgot", request)


@post("/forgot", status_code=200)
async def forgot(data: Filled, request: Visit) -> Template:
    email = data.email.strip()
    if not is_address(email):
        return page("forgot", request, error="incomplete", form=data)
    account = request.accounts.find(email)  # an unknown address gets no mail, and the same page
    return page("reset", request, note="reset_sent", form=Form(id=await request.issue(Act.RESET, email, account)))


@get("/reset", sync_to_thread=False)
def reset_page(request: Visit) -> Template:
    return page("reset", request, form=Form(token=request.query_params.get("token", "")))


@post("/reset", status_code=200)
async def reset(data: Filled, request: Visit) -> Template:
    if len(data.password) < 10:
        return page("reset", request, error="incomplete", form=data)
    if data.token:
        account = await request.codes.claim(Act.RESET, data.token)
    else:
        account = await request.codes.check(Act.RESET, data.id, data.code)
    if account is None:
        return page("reset", request, error="wrong_code", form=data)
    await asyncio.to_thread(request.accounts.set_password, account, data.password)
    return page("sign_in", request, note="password_set")


@get("/delete", sync_to_thread=False)
def delete_page(request: Visit) -> Template:
    return page("delete", request)


@post("/delete", status_code=200, sync_to_thread=True)
def delete(data: Filled, request: Visit) -> Template:
    account = request.accounts.signed_in(data.email.strip(), data.password)
    if account is None:
        return page("delete", request, error="wrong_password", form=data)
    request.accounts.delete(account)
    return page("done", request, mail=farewell(account, request), note="deleted")


def page(
    name: str, request: Visit, *, mail: Mail | None = None, error: str = "", status: int = 422, **shown: object
) -> Template:
    """A page, and after it the mail that belongs to it."""
    lang = request.language
    return Template(
        f"{name}.html",
        context={"t": TEXTS[lang], "lang": lang, "form": Form(), "note": "", "error": error, **shown},
        status_code=status if error else 200,
        background=BackgroundTask(request.app.state.outgoing.send, mail) if mail else None,
    )


def no_code(request: Request[Any, Any, Any], why: Exception) -> Template:
    error, status = ("too_many", 429) if isinstance(why, TooMany) else ("no_answer", 503)
    return page("done", cast(Visit, request), error=error, status=status)


def farewell(account: Account, request: Visit) -> Mail:
    at, ref = request.app.state.now(), f"delete-account-{account.id}"
    variables = {"name": account.name}
    return Mail("account-deleted", account.email, request.language, variables, "delete-account", account.id, at, ref)


def is_address(email: str) -> bool:
    """Franked looks closer; this only spares the mistyped a wait."""
    local, _, domain = email.partition("@")
    return bool(local) and "." in domain and "@" not in domain and len(email) <= 254 and not set(email) & set(" \t\r\n")


def create_app(
    franked_url: str,
    key: str,
    database: Path,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    requests_a_minute: int = 60,  # of one caller
) -> Litestar:
    @asynccontextmanager
    async def post_office(app: Litestar) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            app.state.outgoing = Outgoing(franked_url, key, session, app.state.accounts.database.remember)
            app.state.codes = Codes(franked_url, key, session, app.state.accounts.database.remember)
            yield

    return Litestar(
        route_handlers=[
            *(home, sign_up, confirm, confirm_by_link, sign_in_page, sign_in, second_factor),
            *(forgot_page, forgot, reset_page, reset, delete_page, delete),
        ],
        lifespan=[post_office],
        state=State({"accounts": Accounts(database, now), "now": now}),
        exception_handlers={TooMany: no_code, NoAnswer: no_code},
        request_class=Visit,
        middleware=[RateLimitConfig(rate_limit=("minute", requests_a_minute)).middleware],
        template_config=TemplateConfig(directory=PAGES, engine=JinjaTemplateEngine),
        response_headers=[ResponseHeader(name=name, value=value) for name, value in HEADERS.items()],
        openapi_config=None,
        logging_config=None,  # whoever runs it decides where its log goes
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    database = Path(os.environ.get("PORTAL_DATABASE", "portal.db"))
    app = create_app(os.environ.get("FRANKED_URL", "http://127.0.0.1:8025"), os.environ["FRANKED_KEY"], database)
    uvicorn.run(app, host="127.0.0.1", port=8100, access_log=False)  # a link's token would be in it


if __name__ == "__main__":
    main()
