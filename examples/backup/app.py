"""The backup service, put together: its pages, its API for agents, and what hands its notices over beside them."""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.response import Redirect

from ..common import site
from ..common.database import Database
from ..common.franked import Franked, NotReached, Refused
from . import accounts, agent, backups, desk, entrance, house, notices
from .accounts import Accounts
from .backups import Backups
from .notices import Notices
from .outgoing import Outgoing
from .visit import SignedOut, Visit, no_answer

PAGES = Path(__file__).parent / "pages"
SCHEMA = accounts.SCHEMA + notices.SCHEMA + backups.SCHEMA
HERE = "http://127.0.0.1:8300"


def create_app(
    franked_url: str,
    key: str,
    file: Path,
    now: site.Clock = lambda: datetime.now(UTC),
    url: str = HERE,  # where people find it
    desk_secret: str = "",  # without one there is no desk
    requests_a_minute: int = 240,  # of one caller
) -> Litestar:
    database = Database(file, SCHEMA)

    def connect(session: site.Session) -> Mapping[str, object]:
        return {
            "accounts": Accounts(database, now, url),
            "backups": Backups(database, now, url),
            "notices": Notices(database),
            "outgoing": Outgoing(Franked(franked_url, key, session), database.remember),
            "site": url,
            "desk": desk_secret,
        }

    async def handed_over(state: State) -> None:
        await state.notices.run(state.outgoing.hand_over)

    handlers = [*entrance.PAGES, *house.PAGES, *desk.PAGES, *agent.ROUTES]
    exceptions = {
        SignedOut: lambda request, why: Redirect("/sign-in", status_code=303),
        NotReached: no_answer,
        Refused: no_answer,
    }
    return site.site(
        *(handlers, PAGES, now, Visit, connect, requests_a_minute),
        beside=handed_over,
        exception_handlers=exceptions,
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    told = os.environ
    app = create_app(
        told.get("FRANKED_URL", "http://127.0.0.1:8025"),
        told["FRANKED_KEY"],
        Path(told.get("BACKUP_DATABASE", "backup.db")),
        url=told.get("BACKUP_URL", HERE).rstrip("/"),
        desk_secret=told.get("BACKUP_DESK", ""),
    )
    uvicorn.run(app, host="127.0.0.1", port=8300, access_log=False)  # the desk's secret would be in it


if __name__ == "__main__":
    main()
