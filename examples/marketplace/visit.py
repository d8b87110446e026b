"""A request, and what every page of the marketplace asks of it."""

from typing import Any, cast

from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Template

from ..common import site
from ..common.database import Database
from ..common.franked import Refused
from .accounts import Account, Accounts
from .outbox import Outbox
from .outgoing import Outgoing

COOKIE = "session"


class SignedOut(Exception):
    """This page is for members."""


class Visit(site.Visit):
    @property
    def database(self) -> Database:
        return cast(Database, self.app.state.database)

    @property
    def accounts(self) -> Accounts:
        return cast(Accounts, self.app.state.accounts)

    @property
    def outbox(self) -> Outbox:
        return cast(Outbox, self.app.state.outbox)

    @property
    def outgoing(self) -> Outgoing:
        return cast(Outgoing, self.app.state.outgoing)

    @property
    def site(self) -> str:
        """Where people find it."""
        return str(self.app.state.site)

    @property
    def session_secret(self) -> str:
        return self.cookies.get(COOKIE, "")

    def visitor(self) -> Account | None:
        return self.accounts.signed_in(self.session_secret)

    def member(self) -> Account:
        """Raises SignedOut."""
        found = self.visitor()
        if found is None:
            raise SignedOut
        return found

    def is_staff(self, account: Account | None) -> bool:
        return account is not None and account.email.casefold() in self.app.state.staff

    def staff(self) -> Account:
        """For all others there is no such page."""
        account = self.member()
        if not self.is_staff(account):
            raise NotFoundException("There is no such page.")
        return account


def page(name: str, *, error: str = "", status: int = 422, **shown: object) -> Template:
    context = {"form": {}, "note": "", "error": error, **shown}
    return Template(f"{name}.html", context=context, status_code=status if error else 200)


def to_sign_in(request: Any, why: Exception) -> Redirect:
    return Redirect("/sign-in", status_code=303)


def not_now(request: Any, why: Exception) -> Template:
    """Franked can't be asked, or won't: nothing was done, and the person may try again."""
    if isinstance(why, Refused) and why.code in ("too_many_codes", "too_many_subscriptions"):
        return page("sorry", error="That was too often for now. Please try again in an hour.", status=429)
    return page("sorry", error="That did not work just now. Please try again in a minute.", status=503)
