"""The page of who writes the news. Its address has a secret in it."""

import hmac
import re
import secrets

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Template

from ..common.franked import Refused
from ..common.site import Form, Wrong, line
from .visit import Visit

_ISSUE = re.compile(r"[A-Za-z0-9_-]{8,40}")


@get("/desk/{secret:str}")
async def desk(request: Visit) -> Template:
    """With `?issue=`: how far that one is."""
    _open(request)
    issue = request.query_params.get("issue", "")
    try:
        standing = await request.outgoing.published(issue) if _ISSUE.fullmatch(issue) else None
    except Refused:
        standing = None  # there is no such issue
    return _desk(request, {}, standing=standing)


@post("/desk/{secret:str}", status_code=200)
async def publish(request: Visit) -> Template | Redirect:
    """The form has the issue's id: sent twice, or again after Franked was away, it is one issue."""
    _open(request)
    form = await request.filled()
    try:
        issue, title, paragraphs = form.get("issue", ""), line(form, "title"), _paragraphs(form)
        if not _ISSUE.fullmatch(issue):
            raise Wrong("Please begin again.")
    except Wrong as wrong:
        return _desk(request, form, error=str(wrong))
    try:
        await request.outgoing.publish(issue, title, paragraphs)
    except Refused as refused:
        return _desk(request, form, error=f"This was not sent: {refused.code}.")
    return Redirect(f"/desk/{request.path_params['secret']}?issue={issue}", status_code=303)


def _open(request: Visit) -> None:
    known, told = request.app.state.desk, request.path_params["secret"]
    if not known or not hmac.compare_digest(known.encode(), told.encode()):
        raise NotFoundException("There is nothing here.")


def _paragraphs(form: Form) -> list[str]:
    parts = [" ".join(part.split()) for part in re.split(r"\r?\n\s*\r?\n", form.get("text", ""))]
    found = [part for part in parts if part]
    if not found or len(form["text"]) > 20_000:
        raise Wrong("Please write something, of at most 20,000 characters.")
    return found


def _desk(request: Visit, form: Form, error: str = "", standing: object = None) -> Template:
    shown = {"form": form, "issue": form.get("issue") or secrets.token_urlsafe(9), "error": error}
    more = {"standing": standing, "secret": request.path_params["secret"]}
    return Template("desk.html", context=shown | more, status_code=422 if error else 200)


PAGES = [desk, publish]
