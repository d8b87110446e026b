"""Sign up, confirm the address, sign in, choose another password."""

import asyncio

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect, Template

from ..common.site import Form, Wrong, email, person
from .accounts import SIGNED_IN
from .outgoing import Code
from .visit import COOKIE, Visit, page

SHORTEST = 10  # characters of a password
WRONG_CODE = "That code or link is wrong, used or too old."


@get("/sign-up")
async def sign_up_page() -> Template:
    return page("sign_up")


@post("/sign-up", status_code=200)
async def sign_up(request: Visit) -> Template:
    form = await request.filled()
    try:
        name, to, password = person(form), email(form), _password(form)
    except Wrong as wrong:
        return page("sign_up", form=form, error=str(wrong))
    make = request.accounts.sign_up
    account = await asyncio.to_thread(make, name, to, password, provides=bool(form.get("provides")))
    return page("confirm", code=await request.outgoing.code(Code.SIGN_UP, to, account, request.ip))


@post("/confirm", status_code=200)
async def confirm(request: Visit) -> Template:
    form = await request.filled()
    code = form.get("id", "")
    return _confirmed(request, await request.outgoing.whose(Code.SIGN_UP, code, form.get("code", "")), code)


@get("/confirmed")
async def confirm_by_link(request: Visit) -> Template:
    """Here a link's button leads: the token is good for nothing before it was pressed."""
    token = request.query_params.get("token", "")
    return _confirmed(request, await request.outgoing.whose_link(Code.SIGN_UP, token), "")


def _confirmed(request: Visit, account: str | None, code: str) -> Template:
    if account is None or not request.accounts.activate(account):
        return page("confirm", code=code, error=WRONG_CODE)
    return page("sign_in", note="Your address is confirmed. You can sign in now.")


@get("/sign-in")
async def sign_in_page() -> Template:
    return page("sign_in")


@post("/sign-in", status_code=200)
async def sign_in(request: Visit) -> Template | Redirect:
    form = await request.filled()
    given = form.get("email", ""), form.get("password", "")
    secret = await asyncio.to_thread(request.accounts.sign_in, *given)
    if secret is None:
        return page("sign_in", form=form, error="Address and password do not fit together.")
    is_secure, seconds = request.site.startswith("https:"), int(SIGNED_IN.total_seconds())
    kept = Cookie(COOKIE, value=secret, httponly=True, samesite="lax", secure=is_secure, max_age=seconds)
    return Redirect("/me", status_code=303, cookies=[kept])


@post("/sign-out")
async def sign_out(request: Visit) -> Redirect:
    request.accounts.sign_out(request.session_secret)
    return Redirect("/", status_code=303, cookies=[Cookie(COOKIE, value="", httponly=True, max_age=0)])


@get("/forgot")
async def forgot_page() -> Template:
    return page("forgot")


@post("/forgot", status_code=200)
async def forgot(request: Visit) -> Template:
    """An unknown address gets no mail, and the same page."""
    form = await request.filled()
    try:
        to = email(form)
    except Wrong as wrong:
        return page("forgot", form=form, error=str(wrong))
    code = await request.outgoing.code(Code.RESET, to, request.accounts.find(to), request.ip)
    return page("reset", code=code, note="If there is an account with this address, it has mail now.")


@get("/reset")
async def reset_page(request: Visit) -> Template:
    return page("reset", token=request.query_params.get("token", ""))


@post("/reset", status_code=200)
async def reset(request: Visit) -> Template:
    form = await request.filled()
    code, token = form.get("id", ""), form.get("token", "")
    try:
        password = _password(form)
    except Wrong as wrong:
        return page("reset", code=code, token=token, error=str(wrong))
    if token:
        account = await request.outgoing.whose_link(Code.RESET, token)
    else:
        account = await request.outgoing.whose(Code.RESET, code, form.get("code", ""))
    if account is None:
        return page("reset", code=code, token=token, error=WRONG_CODE)
    await asyncio.to_thread(request.accounts.set_password, account, password)
    return page("sign_in", note="Your new password is set.")


def _password(form: Form) -> str:
    """Raises Wrong."""
    given = form.get("password", "")
    if not SHORTEST <= len(given) <= 200:
        raise Wrong(f"Please choose a password of at least {SHORTEST} characters.")
    return given
