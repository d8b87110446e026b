"""What is stored costs nothing: no verb walks through a table that grows with every mail."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from franked.rules import reconcile
from franked.rules.address import Address
from franked.rules.at_ses import Listed, Put, Reason, begun, listing
from franked.rules.consent import EVERY, Asked, Confirmation, Evidence, Statement, Step
from franked.rules.event import Kind
from franked.rules.outcome import Refused, Unknown
from franked.rules.reconcile import Called, Due
from franked.rules.retention import Past
from tests.contract.conftest import Post, Sqlite

BACKENDS = ("sqlite",)
GROWS = {"messages", "attempts", "ledger", "events", "settlements", "idempotency", "origins", "suppression_log"}
GROWS |= {"ses_listed", "ses_calls", "ses_conflicts"}
GROWS |= {"consents", "consent_log", "consents_asked"}
WAITS = {"messages_dead", "messages_due", "messages_held", "messages_leased", "messages_expiring"}  # and no other mail

Statements = dict[str, Any]


@pytest.fixture
def asked() -> Iterator[Statements]:
    """Every statement that any engine is given, with one set of its values."""
    statements: Statements = {}

    def keep(_conn: object, _cursor: object, statement: str, values: Any, _context: object, many: bool) -> None:
        statements[statement] = values[0] if many else values

    event.listen(Engine, "before_cursor_execute", keep)
    yield statements
    event.remove(Engine, "before_cursor_execute", keep)


async def everything(post: Post) -> None:
    for name in ("ana", "bo"):
        taken = await post.sent(f"{name}@example.net", f"ses-{name}", key=f"order-{name}")
        await post.settle(post.event(Kind.SEND, taken), post.event(Kind.DELIVERY, taken))
        await post.settle(post.bounce(taken, bounce_type=None), post.bounce(taken))
        await post.story(taken)
    await post.settle(post.bounce(ses_id="not-ours", recipient="zoe@example.net"))
    await post.finish(await post.one_taken("cy@example.net"), Refused("bad_request", "no"))
    await post.finish(await post.one_taken("di@example.net"), Unknown("timed out"))
    await post.added("eve@example.net")
    await post.sweep()
    await post.store.release("sandbox", 100)
    await post.store.count_waiting()
    await post.store.count_stopped()
    await post.store.facts(["ana@example.net"])
    await post.store.origins(["ana@example.net"])
    await consenting(post)
    await comparing(post)
    post.clock.forward(days=200)
    past = Past({}, post.clock() - timedelta(days=180))
    await post.store.forget_contents(past, 100)
    assert await post.store.forget(past, 100) > 0


async def consenting(post: Post) -> None:
    said = Statement(Address.of_spelled("ana@example.net"), "news", Step.ASKED, post.clock(), Evidence("test"))
    await post.store.ask_consent([Asked(b"1" * 32, said, post.clock() + timedelta(hours=1))])
    await post.store.asked_consent([b"1" * 32])
    await post.store.confirm_consent([Confirmation(b"1" * 32, post.clock(), "", "", "test")])
    await post.store.state([replace(said, step=Step.LEFT, topic=EVERY)])
    await post.store.consents(["ana@example.net"])
    await post.store.agreed("news", "", 10)
    await post.store.count_agreed("news")
    await post.store.list_consents(0, 10)
    await post.store.list_consents(0, 10, "ana@example.net")
    await post.store.forget_asked(post.clock() + timedelta(hours=2), 10)


async def comparing(post: Post) -> None:
    listed = [Listed(f"{name}@example.net", Reason.BOUNCE, post.clock()) for name in ("Ana", "Fay")]
    due = Due(Put("eve@example.net", Reason.BOUNCE), "eve@example.net", post.clock())
    step = reconcile.Step(0, listing(begun(await post.store.reconcile_stand(), post.clock()), post.clock()))
    for one in (
        replace(step, listed=listed, keys=["eve@example.net"]),
        replace(step, stand=replace(step.stand, number=2), gone_most=10),
        replace(step, called=Called(due, "no")),
        replace(step, called=Called(due)),
    ):
        version = (await post.store.reconcile_stand()).version
        [stepped] = await post.store.reconcile([replace(one, before=version)])
        assert stepped
    await post.store.next_ses_call(may_put=True)
    await post.store.ses_conflicts(("", ""), 10)
    await post.store.ask_reconcile(post.clock())
    await post.store.trails("", 10, post.clock())


async def test_no_verb_walks_through_what_is_stored(backend: Sqlite, asked: Statements, post: Post) -> None:
    asked.clear()
    await everything(post)
    with closing(sqlite3.connect(backend.file)) as db:
        plans = {
            statement: [line[3] for line in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in asked.items()
            if re.match(r"SELECT|UPDATE|DELETE|INSERT", statement)
        }
    assert len(plans) > 40
    assert {statement: plan for statement, plan in plans.items() if any(map(walks, plan))} == {}


def walks(step: str) -> bool:
    """`SCAN messages`: all of it, or of an index that holds more than what still waits."""
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    return found is not None and found[1] in GROWS and found[2] not in WAITS


def test_a_walk_is_told_from_a_look() -> None:
    assert walks("SCAN messages")
    assert walks("SCAN events USING INDEX events_pending")
    assert walks("SCAN messages USING COVERING INDEX messages_of_address")
    assert not walks("SCAN messages USING INDEX messages_dead")
    assert not walks("SEARCH messages USING INDEX messages_due (lane=? AND due_at<?)")
    assert not walks("SCAN bucket")
