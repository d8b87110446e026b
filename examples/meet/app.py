"""meet's pages: make a poll, vote, pick a slot, move or call off the meeting."""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import uvicorn
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Template

from ..common import site
from ..common.franked import Franked, NotReached, Refused
from ..common.site import Form, Wrong, email, line
from .outgoing import Outgoing
from .polls import Poll, Polls, Vote, Voter, new_id, new_secret

PAGES = Path(__file__).parent / "pages"
MOST_SLOTS = 6
FURTHEST = timedelta(days=365)


class Visit(site.Visit):
    @property
    def polls(self) -> Polls:
        return cast(Polls, self.app.state.polls)

    @property
    def outgoing(self) -> Outgoing:
        return cast(Outgoing, self.app.state.outgoing)

    def poll(self) -> Poll:
        found = self.polls.find(self.path_params["poll"])
        if found is None:
            raise NotFoundException("There is no such poll.")
        return found

    def creators_poll(self) -> Poll:
        found = self.poll()
        if not found.is_creators(self.path_params["secret"]):
            raise NotFoundException("There is no such poll.")
        return found


# --- make a poll ------------------------------------------------------------------------------------------------------


@get("/")
async def home() -> Template:
    return _make()


@post("/", status_code=200)
async def make(request: Visit) -> Template | Redirect:
    form = await request.filled()
    try:
        poll, slots = _read(form, request.now())
    except Wrong as wrong:
        return _make(form, str(wrong))
    request.polls.make(poll, slots)
    return Redirect(f"/c/{poll.id}/{poll.secret}", status_code=303)


def _make(form: Form | None = None, error: str = "") -> Template:
    shown = {"form": form or {"zone": "UTC", "minutes": "30"}, "error": error, "most": MOST_SLOTS}
    return Template("make.html", context=shown, status_code=422 if error else 200)


def _read(form: Form, now: datetime) -> tuple[Poll, list[datetime]]:
    title, name = line(form, "title"), line(form, "name", 80)
    try:
        zone, minutes = ZoneInfo(form.get("zone", "")), int(form.get("minutes", ""))
        slots = [datetime.fromisoformat(form[key]).replace(tzinfo=zone) for key in _slot_names() if form.get(key)]
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise Wrong("Please give the slots as dates and times, and a time zone such as Europe/Zurich.") from None
    if not slots or min(slots) <= now or max(slots) > now + FURTHEST:
        raise Wrong("Please give at least one slot, each between now and a year from now.")
    if not 5 <= minutes <= 24 * 60:
        raise Wrong("A meeting takes from 5 minutes to a day.")
    place, description = form.get("place", "")[:200], form.get("description", "")[:2000]
    poll = Poll(
        *(new_id(), new_secret(), title, " ".join(place.split()), description, name, email(form)),
        *(zone.key, minutes, now),
    )
    return poll, [slot.astimezone(UTC) for slot in slots]


def _slot_names() -> list[str]:
    return [f"slot{number}" for number in range(MOST_SLOTS)]


# --- vote -------------------------------------------------------------------------------------------------------------


@get("/p/{poll:str}")
async def vote_page(request: Visit) -> Template:
    return _vote(request, request.poll())


@post("/p/{poll:str}", status_code=200)
async def vote(request: Visit) -> Template:
    poll, form = request.poll(), await request.filled()
    if poll.chosen or poll.called_off:
        return _vote(request, poll, form)
    try:
        voter = Voter(line(form, "name", 80), email(form), _votes(form, request.polls.slots(poll)))
    except Wrong as wrong:
        return _vote(request, poll, form, error=str(wrong))
    request.polls.vote(poll, voter)
    return _vote(
        request, poll, note="Thank you. If your time is picked, you get one invite by email, and nothing else."
    )


def _votes(form: Form, slots: list[datetime]) -> dict[datetime, Vote]:
    try:
        return {slot: Vote(form.get(f"vote{number}", Vote.NO)) for number, slot in enumerate(slots)}
    except ValueError:
        raise Wrong("A vote is yes, maybe or no.") from None


def _vote(request: Visit, poll: Poll, form: Form | None = None, note: str = "", error: str = "") -> Template:
    shown = {"poll": poll, "slots": request.polls.slots(poll), "form": form or {}, "note": note, "error": error}
    return Template("vote.html", context=shown, status_code=422 if error else 200)


# --- pick, move, call off ---------------------------------------------------------------------------------------------


@get("/c/{poll:str}/{secret:str}")
async def creators_page(request: Visit) -> Template:
    return await _creator(request, request.creators_poll())


@post("/c/{poll:str}/{secret:str}/choose", status_code=200)
async def choose(request: Visit) -> Template:
    """The invites go out now, and only now; picking another slot later moves the meeting."""
    poll, form = request.creators_poll(), await request.filled()
    slots = request.polls.slots(poll)
    number = form.get("slot", "")
    if not number.isdecimal() or int(number) >= len(slots):
        return await _creator(request, poll, error="Please pick one of the slots.")
    start = slots[int(number)]
    if start <= request.now():
        return await _creator(request, poll, error="That slot has passed: nobody is invited to it.")
    if not request.polls.invited(poll, start):
        return await _creator(request, poll, error="Nobody can come then.")
    return await _send(request, request.polls.choose(poll, start))


@post("/c/{poll:str}/{secret:str}/send", status_code=200)
async def send_again(request: Visit) -> Template:
    """After Franked could not be reached. What went out already is not sent twice."""
    return await _send(request, request.creators_poll())


@post("/c/{poll:str}/{secret:str}/cancel", status_code=200)
async def cancel(request: Visit) -> Template:
    return await _send(request, request.polls.call_off(request.creators_poll()))


async def _send(request: Visit, poll: Poll) -> Template:
    """Brings Franked to where the poll stands."""
    try:
        if poll.chosen:
            voters = request.polls.invited(poll, poll.chosen)
            if poll.invite is None and not poll.called_off:
                poll = request.polls.remember(poll, await request.outgoing.invite(poll, voters))
            elif poll.invite and poll.called_off:
                await request.outgoing.call_off(poll)
            elif poll.invite:
                await request.outgoing.move(poll, voters)
    except (NotReached, Refused):
        return await _creator(
            request, poll, error="The mails are not out yet. Please try again in a minute.", again=True
        )
    return await _creator(request, poll, note="Done. Whoever can come has mail.")


async def _creator(request: Visit, poll: Poll, note: str = "", error: str = "", again: bool = False) -> Template:
    attendees: list[dict[str, Any]] = []
    if poll.invite:
        try:
            attendees = (await request.outgoing.standing(poll))["attendees"]
        except (NotReached, Refused):
            error = error or "Who has answered can't be told just now."
    shown = {
        "poll": poll,
        "slots": request.polls.slots(poll),
        "voters": request.polls.voters(poll),
        "attendees": attendees,
        "site": request.app.state.site,
        "note": note,
        "error": error,
        "again": again,
    }
    return Template("creator.html", context=shown, status_code=422 if error and not again else 200)


# --- put together -----------------------------------------------------------------------------------------------------


def create_app(
    franked_url: str,
    key: str,
    database: Path,
    now: site.Clock = lambda: datetime.now(UTC),
    url: str = "http://127.0.0.1:8200",  # where people find it
    requests_a_minute: int = 120,
) -> Litestar:
    def connect(session: site.Session) -> Mapping[str, object]:
        franked = Franked(franked_url, key, session)
        return {"polls": polls, "site": url, "outgoing": Outgoing(franked, url, polls.database.remember)}

    polls = Polls(database, now)
    handlers = [home, make, vote_page, vote, creators_page, choose, send_again, cancel]
    return site.site(handlers, PAGES, now, Visit, connect, requests_a_minute)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    url = os.environ.get("MEET_URL", "http://127.0.0.1:8200").rstrip("/")
    database = Path(os.environ.get("MEET_DATABASE", "meet.db"))
    franked = os.environ.get("FRANKED_URL", "http://127.0.0.1:8025")
    app = create_app(franked, os.environ["FRANKED_KEY"], database, url=url)
    uvicorn.run(app, host="127.0.0.1", port=8200, access_log=False)  # the creator's link would be in it


if __name__ == "__main__":
    main()
