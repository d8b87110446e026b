"""What the staff does: newsletters, decisions on tickets, and the import of an old list of customers."""

import csv
import re
from collections.abc import Iterator
from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.response import Template

from ..common.franked import Refused
from ..common.site import Form, Wrong, line
from . import tickets
from .outgoing import TOPICS
from .visit import Visit, page

ISSUE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
MOST = 10_000  # addresses of a list
COLUMNS = ("email", "address")
LARGEST = 1_000_000  # bytes of its file


@get("/staff")
async def staff_page(request: Visit) -> Template:
    request.staff()
    return _staff(request)


@post("/staff/newsletter", status_code=200)
async def newsletter(request: Visit) -> Template:
    request.staff()
    form = await request.filled()
    paragraphs = [one.strip() for one in form.get("text", "").replace("\r", "").split("\n\n") if one.strip()]
    try:
        title, issue = line(form, "title"), form.get("issue", "")
        if form.get("topic") not in TOPICS or not ISSUE.fullmatch(issue) or not paragraphs:
            raise Wrong("A newsletter has a topic, a name such as 2026-03, a title and a text.")
    except Wrong as wrong:
        return _staff(request, form, str(wrong))
    try:
        people = await request.outgoing.publish(form["topic"], issue, title, paragraphs)
    except Refused as no:
        return _staff(request, form, f"Franked refuses this newsletter: {no}")
    return _staff(request, note=f"On its way to everybody who confirmed this topic: {people}.")


@post("/staff/decision", status_code=200)
async def decision(request: Visit) -> Template:
    """The first decision stands: the same again is no second mail, another one is refused."""
    request.staff()
    form = await request.filled()
    word = form.get("decision", "")
    with request.database.open() as db:
        ticket = tickets.find(db, form.get("ticket", ""))
    if ticket is None or ticket.franked is None or word not in tickets.DECISIONS:
        return _staff(request, form, "This ticket can't be decided now.")
    try:
        await request.outgoing.decide(ticket, word, form.get("note", "")[:2000])
    except Refused as no:
        return _staff(request, form, f"Franked refuses this decision: {no}")
    with request.database.open() as db:
        tickets.decided(db, ticket, word)
    return _staff(request, note="Decided. Whoever opened the ticket has mail.")


@post("/staff/import", status_code=200)
async def bring(request: Visit) -> Template:
    """Of whom we have had from before. Franked records where they come from, and takes no list that does not say it; it
    is no consent, and sends nothing."""
    request.staff()
    form: Any = await request.form()
    source = str(form.get("source", "")).strip()
    if request.outgoing.staff is None:
        return _staff(request, error="This site has no administrator's key: use `franked people import`.")
    try:
        addresses = await _listed(form.get("file"))
        told = await request.outgoing.bring(source, addresses)
    except Wrong as wrong:
        return _staff(request, {"source": source}, str(wrong))
    except Refused as no:
        return _staff(request, {"source": source}, _why(no, source))
    counted = ", ".join(f"{told[what]} {what}" for what in ("added", "known", "erased", "invalid"))
    return _staff(request, note=f"Imported: {counted}. Nobody was mailed, and nobody has agreed to anything by it.")


def _why(no: Refused, source: str) -> str:
    if source:
        return f"Franked refuses this list: {no}"
    return "Franked refuses a list that does not say where it comes from. Please say it in a sentence."


async def _listed(file: object) -> list[str]:
    """Raises Wrong."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise Wrong("Please choose a file.")
    content = await file.read(LARGEST + 1)
    try:
        addresses = list(_addresses(content.decode("utf-8-sig"))) if len(content) <= LARGEST else []
    except (UnicodeDecodeError, csv.Error):
        raise Wrong("This is no CSV file in UTF-8.") from None
    if not 0 < len(addresses) <= MOST:
        raise Wrong(f"A list has from 1 to {MOST} addresses, in a column `email` or one in each line.")
    return addresses


def _addresses(text: str) -> Iterator[str]:
    """Of the column that is called so, else of the first."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    names = [name.casefold() for name in rows[0]] if rows else []
    column = next((names.index(name) for name in COLUMNS if name in names), None)
    for row in rows if column is None else rows[1:]:
        if len(row) > (column or 0) and row[column or 0]:
            yield row[column or 0]


def _staff(request: Visit, form: Form | None = None, error: str = "", note: str = "") -> Template:
    with request.database.open() as db:
        opened = tickets.tickets(db)
    can_bring, refused = request.outgoing.staff is not None, request.outbox.refused()
    shown: dict[str, Any] = {
        "tickets": opened,
        "topics": TOPICS,
        "decisions": tickets.DECISIONS,
        "can_bring": can_bring,
    }
    return page("staff", form=form or {}, error=error, note=note, refused=refused, **shown)
