"""The directory's pages, put together: what there is to do, sign-in by a code, tickets, and the staff's page."""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.response import Template

from ..common import site
from ..common.database import Database
from ..common.franked import Franked
from . import accounts, directory, tickets
from .accounts import Accounts, Sessions
from .desk import decide, staff_page, submit, tickets_page
from .directory import Directory
from .outgoing import Desk, Door
from .signing_in import code, join, sign_in, sign_in_page, sign_out
from .tickets import Tickets
from .trail import Lines, as_header, traced
from .visit import Visit

PAGES = Path(__file__).parent / "pages"
SCHEMA = directory.SCHEMA + accounts.SCHEMA + tickets.SCHEMA


@get("/")
async def home(request: Visit) -> Template:
    known: Directory = request.app.state.directory
    topic = request.query_params.get("topic")
    shown = {"activities": known.about(topic), "topics": known.topics(), "topic": topic, "who": request.who()}
    return Template("directory.html", context=shown)


def create_app(
    franked_url: str,
    keys: Mapping[str, str],  # of Franked: "sign-in" and "tickets"
    database: Path,
    *,
    secret: str,  # signs the sessions
    staff: str,  # the staff's page is /staff/ and this
    now: site.Clock = lambda: datetime.now(UTC),
    url: str = "http://127.0.0.1:8500",  # where people find it
    requests_a_minute: int = 120,
    every: float = 10.0,  # seconds: what Franked could not be told is told again
) -> Litestar:
    def connect(session: site.Session) -> Mapping[str, object]:
        sign_in, of_tickets = (Franked(franked_url, keys[name], session, as_header) for name in ("sign-in", "tickets"))
        desk = Desk(of_tickets, own, members, record.remember, every)
        return {"door": Door(sign_in, record.remember), "desk": desk, **known}

    record = Database(database, SCHEMA)
    own, members = Tickets(record, now), Accounts(record, now)
    known = {
        "directory": Directory(record),
        "tickets": own,
        "accounts": members,
        "sessions": Sessions(record, secret, now),
        "staff": staff,
        "site": url,
    }
    handlers = [home, sign_in_page, sign_in, join, code, sign_out, tickets_page, submit, staff_page, decide]
    pages = Router("/", route_handlers=handlers, middleware=[traced])
    return site.site([pages], PAGES, now, Visit, connect, requests_a_minute, beside=_rounds)


async def _rounds(state: State) -> None:
    desk: Desk = state.desk
    await desk.keep_bringing()


def main() -> None:
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[to_stderr])
    given = os.environ
    app = create_app(
        given.get("FRANKED_URL", "http://127.0.0.1:8025"),
        {"sign-in": given["ACTIVITIES_SIGN_IN_KEY"], "tickets": given["ACTIVITIES_TICKETS_KEY"]},
        Path(given.get("ACTIVITIES_DATABASE", "activities.db")),
        secret=given["ACTIVITIES_SECRET"],
        staff=given["ACTIVITIES_STAFF"],
        url=given.get("ACTIVITIES_URL", "http://127.0.0.1:8500").rstrip("/"),
    )
    uvicorn.run(app, host="127.0.0.1", port=8500, access_log=False, log_config=None)  # it would have the staff's path


if __name__ == "__main__":
    main()
