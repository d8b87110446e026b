"""The pages of an account: its machines, its mail, its settings."""

import asyncio

from litestar import get, post
from litestar.response import Redirect, Template

from .accounts import Account
from .outgoing import WORDING
from .plans import PLANS, size
from .visit import Visit


@get("/machines")
async def machines(request: Visit) -> Template:
    account = request.account()
    used = request.backups.used(account)
    shown = {
        "account": account,
        "machines": request.backups.machines(account),
        "used": size(used),
        "percent": used * 100 // account.plan.storage,
    }
    return Template("machines.html", context=shown)


@get("/mail")
async def mail(request: Visit) -> Template:
    """What was sent to the owner, and what became of it, as Franked knows it."""
    return Template("mail.html", context={"mails": await request.outgoing.mails(request.account())})


# --- settings ---------------------------------------------------------------------------------------------------------


@get("/settings")
async def settings(request: Visit) -> Template:
    return _settings(request, request.account())


@post("/settings/two-steps", status_code=200)
async def two_steps(request: Visit) -> Template:
    account, form = request.account(), await request.filled()
    request.accounts.set_two_steps(account, wanted=bool(form.get("wanted")))
    return _settings(request, request.account(), note="Saved.")


@post("/settings/token", status_code=200)
async def token(request: Visit) -> Template:
    """Shown this once."""
    made = request.accounts.new_token(request.account())
    request.notices.ring()
    return _settings(request, request.account(), token=made)


@post("/settings/plan", status_code=200)
async def plan(request: Visit) -> Template:
    account, form = request.account(), await request.filled()
    chosen = PLANS.get(form.get("plan", ""))
    if chosen is None or chosen == account.plan:
        return _settings(request, account, error="Please choose another plan.")
    if request.backups.used(account) > chosen.storage:
        return _settings(request, account, error="Your backups have no room there.")
    request.accounts.choose(account, chosen)
    request.notices.ring()
    return _settings(request, request.account(), note=f"Your plan is {chosen.name}. A mail says what it costs.")


@post("/settings/news", status_code=200)
async def news(request: Visit) -> Template:
    account = request.account()
    await request.outgoing.subscribe(account, request.ip, request.user_agent)
    return _settings(request, account, note="Please look into your mail: news come only after you say yes there.")


@post("/settings/delete", status_code=200)
async def delete(request: Visit) -> Template | Redirect:
    account, form = request.account(), await request.filled()
    signed_in = request.accounts.signed_in
    if await asyncio.to_thread(signed_in, account.email, form.get("password", "")[:200]) is None:
        return _settings(request, account, error="The password is wrong.")
    await request.outgoing.end(account)  # first: when Franked is away, the account is there to ask again
    request.accounts.delete(account)
    return Redirect("/", status_code=303, cookies=[request.cookie("session", "", 0)])


def _settings(request: Visit, account: Account, note: str = "", error: str = "", token: str = "") -> Template:
    shown = {"account": account, "plans": PLANS.values(), "wording": WORDING, "note": note, "error": error}
    more = {"token": token, "site": request.app.state.site}
    return Template("settings.html", context=shown | more, status_code=422 if error else 200)


PAGES = [machines, mail, settings, two_steps, token, plan, news, delete]
