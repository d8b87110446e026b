"""A request, and what every page asks of it: the records, and who is signed in."""

import hmac
from typing import cast

from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException

from ..common import site
from .accounts import Account, Accounts, Session, Sessions
from .outgoing import Desk, Door
from .tickets import Tickets

COOKIE = "session"


class Visit(site.Visit):
    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

    @property
    def sessions(self) -> Sessions:
        return cast(Sessions, self.app.state.sessions)

    @property
    def tickets(self) -> Tickets:
        return cast(Tickets, self.app.state.tickets)

    @property
    def door(self) -> Door:
        return cast(Door, self.app.state.door)

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app.state.desk)

    def browser(self) -> Session | None:
        return self.sessions.find(self.cookies.get(COOKIE, ""))

    def who(self) -> Account | None:
        """Who is signed in."""
        session = self.browser()
        return self.accounts.get(session.account) if session and session.account else None

    def cookie(self, value: str, seconds: int) -> Cookie:
        secure = str(self.app.state.site).startswith("https://")
        return Cookie(key=COOKIE, value=value, max_age=seconds, httponly=True, samesite="lax", secure=secure)

    def of_the_staff(self) -> None:
        if not hmac.compare_digest(str(self.app.state.staff).encode(), self.path_params["secret"].encode()):
            raise NotFoundException("There is no such page.")
