"""The inbox as pages: every mail as its reader sees it. Everything in a mail is hostile, so nothing of it is trusted.

Its HTML is a document of its own that may load nothing and run nothing, shown in a frame that may do nothing.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from franked.backends.local.amazon_sns import confirm_subscription
from franked.backends.local.inbox import Entry
from franked.backends.local.letter import Letter, mime, read
from franked.backends.local.office import OFFICE, Office
from franked.formats.mail import MESSAGE_TAG

PAGE = 100
_PAGES = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MAIL = _PAGES | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
_NO_HTML = "<p>This mail has no HTML part.</p>"

_templates = Environment(
    loader=PackageLoader("franked.backends.local"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/", front)
    app.router.add_get("/message/{id}", of_message)
    app.router.add_get("/mail/{id}", mail)
    app.router.add_get("/mail/{id}/html", html)
    app.router.add_get("/mail/{id}/raw", raw)


async def front(request: web.Request) -> web.Response:
    """The root is also where SNS's API lives: SubscribeURL leads here."""
    if request.query.get("Action") == "ConfirmSubscription":
        return confirm_subscription(request)
    office, to = request.app[OFFICE], request.query.get("to", "").strip()
    page = _number(request.query.get("page", ""))
    found = list(islice(_matching(office, to), page * PAGE, (page + 1) * PAGE + 1))
    mails = [_line(entry, office) for entry in found[:PAGE]]
    standing = {"limits": office.account.limits, "region": office.account.region, "used": office.account.sent_24h}
    return _page("inbox.html", mails=mails, to=to, page=page, more=len(found) > PAGE, **standing)


async def of_message(request: web.Request) -> web.Response:
    """The newest mail with this message's tag: what Franked's answers link to."""
    wanted = (MESSAGE_TAG, request.match_info["id"])
    for entry in reversed(request.app[OFFICE].inbox.entries):
        if wanted in entry.tags:
            raise web.HTTPSeeOther(f"/mail/{quote(entry.ses_id)}")
    raise web.HTTPNotFound(text="The account has not taken this message yet.")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _matching(office: Office, to: str) -> Iterator[Entry]:
    wanted = to.casefold()
    newest_first = reversed(office.inbox.entries)
    return (entry for entry in newest_first if any(wanted in one.casefold() for one in entry.recipients))


def _line(entry: Entry, office: Office) -> dict[str, Any]:
    return {"entry": entry, "fates": sorted({office.people.fate(recipient).value for recipient in entry.recipients})}


async def mail(request: web.Request) -> web.Response:
    letter = _letter(request)
    return _page("mail.html", letter=letter, reading=read(letter), line=_line(_entry_of(letter), request.app[OFFICE]))


def _entry_of(letter: Letter) -> Entry:
    return Entry(letter.ses_id, letter.at, letter.source, letter.recipients, letter.subject, letter.tags)


async def html(request: web.Request) -> web.Response:
    body = read(_letter(request)).html
    return _respond(_NO_HTML if body is None else body, "text/html", _MAIL)


async def raw(request: web.Request) -> web.Response:
    """As text to look at; with `?download` as a file for a mail program."""
    letter = _letter(request)
    if "download" not in request.query:
        return web.Response(body=mime(letter), content_type="text/plain", charset="utf-8", headers=_MAIL)
    disposition = {"Content-Disposition": f'attachment; filename="{quote(letter.ses_id)}.eml"'}
    return web.Response(body=mime(letter), content_type="message/rfc822", headers=_PAGES | disposition)


def _letter(request: web.Request) -> Letter:
    letter = request.app[OFFICE].inbox.letter(request.match_info["id"])
    if letter is None:
        raise web.HTTPNotFound(text="There is no such mail.")
    return letter


def _page(template: str, **values: object) -> web.Response:
    return _respond(_templates.get_template(template).render(values), "text/html", _PAGES)


def _respond(text: str, content_type: str, headers: dict[str, str]) -> web.Response:
    """What was no text in a mail may not break the page: lone surrogates become question marks."""
    body = text.encode("utf-8", "replace")
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)
