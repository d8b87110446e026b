"""The Store port on SQL: each verb goes to whoever writes, or to whoever reads."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from franked.backends.sql import (
    counters,
    find,
    invites,
    keys,
    listing,
    origins,
    pace,
    replay,
    standings,
    suppression_log,
    suppressions,
    templates,
)
from franked.backends.sql.access_shelf import AccessShelf
from franked.backends.sql.add import Answer
from franked.backends.sql.alarm_shelf import AlarmShelf
from franked.backends.sql.canary_shelf import CanaryShelf
from franked.backends.sql.code_shelf import CodeShelf
from franked.backends.sql.consent_shelf import ConsentShelf
from franked.backends.sql.desk import Desk
from franked.backends.sql.factor_shelf import FactorShelf
from franked.backends.sql.lines import Place
from franked.backends.sql.person_shelf import PersonShelf, TicketShelf
from franked.backends.sql.release import Release
from franked.backends.sql.reputation_shelf import ReputationShelf
from franked.backends.sql.review_shelf import ReviewShelf
from franked.backends.sql.rows import ms
from franked.backends.sql.ses_shelf import SesListShelf
from franked.backends.sql.settle import Draw, Settling
from franked.backends.sql.shelf import Reads, Writes
from franked.backends.sql.webhook_shelf import WebhookShelf
from franked.enquiry import (
    BY_EVENT,
    Cancel,
    Enquiry,
    Grounds,
    Lift,
    Page,
    PutBack,
    Stop,
    Stopped,
    Suppressed,
    SuppressionLine,
)
from franked.formats.template import TemplateFiles
from franked.record import (
    ApiKey,
    Busy,
    Candidate,
    Finished,
    Haul,
    Moved,
    PaceStanding,
    Rotation,
    Settled,
    Story,
    Sweep,
    Swept,
    Wish,
)
from franked.rules.event import Event
from franked.rules.invite import Invite
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.origin import Origin
from franked.rules.outcome import Delay, TryLater
from franked.rules.pace import Access, LaneWait
from franked.rules.retention import Past
from franked.rules.suppression import Suppression
from franked.rules.verdict import Facts
from franked.store import StoreUnavailable

__all__ = ["Reads", "SqlStore", "Writes"]


class SqlStore(
    CodeShelf,
    FactorShelf,
    ConsentShelf,
    ReviewShelf,
    PersonShelf,
    TicketShelf,
    ReputationShelf,
    SesListShelf,
    AlarmShelf,
    CanaryShelf,
    WebhookShelf,
    AccessShelf,
):
    """See franked.store for what each verb promises."""

    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        super().__init__(writer, reader, desk)
        self._forsaken: set[asyncio.Task[None]] = set()

    # messages

    async def add(self, candidates: Sequence[Candidate]) -> list[Answer | Busy]:
        return await self._writer.bring(self._verbs.add, candidates, lambda one: Place(one.message.lane, one.size))

    async def take(self, wish: Wish) -> Haul:
        """A worker that goes away while its take is being committed gives back what it never got."""
        hauling = asyncio.ensure_future(self._writer.submit(self._verbs.take, [wish]))
        try:
            [haul] = await asyncio.shield(hauling)
        except asyncio.CancelledError:
            giving_back = asyncio.ensure_future(self._give_back(hauling))
            self._forsaken.add(giving_back)
            giving_back.add_done_callback(self._forsaken.discard)
            raise
        return haul

    async def finish(self, finished: Sequence[Finished]) -> list[Moved]:
        return await self._writer.submit(self._verbs.finish, finished)

    async def sweep(self, sweep: Sweep) -> Swept:
        [swept] = await self._writer.submit(self._verbs.sweep, [sweep])
        return swept

    async def release(
        self, why: str, most: int, scope: frozenset[str] | None = None, versions: frozenset[str] | None = None
    ) -> int:
        [released] = await self._writer.submit(self._verbs.release, [Release(why, most, scope, versions)])
        return released

    async def find(self, ids: Sequence[str]) -> list[Story | None]:
        return await self._read(find.find, ids, self._desk)

    async def enquire(self, which: Enquiry) -> Page:
        return await self._read(listing.page, which)

    async def cancel(self, asked: Sequence[Cancel]) -> list[Moved | None]:
        return await self._writer.submit(self._verbs.cancel, asked)

    async def end_leases(self) -> int:
        [ended] = await self._writer.submit(self._verbs.end_leases, [self._desk.now()])
        return ended

    async def forget(self, past: Past, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget, [(past, most)])
        return forgotten

    async def forget_contents(self, past: Past, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_contents, [(past, most)])
        return forgotten

    async def count_waiting(self) -> Mapping[State, int]:
        return await self._read(find.count_waiting)

    async def check(self) -> None:
        await self._writer.submit(self._verbs.check, [self._desk.now()])

    # what only a person moves on

    async def stopped(self, which: Stopped) -> list[Story]:
        return await self._read(replay.stopped, which, self._desk)

    async def count_stopped(self) -> Mapping[Stop, int]:
        return await self._read(replay.count)

    async def put_back(self, asked: Sequence[PutBack]) -> list[Moved | None]:
        return await self._writer.submit(self._verbs.put_back, asked)

    # the way back

    async def settle(self, events: Sequence[Event], draw: Draw, now: datetime) -> list[Settled]:
        return await self._writer.submit(self._verbs.settle, [Settling(event, draw, ms(now)) for event in events])

    # suppressions

    async def suppress(self, suppressions: Sequence[Suppression], grounds: Grounds = BY_EVENT) -> list[bool]:
        return await self._writer.submit(self._verbs.suppress, [(one, grounds) for one in suppressions])

    async def suppressed(self, address_keys: Sequence[str]) -> list[Suppression | None]:
        found = await self._read(suppressions.standing, address_keys, self._desk.now(), self._desk)
        return [found.get(address_key) for address_key in address_keys]

    async def lift(self, lifts: Sequence[Lift]) -> list[Suppression | None]:
        return await self._writer.submit(self._verbs.lift, lifts)

    async def list_suppressions(self, which: Suppressed) -> list[Suppression]:
        return await self._read(suppressions.page, which, self._desk.now(), self._desk)

    async def list_history(self, after: int, most: int) -> list[SuppressionLine]:
        return await self._read(suppression_log.page, after, most)

    async def count_history(self, begin: datetime, end: datetime) -> Mapping[str, int]:
        return await self._read(suppression_log.count, ms(begin), ms(end))

    # people

    async def import_people(self, imported: Sequence[Origin]) -> list[bool]:
        return await self._writer.submit(self._verbs.import_people, imported)

    async def origins(self, address_keys: Sequence[str]) -> list[Origin | None]:
        return await self._read(origins.find, address_keys)

    async def facts(self, address_keys: Sequence[str]) -> list[Facts]:
        return await self._read(standings.facts, address_keys, self._desk.clock(), self._desk)

    # pace

    async def learn_access(self, access: Access) -> Access | None:
        [before] = await self._writer.submit(self._verbs.learn_access, [access])
        return before

    async def standing(self, now: datetime) -> PaceStanding:
        return await self._read(pace.standing, now)

    async def close_lane(self, lane: Lane, wait: LaneWait) -> None:
        await self._writer.submit(self._verbs.close_lane, [(lane, wait)])

    # invites

    async def keep_invites(self, kept: Sequence[Invite]) -> list[bool]:
        return await self._writer.submit(self._verbs.keep_invites, kept)

    async def find_invites(self, ids: Sequence[str]) -> list[Invite | None]:
        return await self._read(invites.find, ids, self._desk)

    async def forget_invites(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_invites, [(ms(before), most)])
        return forgotten

    # keys, templates, counters

    async def add_keys(self, keys: Sequence[ApiKey]) -> None:
        await self._writer.submit(self._verbs.add_keys, keys)

    async def keys(self) -> list[ApiKey]:
        return await self._read(keys.read)

    async def revoke_keys(self, key_ids: Sequence[str], now: datetime) -> list[bool]:
        return await self._writer.submit(self._verbs.revoke_keys, [(key_id, ms(now)) for key_id in key_ids])

    async def rotate_keys(self, rotations: Sequence[Rotation]) -> list[ApiKey | None]:
        return await self._writer.submit(self._verbs.rotate_keys, rotations)

    async def keep_templates(self, versions: Sequence[tuple[str, str, TemplateFiles]]) -> None:
        await self._writer.submit(self._verbs.keep_templates, versions)

    async def template_files(self, versions: Sequence[str]) -> list[TemplateFiles | None]:
        return await self._read(templates.files, versions)

    async def counters(self) -> Mapping[tuple[str, str], int]:
        return await self._read(counters.read)

    async def close(self) -> None:
        """What waits is still written, what a worker left behind is given back."""
        await asyncio.gather(*self._forsaken, return_exceptions=True)
        await self._writer.close()
        await self._reader.close()

    async def _give_back(self, hauling: "asyncio.Future[list[Haul]]") -> None:
        """No byte of them left this machine. What can't be given back now, the sweep finds."""
        with suppress(StoreUnavailable):
            [haul] = await hauling
            now = self._desk.clock()
            late = TryLater(Delay.LATE, "the worker that asked for it was gone")
            await self.finish([Finished(taken, late, now, now) for taken in haul.taken])
