"""SES's list and ours are kept the same: a step at a time, at most one call a second, from where the record says.

Whoever is killed between a call and its step makes the call again, which changes nothing: a put is a put, and what is
gone is gone.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from franked.enquiry import Suppressed, SuppressionLine
from franked.ports import Leaf, ListThrottled, ListUnreachable, NoPut, SuppressionList, World
from franked.rules.at_ses import (
    LIST_EVERY,
    Account,
    AtSes,
    Listed,
    Phase,
    Put,
    Reason,
    Stand,
    begun,
    ended,
    is_due,
    listed,
    listed_again,
    listing,
)
from franked.rules.person import is_erased
from franked.rules.reconcile import OF_SES, SOURCE, Called, Due, Step, Stepped, is_of_ses

AT_ONCE = 250  # addresses that are decided in one transaction: mail goes first
OUT_OF_SYNC = "suppression_out_of_sync"  # the alarm that an echo of SES's list opens
LIFTED = "lifted"

Act = Callable[[Stand], Awaitable[bool]]


async def reconcile(world: World) -> None:
    """As far as it goes without waiting: up to one call. Raises StoreUnavailable; the next one goes on from there."""
    ses = world.suppression_list
    if ses is None or world.declared.at_ses is AtSes.OFF:
        return
    while await _step(await world.store.reconcile_stand(), ses, world):
        pass


async def _step(stand: Stand, ses: SuppressionList, world: World) -> bool:
    """Whether there may be more to do at once."""
    match stand.phase:
        case Phase.IDLE:
            return await _start(stand, world) or await _call_next(stand, ses, world)
        case Phase.ACCOUNT:
            return await _calling(stand, world, lambda now: _look_at_account(now, ses, world))
        case Phase.LISTING:
            return await _calling(stand, world, lambda now: _list(now, ses, world))
        case Phase.GONE:
            return await _forget_gone(stand, world)
        case Phase.OURS:
            return await _look_at_ours(stand, world)
        case Phase.CHANGES:
            return await _look_at_changes(stand, world)


# what begins


async def _start(stand: Stand, world: World) -> bool:
    """A whole round, or a look at what changed on our list."""
    now = world.now()
    if lines := await world.store.list_history(stand.lifts_line, AT_ONCE):
        return await _read(lines, stand, world)
    if is_due(stand, await world.store.reconcile_asked_at(), now):
        world.log("reconciling")
        return bool(await _take(begun(stand, now), world))
    if stand.added_line < stand.lifts_line and stand.may_call(now) and _is_time_to_list(stand, world):
        return bool(await _take(listing(stand, now), world))
    return False


def _is_time_to_list(stand: Stand, world: World) -> bool:
    """SES adds hard bounces and complaints by itself, in the spelling that the mail had: that is looked at first."""
    return stand.known_to is None or world.now() - stand.known_to >= LIST_EVERY


async def _read(lines: Sequence[SuppressionLine], stand: Stand, world: World) -> bool:
    """Our list's history: what a person lifted goes from SES's list at once."""
    lifted = [line.address_key for line in lines if line.what == LIFTED and line.type in OF_SES]
    had_all = stand.added_line == stand.lifts_line and not any(map(_was_added, lines))
    end = lines[-1].line
    after = replace(stand, lifts_line=end, added_line=end if had_all else stand.added_line)
    return bool(await _take(after, world, keys=lifted))


def _was_added(line: SuppressionLine) -> bool:
    return line.what != LIFTED and line.type in OF_SES and line.by != SOURCE


# what SES is asked


async def _calling(stand: Stand, world: World, act: Act) -> bool:
    """One call, if its second has come. That it is made is recorded first: whoever else works here waits as long."""
    now = world.now()
    if not stand.may_call(now):
        return False
    claimed = await _take(stand.calling(now), world)
    if claimed is None:
        return False
    try:
        return await act(claimed.stand)
    except ListThrottled as error:
        await _take(claimed.stand.failed(str(error), world.now(), throttled=True), world)
    except ListUnreachable as error:
        if not stand.trouble:
            world.log("ses_list_unreachable", level="warning", why=str(error))
        await _take(claimed.stand.failed(str(error), world.now()), world)
    return False


async def _look_at_account(stand: Stand, ses: SuppressionList, world: World) -> bool:
    """First the account, then each configuration set: by this a sender can be outside of the list and not know it."""
    sets = sorted(set(world.declared.configuration_sets.values()))
    if stand.account is None or stand.step == 0:
        account = Account(await ses.reasons())
        if not account.is_on and world.declared.at_ses is AtSes.SWITCH_ON:
            return await _went_on(replace(stand, account=account, step=1), world)
    elif stand.step == 1:
        await ses.switch_on()
        world.log("ses_list_switched_on", level="warning", was=sorted(stand.account.reasons))
        account = Account(frozenset(reason.value for reason in Reason))
    else:
        name = sets[stand.step - 2]
        honoured = await ses.honoured_by(name)
        is_open = honoured is not None and not honoured
        account = replace(stand.account, open_sets=(*stand.account.open_sets, *([name] if is_open else [])))
    step = max(stand.step + 1, 2)
    looked = replace(stand, account=account, step=step)
    return await _went_on(looked if step - 2 < len(sets) else listing(looked, world.now()), world)


async def _list(stand: Stand, ses: SuppressionList, world: World) -> bool:
    leaf = await ses.page(stand.since, stand.token)
    if leaf is None:
        again = listed_again(stand)
        if again is None:
            raise ListUnreachable("SES forgets at each page where its list was left off")
        return await _went_on(again, world)
    return await _learn(leaf, stand, world)


async def _learn(leaf: Leaf, stand: Stand, world: World) -> bool:
    """A slice at a time; with the last one it is said that the page was read."""
    slices = [leaf.listed[start : start + AT_ONCE] for start in range(0, len(leaf.listed), AT_ONCE)] or [()]
    at = stand.answered()
    for some in slices[:-1]:
        stepped = await _take(_counted(at, some), world, listed=some)
        if stepped is None:
            return False
        at = stepped.stand
    last = _counted(at, slices[-1])
    after = replace(last, token=leaf.token) if leaf.token else listed(last)
    return bool(await _take(after, world, listed=slices[-1]))


def _counted(stand: Stand, some: Sequence[Listed]) -> Stand:
    return replace(stand, figures=stand.figures.plus(listed=len(some)))


async def _call_next(stand: Stand, ses: SuppressionList, world: World) -> bool:
    """In the sandbox SES lets nobody put anything on its list: that waits."""
    if not stand.may_call(world.now()):
        return False
    access = (await world.store.standing(world.now())).access
    due = await world.store.next_ses_call(may_put=access is not None and access.production)
    return due is not None and await _calling(stand, world, lambda now: _call(due, now, ses, world))


async def _call(due: Due, stand: Stand, ses: SuppressionList, world: World) -> bool:
    figures, refused = stand.figures, ""
    if isinstance(due.call, Put):
        answer = await ses.put(due.call.spelled, due.call.reason)
        refused = answer.why if isinstance(answer, NoPut) else ""
        figures = figures.plus(refused=1) if refused else figures.plus(put=1)
    else:
        await ses.remove(due.call.spelled)
        figures = figures.plus(removed=1)
    after = replace(stand.answered(), figures=figures)
    return bool(await _take(after, world, called=Called(due, refused)))


# what needs nobody


async def _forget_gone(stand: Stand, world: World) -> bool:
    stepped = await _take(stand, world, gone_most=AT_ONCE)
    if stepped is None or stepped.gone == AT_ONCE:
        return stepped is not None
    return bool(await _take(replace(stepped.stand, phase=Phase.OURS, after=""), world))


async def _look_at_ours(stand: Stand, world: World) -> bool:
    key, _, scope = stand.after.rpartition(" ")
    page = await world.store.list_suppressions(Suppressed((key, scope), AT_ONCE))
    ours = [one.address_key for one in page if is_of_ses(one) and not is_erased(one.address_key)]
    looked = replace(stand, figures=stand.figures.plus(looked_at=len(ours)))
    if len(page) == AT_ONCE:
        after = replace(looked, after=f"{page[-1].address_key} {page[-1].scope}")
        return bool(await _take(after, world, keys=ours))
    stepped = await _take(ended(looked, world.now()), world, keys=ours)
    if stepped:
        await _tell(stepped.stand, world)
    return bool(stepped)


async def _tell(stand: Stand, world: World) -> None:
    await world.store.close_alarms([OUT_OF_SYNC])
    waiting = await world.store.count_ses_calls()
    access = (await world.store.standing(world.now())).access
    figures = stand.figures
    known = {"listed": figures.listed, "taken": figures.taken, "looked_at": figures.looked_at}
    world.log("reconciled", **known, to_put=waiting["put"], to_remove=waiting["remove"])
    if waiting["put"] and not (access and access.production):
        world.log("ses_list_deferred", to_put=waiting["put"], why="in the sandbox SES takes nothing onto its list")


async def _look_at_changes(stand: Stand, world: World) -> bool:
    lines = await world.store.list_history(stand.added_line, AT_ONCE)
    added = [line.address_key for line in lines if _was_added(line) and not is_erased(line.address_key)]
    if len(lines) == AT_ONCE:
        return bool(await _take(replace(stand, added_line=lines[-1].line), world, keys=added))
    return bool(await _take(replace(stand, phase=Phase.IDLE, added_line=stand.lifts_line), world, keys=added))


# steps


async def _went_on(stand: Stand, world: World) -> bool:
    return bool(await _take(stand.answered(), world))


async def _take(
    after: Stand,
    world: World,
    listed: Sequence[Listed] = (),
    keys: Sequence[str] = (),
    called: Called | None = None,
    gone_most: int = 0,
) -> Stepped | None:
    """None: somebody else took a step since."""
    step = Step(after.version, after, listed=listed, keys=keys, called=called, gone_most=gone_most)
    [stepped] = await world.store.reconcile([step])
    return stepped
