"""The pages of who is not signed in: sign up, confirm, sign in in one or two steps, choose a new password."""

import asyncio

from litestar import get, post
from litestar.response import Redirect, Template

from ..common.site import Form, Wrong, email, person
from .accounts import Account
from .visit import DEVICE_DAYS, Visit

SIGN_UP, RESET, SIGN_IN = "verification", "password-reset", "sign-in-code"
SHORTEST = 10
_WRONG_CODE = "The code is wrong, used or too old."


def page(name: str, note: str = "", error: str = "", **shown: object) -> Template:
    known = {"form": {}, "note": note, "error": error}
    return Template(f"{name}.html", context=known | shown, status_code=422 if error else 200)


# --- sign up ----------------------------------------------------------------------------------------------------------


@get("/")
async def home() -> Template:
    return page("sign_up")


@post("/sign-up", status_code=200)
async def sign_up(request: Visit) -> Template:
    """An address that has an account looks the same, and gets no mail."""
    form = await request.filled()
    try:
        name, address, password = person(form), email(form), _password(form)
    except Wrong as wrong:
        return page("sign_up", error=str(wrong), form=form)
    account = await asyncio.to_thread(request.accounts.sign_up, name, address, password)
    code = await request.outgoing.code(SIGN_UP, address, account, name, request.ip)
    return page("confirm", form={"id": code})


@post("/confirm", status_code=200)
async def confirm(request: Visit) -> Template:
    form = await request.filled()
    account = await request.outgoing.right(SIGN_UP, form.get("id", ""), form.get("code", ""))
    if account is None or not request.accounts.activate(account):
        return page("confirm", error=_WRONG_CODE, form=form)
    return page("sign_in", note="Your account is active. Please sign in.")


def _password(form: Form) -> str:
    if not SHORTEST <= len(form.get("password", "")) <= 200:
        raise Wrong(f"Please choose a password of at least {SHORTEST} characters.")
    return form["password"]


# --- sign in ----------------------------------------------------------------------------------------------------------


@get("/sign-in")
async def sign_in_page() -> Template:
    return page("sign_in")


@post("/sign-in", status_code=200)
async def sign_in(request: Visit) -> Template | Redirect:
    form = await request.filled()
    signed_in = request.accounts.signed_in
    account = await asyncio.to_thread(signed_in, form.get("email", ""), form.get("password", "")[:200])
    if account is None:
        return page("sign_in", error="Address or password is wrong.", form=form)
    device = request.device()
    if not account.two_steps:
        return _enter(request, account, device)
    code = await request.outgoing.code(SIGN_IN, account.email, account.id, account.name, request.ip, device)
    shown = page("second_factor", form={"id": code})
    shown.cookies = [request.cookie("device", device, DEVICE_DAYS)]  # the code is good in this browser only
    return shown


@post("/second-factor", status_code=200)
async def second_factor(request: Visit) -> Template | Redirect:
    form, device = await request.filled(), request.device()
    id_ = await request.outgoing.right(SIGN_IN, form.get("id", ""), form.get("code", ""), device)
    account = request.accounts.get(id_) if id_ else None
    if account is None:
        return page("second_factor", error=_WRONG_CODE, form=form)
    return _enter(request, account, device)


def _enter(request: Visit, account: Account, device: str) -> Redirect:
    session = request.accounts.enter(account, device, request.seen_as())
    request.notices.ring()
    return Redirect("/machines", status_code=303, cookies=request.keys(session, device))


@post("/sign-out")
async def sign_out(request: Visit) -> Redirect:
    request.accounts.leave(request.ticket)
    return Redirect("/sign-in", status_code=303, cookies=[request.cookie("session", "", 0)])


# --- a new password ---------------------------------------------------------------------------------------------------


@get("/forgot")
async def forgot_page() -> Template:
    return page("forgot")


@post("/forgot", status_code=200)
async def forgot(request: Visit) -> Template:
    """An unknown address gets no mail, and the same page."""
    form = await request.filled()
    try:
        address = email(form)
    except Wrong as wrong:
        return page("forgot", error=str(wrong), form=form)
    account = request.accounts.find(address)
    whose, name = (account.id, account.name) if account else (None, "")
    code = await request.outgoing.code(RESET, address, whose, name, request.ip)
    return page("reset", note="If this address has an account, we have sent a code.", form={"id": code})


@post("/reset", status_code=200)
async def reset(request: Visit) -> Template:
    form = await request.filled()
    try:
        password = _password(form)
    except Wrong as wrong:
        return page("reset", error=str(wrong), form=form)
    account = await request.outgoing.right(RESET, form.get("id", ""), form.get("code", ""))
    if account is None:
        return page("reset", error=_WRONG_CODE, form=form)
    await asyncio.to_thread(request.accounts.set_password, account, password)
    request.notices.ring()
    return page("sign_in", note="The new password is set. Please sign in.")


PAGES = [home, sign_up, confirm, sign_in_page, sign_in, second_factor, sign_out, forgot_page, forgot, reset]
