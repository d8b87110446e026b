"""The marketplace, put together."""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.datastructures import State

from ..common import site
from ..common.database import Database
from ..common.franked import Franked, NotReached, Refused
from . import accounts, bookings, entrance, market, outbox, staff, tickets
from .outgoing import Outgoing
from .visit import SignedOut, Visit, not_now, to_sign_in

PAGES = Path(__file__).parent / "pages"
HERE = "http://127.0.0.1:8400"
SCHEMA = accounts.SCHEMA + bookings.SCHEMA + tickets.SCHEMA + outbox.SCHEMA
ENTRANCE = (
    *(entrance.sign_up_page, entrance.sign_up, entrance.confirm, entrance.confirm_by_link, entrance.sign_in_page),
    *(entrance.sign_in, entrance.sign_out, entrance.forgot_page, entrance.forgot, entrance.reset_page, entrance.reset),
)
MARKET = (
    *(market.home, market.book, market.me, market.offer, market.move, market.review, market.ticket),
    *(market.news_page, market.news),
)
STAFF = (staff.staff_page, staff.newsletter, staff.decision, staff.bring)


def create_app(
    franked_url: str,
    key: str,
    database: Path,
    now: site.Clock = lambda: datetime.now(UTC),
    url: str = HERE,
    requests_a_minute: int = 120,
    staff_addresses: frozenset[str] = frozenset(),  # members with one of these, once it is confirmed
    administrator_key: str | None = None,  # for the import of an old list; None: it is not offered
) -> Litestar:
    kept = Database(database, SCHEMA)

    def connect(session: site.Session) -> Mapping[str, object]:
        franked = Franked(franked_url, key, session)
        of_staff = Franked(franked_url, administrator_key, session) if administrator_key else None
        return {
            "site": url,
            "database": kept,
            "accounts": accounts.Accounts(kept, now),
            "outbox": outbox.Outbox(kept, franked),
            "outgoing": Outgoing(franked, of_staff, kept.remember),
            "staff": frozenset(one.casefold() for one in staff_addresses),
        }

    handlers = [*ENTRANCE, *MARKET, *STAFF]
    mending = {SignedOut: to_sign_in, NotReached: not_now, Refused: not_now}
    return site.site(handlers, PAGES, now, Visit, connect, requests_a_minute, beside=_again, exception_handlers=mending)


async def _again(state: State) -> None:
    await state.outbox.hand_over_again()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    given = os.environ
    app = create_app(
        given.get("FRANKED_URL", "http://127.0.0.1:8025"),
        given["FRANKED_KEY"],
        Path(given.get("MARKETPLACE_DATABASE", "marketplace.db")),
        url=given.get("MARKETPLACE_URL", HERE).rstrip("/"),
        staff_addresses=frozenset(given.get("MARKETPLACE_STAFF", "").split()),
        administrator_key=given.get("FRANKED_ADMINISTRATOR_KEY"),
    )
    uvicorn.run(app, host="127.0.0.1", port=8400, access_log=False)  # a link's token would be in it


if __name__ == "__main__":
    main()
