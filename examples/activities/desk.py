"""The pages of tickets: who is signed in submits them, the staff decides them."""

import secrets

from litestar import get, post
from litestar.response import Redirect, Template

from ..common.site import Form, Wrong, line
from .accounts import Account
from .tickets import Kind, TooMany, Word
from .trail import request_id
from .visit import Visit


@get("/tickets")
async def tickets_page(request: Visit) -> Template | Redirect:
    who = request.who()
    return _tickets(request, who) if who else Redirect("/sign-in", status_code=303)


@post("/tickets", status_code=200)
async def submit(request: Visit) -> Template | Redirect:
    """Of who is signed in, and from their own address: no form names one."""
    who, form = request.who(), await request.filled()
    if who is None:
        return Redirect("/sign-in", status_code=303)
    try:
        once, kind, title, text = _read(form)
        ticket = request.tickets.submit(who, once, kind, title, text, request_id())
    except Wrong as wrong:
        return _tickets(request, who, form, error=str(wrong))
    except TooMany:
        return _tickets(request, who, form, error="That were many for one day: please go on tomorrow.")
    await request.desk.bring(ticket.id)  # what is due is brought later, by its rounds
    return _tickets(request, who, note="Thank you. What we decide comes to your address, once.")


def _read(form: Form) -> tuple[str, Kind, str, str]:
    title, text, once = line(form, "title"), form.get("text", "").replace("\r\n", "\n"), form.get("once", "")
    if not 0 < len(text) <= 2000 or not text.replace("\n", "").replace("\t", "").isprintable():
        raise Wrong("Please say in at most 2,000 characters what it is about.")
    if form.get("kind") not in list(Kind) or not 0 < len(once) <= 60:
        raise Wrong("Please choose whether it is a request, a suggestion or feedback.")
    return once, Kind(form["kind"]), title, text


def _tickets(request: Visit, who: Account, form: Form | None = None, note: str = "", error: str = "") -> Template:
    shown = {
        "who": who,
        "tickets": request.tickets.of(who),
        "kinds": list(Kind),
        "form": form or {},
        "once": form.get("once") if form else secrets.token_urlsafe(12),
        "note": note,
        "error": error,
    }
    return Template("tickets.html", context=shown, status_code=422 if error else 200)


# --- the staff --------------------------------------------------------------------------------------------------------


@get("/staff/{secret:str}")
async def staff_page(request: Visit) -> Template:
    request.of_the_staff()
    return _staff(request)


@post("/staff/{secret:str}/decide", status_code=200)
async def decide(request: Visit) -> Template:
    """The first decision stands, and is mailed once, however often the button is pressed."""
    request.of_the_staff()
    form = await request.filled()
    number, word, note = form.get("ticket", ""), form.get("word", ""), " ".join(form.get("note", "").split())
    if not (number.isdecimal() and len(number) < 10 and word in list(Word) and len(note) <= 500 and note.isprintable()):
        return _staff(request, error="Please approve or decline, with a note of at most 500 characters.")
    ticket = request.tickets.decide(int(number), Word(word), note, request_id())
    if ticket is None:
        return _staff(request, error="There is no such ticket.")
    is_told = await request.desk.bring(ticket.id)
    if ticket.word != word:
        return _staff(request, error=f"It was {ticket.word} already.")
    return _staff(request, note="Decided." if is_told else "Decided. The mail goes as soon as it can be handed over.")


def _staff(request: Visit, note: str = "", error: str = "") -> Template:
    shown = {
        "secret": request.app.state.staff,
        "open": request.tickets.open(),
        "decided": request.tickets.decided(),
        "note": note,
        "error": error,
    }
    return Template("staff.html", context=shown, status_code=422 if error else 200)
