"""The portal's pages: sign up, confirm, sign in, reset the password, turn on an app, delete the account."""

import asyncio
import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import uvicorn
from litestar import Litestar, Request, get, post
from litestar.background_tasks import BackgroundTask
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template

from ..common import site
from ..common.franked import Franked, NotReached, Refused
from .accounts import Account, Accounts, Second
from .codes import Act, Authenticators, Codes, TooMany
from .outgoing import Outgoing

PAGES = Path(__file__).parent / "pages"
TEXTS: Mapping[str, Mapping[str, str]] = tomllib.loads((PAGES / "texts.toml").read_text(encoding="utf-8"))


class Visit(site.Visit):
    """A request, and what every page of ours asks of it."""

    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

    @property
    def codes(self) -> Codes:
        return cast(Codes, self.app.state.codes)

    @property
    def apps(self) -> Authenticators:
        return cast(Authenticators, self.app.state.apps)

    async def issue(self, act: Act, email: str, account: Account | None) -> str:
        """The id of a code that is under way, or seems to be."""
        return await self.codes.issue(act, email, account, self.language, self.ip)

    async def member(self, form: "Form") -> Account | None:
        """Whoever knows the password."""
        return await asyncio.to_thread(self.accounts.signed_in, form.email.strip(), form.password)

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
    second = Second.MAIL if data.two_steps else Second.NOTHING
    account = await asyncio.to_thread(request.accounts.sign_up, name, email, data.password, second)
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
    account = await request.member(data)
    if account is None:
        return page("sign_in", request, error="wrong_password", form=data)
    match account.second:
        case Second.NOTHING:
            return page("done", request, note="signed_in")
        case Second.MAIL:
            code_id = await request.issue(Act.SIGN_IN, account.email, account)
            return page("second_factor", request, form=Form(id=code_id))
        case Second.APP:
            return page("second_factor", request, form=Form(token=request.accounts.half_way(account)))


@post("/second-factor", status_code=200)
async def second_factor(data: Filled, request: Visit) -> Template:
    if not await (by_app(data, request) if data.token else by_mail(data, request)):
        return page("second_factor", request, error="wrong_code", form=data)
    return page("done", request, note="signed_in")


async def by_mail(data: Form, request: Visit) -> bool:
    return await request.codes.check(Act.SIGN_IN, data.id, data.code) is not None


async def by_app(data: Form, request: Visit) -> bool:
    """The token says that the password was given; it opens nothing by itself."""
    account = request.accounts.who_is_half_way(data.token)
    right = account is not None and await request.apps.verify(account, data.code)
    if right:
        request.accounts.arrived(data.token)
    return right


@get("/authenticator", sync_to_thread=False)
def authenticator_page(request: Visit) -> Template:
    return page("authenticator", request)


@post("/authenticator", status_code=200)
async def authenticator(data: Filled, request: Visit) -> Template:
    """A new secret for the person's app."""
    account = await request.member(data)
    if account is None:
        return page("authenticator", request, error="wrong_password", form=data)
    made = await request.apps.enrol(account)
    if made is None:
        return page("done", request, note="app_there")
    return page("authenticator_code", request, form=Form(email=account.email), made=made)


@post("/authenticator/confirm", status_code=200)
async def confirm_authenticator(data: Filled, request: Visit) -> Template:
    """It counts when the app's first code was right."""
    account = await request.member(data)
    if account is None:
        return page("authenticator_code", request, error="wrong_password", form=data)
    recovery = await request.apps.confirm(account, data.code)
    if recovery is None:
        return page("authenticator_code", request, error="wrong_code", form=data)
    await asyncio.to_thread(request.accounts.set_second, account, Second.APP)
    return page("recovery", request, note="app_on", recovery=recovery)


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


@post("/delete", status_code=200)
async def delete(data: Filled, request: Visit) -> Template:
    account = await request.member(data)
    if account is None:
        return page("delete", request, error="wrong_password", form=data)
    await asyncio.to_thread(request.accounts.delete, account)
    goodbye = BackgroundTask(request.app.state.outgoing.say_goodbye, account, request.language, request.now())
    return page("done", request, note="deleted", after=goodbye)


def page(
    name: str,
    request: Visit,
    *,
    after: BackgroundTask | None = None,
    error: str = "",
    status: int = 422,
    **shown: object,
) -> Template:
    """A page, and what is done once it was answered."""
    lang = request.language
    return Template(
        f"{name}.html",
        context={"t": TEXTS[lang], "lang": lang, "form": Form(), "note": "", "error": error, **shown},
        status_code=status if error else 200,
        background=after,
    )


def no_code(request: Request[Any, Any, Any], why: Exception) -> Template:
    error, status = ("too_many", 429) if isinstance(why, TooMany) else ("no_answer", 503)
    return page("done", cast(Visit, request), error=error, status=status)


def is_address(email: str) -> bool:
    """Franked looks closer; this only spares the mistyped a wait."""
    local, _, domain = email.partition("@")
    return bool(local) and "." in domain and "@" not in domain and len(email) <= 254 and not set(email) & set(" \t\r\n")


def create_app(
    franked_url: str,
    key: str,
    database: Path,
    now: site.Clock = lambda: datetime.now(UTC),
    requests_a_minute: int = 60,
) -> Litestar:
    accounts = Accounts(database, now)

    def connect(session: site.Session) -> Mapping[str, object]:
        franked = Franked(franked_url, key, session)
        return {
            "accounts": accounts,
            "codes": Codes(franked, accounts.database.remember),
            "apps": Authenticators(franked),
            "outgoing": Outgoing(franked, accounts.database),
        }

    handlers = [
        *(home, sign_up, confirm, confirm_by_link, sign_in_page, sign_in, second_factor),
        *(authenticator_page, authenticator, confirm_authenticator),
        *(forgot_page, forgot, reset_page, reset, delete_page, delete),
    ]
    errors = dict.fromkeys((TooMany, NotReached, Refused), no_code)
    return site.site(handlers, PAGES, now, Visit, connect, requests_a_minute, exception_handlers=errors)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    database = Path(os.environ.get("PORTAL_DATABASE", "portal.db"))
    app = create_app(os.environ.get("FRANKED_URL", "http://127.0.0.1:8025"), os.environ["FRANKED_KEY"], database)
    uvicorn.run(app, host="127.0.0.1", port=8100, access_log=False)  # a link's token would be in it


if __name__ == "__main__":
    main()
