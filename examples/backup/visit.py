"""A request to the service, and who asks."""

import re
import secrets
from typing import Any, cast

from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Template

from ..common import site
from ..common.franked import Refused
from .accounts import SESSION, Account, Accounts
from .backups import Backups
from .notices import Notices
from .outgoing import Outgoing

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
DEVICE_DAYS = 400  # the longest that browsers keep a cookie
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "Mac OS": "macOS", "Linux": "Linux"}


class SignedOut(Exception):
    """The page is of an account, and nobody is signed in."""


class Visit(site.Visit):
    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

    @property
    def backups(self) -> Backups:
        return cast(Backups, self.app.state.backups)

    @property
    def notices(self) -> Notices:
        return cast(Notices, self.app.state.notices)

    @property
    def outgoing(self) -> Outgoing:
        return cast(Outgoing, self.app.state.outgoing)

    @property
    def ticket(self) -> str:
        return self.cookies.get("session", "")

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")[:300]

    def account(self) -> Account:
        """Raises SignedOut."""
        found = self.accounts.of_session(self.ticket)
        if found is None:
            raise SignedOut
        return found

    def device(self) -> str:
        """The browser's own secret; a new one where it has none."""
        told = self.cookies.get("device", "")
        return told if SECRET.fullmatch(told) else secrets.token_urlsafe(32)

    def seen_as(self) -> str:
        """The device in known words: what a stranger's browser says of itself goes into no mail."""
        told = self.user_agent
        browser = next((name for mark, name in BROWSERS.items() if mark in told), "An unknown program")
        return f"{browser} on {next((name for mark, name in SYSTEMS.items() if mark in told), 'an unknown system')}"

    def cookie(self, name: str, value: str, days: int) -> Cookie:
        """Not for scripts, and not with another site's forms."""
        secure = self.app.state.site.startswith("https://")
        age = days * 86_400
        return Cookie(name, value=value, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")

    def keys(self, session: str, device: str) -> list[Cookie]:
        return [self.cookie("session", session, SESSION.days), self.cookie("device", device, DEVICE_DAYS)]


def no_answer(request: Request[Any, Any, Any], why: Exception) -> Template:
    """Franked could not be asked, or will not do it."""
    error, status = "That does not work right now. Please try again in a minute.", 503
    code = why.code if isinstance(why, Refused) else ""
    if code in ("too_many_codes", "too_many_subscriptions"):
        error, status = "Too much mail was asked for in a short time. Please try again later.", 429
    elif code == "invalid_address":
        error, status = "Please give your own email address.", 422
    return Template("done.html", context={"error": error}, status_code=status)
