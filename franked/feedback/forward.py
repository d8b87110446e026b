"""The owner's applications are told: from a queue of their own, which nobody who sends or settles waits for."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from franked.formats import webhook
from franked.ports import Post, Posted, World
from franked.rules.webhook import KEPT, LEASE, Answer, Called, Endpoint, Notice, Turn, answer_of, due_after

FORGOTTEN_AT_ONCE = 200
REPLAYED_AT_ONCE = 1000


async def forward(endpoint: Endpoint, world: World) -> None:
    """All that is due, a few at a time, until one fails. Raises StoreUnavailable: what was told may be told again."""
    while await _is_due(endpoint, world):
        notices = await world.store.take_notices(endpoint.name, world.now() + LEASE)
        called = await asyncio.gather(*(_call(notice, endpoint, world) for notice in notices))
        turns = await world.store.finish_notices(called)
        _tell(called, turns, world)
        if any(one.answer is not Answer.TOLD for one in called):
            break  # it rests


async def _is_due(endpoint: Endpoint, world: World) -> bool:
    """Asked beside those who write: a queue in which nothing is due keeps nobody waiting."""
    due = await world.store.next_notice(endpoint.name)
    return due is not None and due <= world.now()


async def _call(notice: Notice, endpoint: Endpoint, world: World) -> Called:
    posted = await _post(notice.id, webhook.body(notice), endpoint, world)
    answer, now = answer_of(posted.status), world.now()
    if answer is Answer.TOLD:
        return Called(notice, answer, now)
    rest = due_after(notice.tries + 1, world.rand())
    return Called(notice, answer, now, now + rest if rest else None, posted.refusal or "")


async def _post(id_: str, content: bytes, endpoint: Endpoint, world: World) -> Posted:
    headers = webhook.headers(id_, world.now(), content, endpoint.secret or ())
    return await world.web.post(Post(endpoint.url, headers, content, endpoint.allow))


def _tell(called: Sequence[Called], turns: Sequence[Turn | None], world: World) -> None:
    """How an endpoint does, when that changes; and each notice that it will never be told."""
    for one, turned in zip(called, turns, strict=True):
        name = one.notice.endpoint
        if turned:
            world.log(f"webhook_{turned.value}", level=_LEVELS[turned], webhook=name, why=one.why or None)
        if one.answer is Answer.FAILED and one.due_at is None:
            world.log("webhook_given_up", level="error", webhook=name, notice=one.notice.id, why=one.why)


_LEVELS = {Turn.FAILING: "warning", Turn.WELL: "info", Turn.DISABLED: "error"}


async def try_out(endpoint: Endpoint, world: World) -> Posted:
    """One call of type `test`, now, whether or not the endpoint is disabled; nothing is tried again."""
    id_ = world.new_id().replace("m_", "w_", 1)
    return await _post(id_, webhook.test_body(endpoint.name, world.now()), endpoint, world)


async def replay(endpoint: Endpoint, since: datetime, world: World) -> int:
    """What was told or given up since then goes again, under its own ids: how many."""
    replayed, after = 0, ""
    while ids := await world.store.replay_notices(endpoint.name, since, after, REPLAYED_AT_ONCE):
        replayed, after = replayed + len(ids), ids[-1]
    return replayed


async def forget_told(world: World) -> int:
    """What is older than a replay reaches goes, a little at a time: how many."""
    forgotten = 0
    while some := await world.store.forget_notices(world.now() - KEPT, FORGOTTEN_AT_ONCE):
        forgotten += some
        await world.sleep(0)
    return forgotten
