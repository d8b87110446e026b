"""Why did X not get it: what the record and the account say is put together, and answered in a sentence."""

from collections.abc import Sequence
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.people import checked
from franked.doors.http.whynot_shapes import ToldReason, ToldWhyNot
from franked.enquiry import Enquiry
from franked.ports import World
from franked.record import Spend, Story
from franked.rules.address import Address
from franked.rules.became import MailTold
from franked.rules.canary import sentence
from franked.rules.consent import Statement
from franked.rules.outcome import Delay
from franked.rules.pace import Access
from franked.rules.reasons import LATEST, Known, Reason, Stop, UsedUp, answer
from franked.rules.verdict import Facts

STOPPING = {delay.value for delay in Delay if delay.stops}  # alarms: see rules.trouble
STATEMENTS = 1000  # of one address: more than anybody says


@get("/v1/people/{address:str}/why", summary="Why did they not get it", tags=["people"])
async def get_why_not(request: AnyRequest, address: FromPath[str]) -> ToldWhyNot:
    """One sentence, and below it every reason that the record and the account have, each with the way to mend it."""
    world, person = door_of(request).world, checked(address)
    known = await gathered(person, world)
    found = answer(known)
    path = quote(person.spelled, safe="@")
    return ToldWhyNot(
        address=person.spelled,
        says=found.says,
        reasons=[_told(one) for one in found.reasons],
        ses_list=known.on_ses_list,
        links={"person": f"/v1/people/{path}", "messages": f"/v1/messages?to={quote(person.spelled)}"},
    )


async def gathered(person: Address, world: World) -> Known:
    store, now = world.store, world.now()
    [origin] = await store.origins([person.key])
    [facts] = await store.facts([person.key])
    [listed] = await store.listed_at_ses([person.key])
    page = await store.enquire(Enquiry(address_key=person.key, most=LATEST))
    stories = await store.find([item.id for item in page.items])
    canary, standing = await store.canary(), await store.standing(now)
    return Known(
        to=person,
        now=now,
        is_known=origin is not None,
        mails=[_mail(story) for story in stories if story is not None],
        suppression=facts.suppression,
        at_ses=listed,
        is_compared=(await store.reconcile_stand()).known_to is not None,
        consents=facts.consents,
        statements=await _statements(person, world),
        streams=[stream for stream in world.declared.streams.values() if not stream.built_in],
        used_up=await _used_up(person, world),
        waits=standing.waits,
        stops=await _stops(standing.access, world),
        needs_verifying=_needs_verifying(person, facts),
        needs_canary=sentence(canary, now) if _needs_canary(person, facts) else None,
    )


def _mail(story: Story) -> MailTold:
    return MailTold(
        id=story.id,
        stream=story.stream,
        lane=story.lane,
        state=story.state,
        reason=story.reason,
        accepted_at=story.accepted_at,
        detail=story.attempts[-1].detail if story.attempts else "",
        events=story.events,
    )


async def _statements(person: Address, world: World) -> Sequence[Statement]:
    return [line.statement for line in await world.store.list_consents(0, STATEMENTS, person.key)]


async def _used_up(person: Address, world: World) -> Sequence[UsedUp]:
    limited = [(one.name, one.per_recipient) for one in world.declared.streams.values() if one.per_recipient]
    asked = [Spend(f"{name}|{person.mailbox}", limit) for name, limit in limited]
    ends = await world.store.used_up(asked, world.now())
    return [UsedUp(name, limit, end) for (name, limit), end in zip(limited, ends, strict=True) if end is not None]


async def _stops(access: Access | None, world: World) -> Sequence[Stop]:
    """An account that is known to be paused is not even called, so that no call would open its alarm."""
    alarms = [alarm for alarm in await world.store.alarms() if alarm.key.partition(".")[0] in STOPPING]
    found = [Stop(alarm.text, alarm.opened_at, alarm.key.partition(".")[2]) for alarm in alarms]
    if not found and access is not None and not access.sending_enabled:
        found = [Stop("all mail waits: SES sends nothing for this account", access.read_at)]
    return found


def _needs_verifying(person: Address, facts: Facts) -> bool:
    return facts.in_sandbox and not person.is_simulator and not {person.key, person.domain} & facts.verified


def _needs_canary(person: Address, facts: Facts) -> bool:
    return facts.first_contact and not facts.loop_proven and not person.is_simulator


def _told(one: Reason) -> ToldReason:
    return ToldReason(one.what, one.at, one.says, one.way_out, one.stream, one.message)
