"""What the small shelves promise: suppressions, keys, templates, alarms, counters."""

from datetime import timedelta

from franked.record import Alarm, ApiKey
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Caller
from tests.contract.conftest import Post


async def test_a_weaker_reason_never_overwrites_a_stronger_one(post: Post) -> None:  # D4
    now = post.clock()
    complaint = Suppression("ana@example.net", Why.COMPLAINT, now, source="event 1")
    rest = Suppression("ana@example.net", Why.SOFT_BOUNCES, now, now + timedelta(days=30))
    erased = Suppression("ana@example.net", Why.ERASED, now, source="the person")
    assert await post.store.suppress([complaint, rest]) == [True, False]
    assert await post.store.suppress([rest]) == [False]
    assert await post.store.suppressed(["ana@example.net"]) == [complaint]
    assert await post.store.suppress([erased]) == [True]
    assert await post.store.suppressed(["ana@example.net"]) == [erased]


async def test_a_rest_may_be_prolonged_and_an_ended_one_replaced(post: Post) -> None:
    now = post.clock()
    short = Suppression("ana@example.net", Why.SOFT_BOUNCES, now, now + timedelta(days=1))
    long = Suppression("ana@example.net", Why.SOFT_BOUNCES, now, now + timedelta(days=30))
    assert await post.store.suppress([short]) == [True]
    assert await post.store.suppress([long, short]) == [True, False]
    post.clock.forward(days=31)
    assert await post.store.suppressed(["ana@example.net"]) == [None]
    again = Suppression("ana@example.net", Why.SOFT_BOUNCES, post.clock(), post.clock() + timedelta(days=1))
    assert await post.store.suppress([again]) == [True]


async def test_hundreds_of_addresses_are_answered_in_the_order_asked(post: Post) -> None:
    keys = [f"p{n}@example.net" for n in range(1500)]
    await post.store.suppress([Suppression(key, Why.MANUAL, post.clock()) for key in keys[::3]])
    found = await post.store.suppressed(keys)
    assert [one is not None for one in found] == [n % 3 == 0 for n in range(1500)]
    assert await post.store.suppressed([]) == []


def key(key_id: str, post: Post, **more: frozenset[str]) -> ApiKey:
    return ApiKey(Caller(key_id, f"key of {key_id}", **more), digest=bytes(32), created_at=post.clock())


async def test_a_key_is_kept_with_its_rights_and_without_its_secret(post: Post) -> None:  # E4
    plain = key("aaaaaaaa", post)
    narrow = key("bbbbbbbb", post, streams=frozenset({"receipt"}), senders=frozenset({"shop@example.com"}))
    await post.store.add_keys([narrow, plain])
    assert await post.store.keys() == [plain, narrow]


async def test_a_key_is_revoked_once(post: Post) -> None:
    await post.store.add_keys([key("aaaaaaaa", post), key("bbbbbbbb", post)])
    later = post.clock.forward(hours=1)
    assert await post.store.revoke_keys(["aaaaaaaa", "nobody"], later) == [True, False]
    assert await post.store.revoke_keys(["aaaaaaaa"], post.clock.forward(hours=1)) == [False]
    assert [one.revoked_at for one in await post.store.keys()] == [later, None]


async def test_a_template_version_stays_as_it_was_kept(post: Post) -> None:
    files = {"en.html": "<p>Hello ☀</p>", "de.txt": "Guten Tag"}
    await post.store.keep_templates([("receipt", "v1", files), ("code", "v2", {})])
    await post.store.keep_templates([("receipt", "v1", {"en.html": "another"})])
    assert await post.store.template_files(["v2", "v3", "v1"]) == [{}, None, files]


async def test_an_alarm_opens_once(post: Post) -> None:
    first = Alarm("complaint", "the first", post.clock())
    second = Alarm("complaint", "the second", post.clock.forward(hours=1))
    other = Alarm("loop", "silent", post.clock())
    assert await post.store.open_alarms([first, second]) == [True, False]
    assert await post.store.open_alarms([other, second]) == [True, False]
    assert await post.store.alarms() == [first, other]


async def test_an_empty_batch_is_answered_with_an_empty_one(post: Post) -> None:
    assert await post.store.add([]) == []
    assert await post.store.finish([]) == []
    assert await post.settle() == []
    assert await post.store.find([]) == []
    assert await post.store.suppress([]) == []
    assert await post.store.template_files([]) == []
