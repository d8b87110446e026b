"""Sign-in by a code, and joining, which is the same with a name."""

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect, Template

from ..common.franked import NotReached, Refused
from ..common.site import Form, Wrong, email, line
from .accounts import FOR_A_CODE, SIGNED_IN, Account
from .trail import tell
from .visit import Visit


@get("/sign-in")
async def sign_in_page(request: Visit) -> Template:
    return _sign_in(request)


@post("/sign-in", status_code=200)
async def sign_in(request: Visit) -> Template:
    """An address that is nobody's gets no mail, and the same page."""
    form = await request.filled()
    try:
        to = email(form)
    except Wrong as wrong:
        return _sign_in(request, form, str(wrong))
    return await _mail_code(request, to, request.accounts.find(to), form)


@post("/join", status_code=200)
async def join(request: Visit) -> Template:
    """The account's address is verified by the code; until then nothing else goes to it."""
    form = await request.filled()
    try:
        name, to = line(form, "name", 80), email(form)
    except Wrong as wrong:
        return _sign_in(request, form, str(wrong))
    return await _mail_code(request, to, request.accounts.join(name, to), form)


async def _mail_code(request: Visit, to: str, account: Account | None, form: Form) -> Template:
    value, session = request.sessions.begin()
    try:
        request.sessions.waits_for(session, await request.door.mail_code(to, account, session, request.ip))
    except NotReached:
        return _sign_in(request, form, "No code can be sent just now. Please try again in a minute.", 503)
    except Refused as refused:
        many = refused.code == "too_many_codes"
        said = "That were many codes: please wait an hour." if many else "Please give your own email address."
        return _sign_in(request, form, said, 429 if many else 422)
    return _code(request, cookie=request.cookie(value, int(FOR_A_CODE.total_seconds())))


@post("/code", status_code=200)
async def code(request: Visit) -> Template | Redirect:
    """Right only in the browser that asked for it, which gets a new session then."""
    session, form = request.browser(), await request.filled()
    if session is None or session.code is None:
        return _sign_in(request, error="Please ask for a new code.")
    try:
        found = await request.door.check(session, form.get("code", ""))
    except (NotReached, Refused):
        return _code(request, error="The code can't be checked just now. Please try again in a minute.", status=503)
    if found is None:
        return _code(request, error="That is not the code, or not any more.")
    request.accounts.verify(found)
    request.sessions.end(session)
    value, _ = request.sessions.begin(found)
    tell("signed_in", account=found)
    cookie = request.cookie(value, int(SIGNED_IN.total_seconds()))
    return Redirect("/tickets", status_code=303, cookies=[cookie])


@post("/sign-out")
async def sign_out(request: Visit) -> Redirect:
    if session := request.browser():
        request.sessions.end(session)
    return Redirect("/", status_code=303, cookies=[request.cookie("", 0)])


def _sign_in(request: Visit, form: Form | None = None, error: str = "", status: int = 422) -> Template:
    shown = {"who": request.who(), "form": form or {}, "error": error}
    return Template("sign_in.html", context=shown, status_code=status if error else 200)


def _code(request: Visit, cookie: Cookie | None = None, error: str = "", status: int = 422) -> Template:
    shown = {"who": request.who(), "error": error}
    return Template(
        "code.html", context=shown, status_code=status if error else 200, cookies=[cookie] if cookie else []
    )
