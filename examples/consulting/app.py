"""The portal's pages: sign up, confirm, sign in, reset the password, delete the account."""

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

from .accounts import Account, Accounts, Act, Issued, new_id
from .outgoing import Mail, Outgoing

PAGES = Path(__file__).parent / "pages"
TEXTS: Mapping[str, Mapping[str, str]] = tomllib.loads((PAGES / "texts.toml").read_text(encoding="utf-8"))
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # a link's token stays here
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Frame-Options": "DENY",
}
STREAMS = {Act.SIGN_UP: "sign-up-code", Act.RESET: "password-reset", Act.SIGN_IN: "second-factor"}
LINKS = {Act.SIGN_UP: "/confirm", Act.RESET: "/reset"}


class Visit(Request[Any, Any, State]):
    """A request, and what every page of ours asks of it."""

    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

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
    account: str = ""
    code: str = ""
    token: str = ""
    two_steps: str = ""


Filled = Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/", sync_to_thread=False)
def home(request: Visit) -> Template:
    return page("sign_up", request)


@post("/sign-up", status_code=200, sync_to_thread=True)
def sign_up(data: Filled, request: Visit) -> Template:
    name, email = " ".join(data.name.split())[:80], data.email.strip()
    if not name or not name.isprintable() or not is_address(email) or len(data.password) < 10:
        return page("sign_up", request, error="incomplete", form=data)
    account = request.accounts.sign_up(name, email, data.password, two_steps=bool(data.two_steps))
    issued = request.accounts.issue(account, Act.SIGN_UP) if account else None
    return page("confirm", request, issued, form=Form(account=account.id if account else new_id()))


@get("/confirm", sync_to_thread=False)
def confirm_page(request: Visit) -> Template:
    """A link scanner opens it too: GET confirms nothing."""
    return page("confirm", request, form=Form(token=request.query_params.get("token", "")))


@post("/confirm", status_code=200, sync_to_thread=True)
def confirm(data: Filled, request: Visit) -> Template:
    account = redeem(request.accounts, Act.SIGN_UP, data, data.account)
    if account is None or not request.accounts.activate(account):
        return page("confirm", request, error="wrong_code", form=data)
    return page("sign_in", request, note="confirmed")


@get("/sign-in", sync_to_thread=False)
def sign_in_page(request: Visit) -> Template:
    return page("sign_in", request)


@post("/sign-in", status_code=200, sync_to_thread=True)
def sign_in(data: Filled, request: Visit) -> Template:
    account = request.accounts.signed_in(data.email.strip(), data.password)
    if account is None:
        return page("sign_in", request, error="wrong_password", form=data)
    if not account.two_steps:
        return page("done", request, note="signed_in")
    return page("second_factor", request, request.accounts.issue(account, Act.SIGN_IN), form=Form(account=account.id))


@post("/second-factor", status_code=200, sync_to_thread=True)
def second_factor(data: Filled, request: Visit) -> Template:
    if request.accounts.redeem_code(Act.SIGN_IN, data.account, data.code) is None:
        return page("second_factor", request, error="wrong_code", form=data)
    return page("done", request, note="signed_in")


@get("/forgot", sync_to_thread=False)
def forgot_page(request: Visit) -> Template:
    return page("forgot", request)


@post("/forgot", status_code=200, sync_to_thread=True)
def forgot(data: Filled, request: Visit) -> Template:
    account = request.accounts.find(data.email.strip())  # an unknown address gets no mail, and the same page
    issued = request.accounts.issue(account, Act.RESET) if account else None
    return page("reset", request, issued, note="reset_sent", form=Form(email=data.email))


@get("/reset", sync_to_thread=False)
def reset_page(request: Visit) -> Template:
    return page("reset", request, form=Form(token=request.query_params.get("token", "")))


@post("/reset", status_code=200, sync_to_thread=True)
def reset(data: Filled, request: Visit) -> Template:
    if len(data.password) < 10:
        return page("reset", request, error="incomplete", form=data)
    known = request.accounts.find(data.email.strip())
    account = redeem(request.accounts, Act.RESET, data, known.id if known else "")
    if account is None:
        return page("reset", request, error="wrong_code", form=data)
    request.accounts.set_password(account, data.password)
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


def redeem(accounts: Accounts, act: Act, data: Form, account_id: str) -> Account | None:
    return accounts.redeem_token(act, data.token) if data.token else accounts.redeem_code(act, account_id, data.code)


def page(
    name: str,
    request: Visit,
    issued: Issued | None = None,
    *,
    mail: Mail | None = None,
    error: str = "",
    **shown: object,
) -> Template:
    """A page, and after it the mail that belongs to it."""
    lang = request.language
    mail = mail or (code_mail(issued, request) if issued else None)
    return Template(
        f"{name}.html",
        context={"t": TEXTS[lang], "lang": lang, "form": Form(), "note": "", "error": error, **shown},
        status_code=422 if error else 200,
        background=BackgroundTask(request.app.state.outgoing.send, mail) if mail else None,
    )


def code_mail(issued: Issued, request: Visit) -> Mail:
    account, lang = issued.account, request.language
    variables = {"name": account.name, "code": issued.code}
    if path := LINKS.get(issued.act):
        variables["url"] = f"{request.app.state.site}{path}?lang={lang}&token={issued.token}"
    ref = f"{issued.act}-{issued.id}"
    return Mail(STREAMS[issued.act], account.email, lang, variables, issued.act, account.id, issued.at, ref)


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
    site: str = "http://127.0.0.1:8100",
    requests_a_minute: int = 60,  # of one caller
) -> Litestar:
    @asynccontextmanager
    async def post_office(app: Litestar) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            app.state.outgoing = Outgoing(franked_url, key, session, app.state.accounts.remember)
            yield

    return Litestar(
        route_handlers=[
            *(home, sign_up, confirm_page, confirm, sign_in_page, sign_in, second_factor),
            *(forgot_page, forgot, reset_page, reset, delete_page, delete),
        ],
        lifespan=[post_office],
        state=State({"accounts": Accounts(database, now), "site": site.rstrip("/"), "now": now}),
        request_class=Visit,
        middleware=[RateLimitConfig(rate_limit=("minute", requests_a_minute)).middleware],
        template_config=TemplateConfig(directory=PAGES, engine=JinjaTemplateEngine),
        response_headers=[ResponseHeader(name=name, value=value) for name, value in HEADERS.items()],
        openapi_config=None,
        logging_config=None,  # whoever runs it decides where its log goes
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    site = os.environ.get("PORTAL_URL", "http://127.0.0.1:8100")
    database = Path(os.environ.get("PORTAL_DATABASE", "portal.db"))
    app = create_app(
        os.environ.get("FRANKED_URL", "http://127.0.0.1:8025"), os.environ["FRANKED_KEY"], database, site=site
    )
    uvicorn.run(app, host="127.0.0.1", port=8100, access_log=False)  # a link's token would be in it


if __name__ == "__main__":
    main()
