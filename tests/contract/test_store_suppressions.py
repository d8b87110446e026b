"""The list of those who must not be mailed: page by page, taken off by a person, and its history."""

from datetime import timedelta
from pathlib import Path

import pytest

from franked.backends.sql import suppressions
from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate
from franked.enquiry import Grounds, Lift, Suppressed
from franked.rules.message import State
from franked.rules.suppression import Suppression, Why
from franked.store import Store
from tests.contract.conftest import Post

BY_ANN = Grounds("ann", "asked by phone")


async def listed(store: Store, **more: object) -> list[str]:
    return [one.address_key for one in await store.list_suppressions(Suppressed(**more))]  # type: ignore[arg-type]  # as given


async def history(store: Store) -> list[tuple[str, str, str, str, str]]:
    return [
        (line.what, line.address_key, line.type.value, line.by, line.why) for line in await store.list_history(0, 1000)
    ]


def blocked(post: Post, *names: str, why: Why = Why.MANUAL, **more: object) -> list[Suppression]:
    return [Suppression(f"{name}@example.net", why, post.clock(), **more) for name in names]  # type: ignore[arg-type]  # as given


async def test_who_is_lifted_is_mailed_again(post: Post) -> None:  # D4
    [hard] = blocked(post, "ana", why=Why.HARD_BOUNCE, source="event 1")
    await post.store.suppress([hard])
    [dropped] = await post.added()
    assert await post.state(dropped) is State.DROPPED
    assert await post.store.lift([Lift("ana@example.net", "ann", "the mailbox is back")]) == [hard]
    assert await post.store.suppressed(["ana@example.net"]) == [None]
    [queued] = await post.added()
    assert await post.state(queued) is State.QUEUED


async def test_a_batch_lifts_what_stands_and_says_so_of_each(post: Post) -> None:
    [ana], [rest] = blocked(post, "ana"), blocked(post, "ben", until=post.clock() + timedelta(days=1))
    await post.store.suppress([ana, rest, *blocked(post, "cy", scope="digests")])
    post.clock.forward(days=2)
    lifts = [Lift(f"{name}@example.net", "ann", "x") for name in ("ana", "ana", "ben", "cy", "nobody")]
    assert await post.store.lift(lifts) == [ana, None, None, None, None]
    assert await post.store.lift([Lift("cy@example.net", "ann", "x", "digests")]) != [None]
    assert [line[:2] for line in await history(post.store)][3:] == [
        ("lifted", "ana@example.net"),
        ("lifted", "cy@example.net"),
    ]
    assert await post.store.lift([]) == []


async def test_the_history_keeps_what_came_and_went_on_whose_word(post: Post) -> None:  # D4
    ana = "ana@example.net"
    await post.store.suppress(blocked(post, "ana"), BY_ANN)
    await post.store.suppress(blocked(post, "ana", why=Why.COMPLAINT, source="event 2"))
    await post.store.suppress(blocked(post, "ana"), BY_ANN)
    await post.store.lift([Lift(ana, "ben", "a mistake")])
    await post.store.lift([Lift(ana, "ben", "a mistake")])
    await post.store.suppress(blocked(post, "ana", source="import by ann: old list"), Grounds("ann", imported=True))
    assert await history(post.store) == [
        ("added", ana, "manual", "ann", "asked by phone"),
        ("replaced", ana, "complaint", "event", ""),
        ("lifted", ana, "complaint", "ben", "a mistake"),
        ("imported", ana, "manual", "ann", ""),
    ]
    lines = await post.store.list_history(0, 3)
    assert [line.source for line in lines] == ["", "event 2", "event 2"]
    assert {line.at for line in lines} == {post.clock()}
    assert [line.what for line in await post.store.list_history(lines[-1].line, 3)] == ["imported"]


async def test_what_ended_is_not_replaced_but_added_anew(post: Post) -> None:
    await post.store.suppress(blocked(post, "ana", until=post.clock() + timedelta(days=1)))
    post.clock.forward(days=1)
    assert await listed(post.store) == []
    await post.store.suppress(blocked(post, "ana"))
    assert [line[0] for line in await history(post.store)] == ["added", "added"]


async def test_a_bounce_is_in_the_history_once_however_often_it_comes(post: Post) -> None:  # D4
    taken = await post.sent()
    bounce = post.bounce(taken)
    await post.settle(bounce, bounce)
    await post.settle(bounce)
    [line] = await post.store.list_history(0, 10)
    assert (line.what, line.type, line.by) == ("added", Why.HARD_BOUNCE, "event")
    assert "ses-1" in line.source


async def test_pages_go_by_address_and_hold_only_what_is_in_force(post: Post) -> None:
    new = blocked(post, "di", "ana", "cy") + blocked(post, "ben", until=post.clock() + timedelta(hours=1))
    new += blocked(post, "cy", scope="digests")
    await post.store.suppress(new)
    first = await post.store.list_suppressions(Suppressed(most=3))
    assert [(one.address_key[:2], one.scope) for one in first] == [("an", "*"), ("be", "*"), ("cy", "*")]
    rest = await post.store.list_suppressions(Suppressed((first[-1].address_key, first[-1].scope), 3))
    assert [(one.address_key[:2], one.scope) for one in rest] == [("cy", "digests"), ("di", "*")]
    post.clock.forward(hours=1)
    assert await listed(post.store, most=2) == ["ana@example.net", "cy@example.net"]


async def test_a_page_can_be_of_one_reason_or_one_address(post: Post) -> None:
    await post.store.suppress(blocked(post, "ana", "ben") + blocked(post, "cy", why=Why.COMPLAINT))
    assert await listed(post.store, why=Why.COMPLAINT) == ["cy@example.net"]
    assert await listed(post.store, address_key="ben@example.net") == ["ben@example.net"]
    assert await listed(post.store, address_key="ben@example.net", why=Why.COMPLAINT) == []
    assert await listed(post.store, address_key="ben@example.net", after=("ben@example.net", "*")) == []


def test_a_page_is_found_by_the_key_without_sorting(tmp_path: Path) -> None:
    engine = writing(url_of(tmp_path / "a.db"))
    migrate(engine)
    asked = str(suppressions._PAGE.compile(engine))
    with engine.begin() as conn:
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all()
    engine.dispose()
    assert any("PRIMARY KEY" in step.detail for step in plan), plan
    assert not any("TEMP B-TREE" in step.detail for step in plan)


@pytest.mark.parametrize("most", [1, 2, 7])
async def test_every_page_size_shows_each_address_once(post: Post, most: int) -> None:
    await post.store.suppress(blocked(post, *(f"p{n:02}" for n in range(13))))
    seen: list[str] = []
    after = "", ""
    while page := await post.store.list_suppressions(Suppressed(after, most)):
        seen += [one.address_key for one in page]
        after = page[-1].address_key, page[-1].scope
    assert seen == [f"p{n:02}@example.net" for n in range(13)]
