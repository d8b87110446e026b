"""What the small shelves promise: suppressions, keys, templates, alarms, counters."""

from asyncio import gather
from dataclasses import replace
from datetime import timedelta
from typing import Any

from franked.record import Alarm, ApiKey, OldSecret, Rotation
from franked.rules.stream import Limit
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


def key(key_id: str, post: Post, **rights: Any) -> ApiKey:
    return ApiKey(Caller(key_id, f"key of {key_id}", **rights), digest=bytes(32), created_at=post.clock())


async def test_a_key_is_kept_with_its_rights_and_without_its_secret(post: Post) -> None:  # E4
    plain = key("aaaaaaaa", post)
    narrow = key("bbbbbbbb", post, streams=frozenset({"receipt"}), senders=frozenset({"shop@example.com"}))
    limited = key("cccccccc", post, limit=Limit(1000, timedelta(hours=1)))
    await post.store.add_keys([narrow, limited, plain])
    assert await post.store.keys() == [plain, narrow, limited]


async def test_a_key_is_revoked_once(post: Post) -> None:
    await post.store.add_keys([key("aaaaaaaa", post), key("bbbbbbbb", post)])
    later = post.clock.forward(hours=1)
    assert await post.store.revoke_keys(["aaaaaaaa", "nobody"], later) == [True, False]
    assert await post.store.revoke_keys(["aaaaaaaa"], post.clock.forward(hours=1)) == [False]
    assert [one.revoked_at for one in await post.store.keys()] == [later, None]


async def test_a_rotated_key_has_two_secrets_and_never_three(post: Post) -> None:
    before = key("aaaaaaaa", post, streams=frozenset({"receipt"}), limit=Limit(5, timedelta(days=1)))
    await post.store.add_keys([before, key("bbbbbbbb", post)])
    tomorrow, later = post.clock() + timedelta(days=1), post.clock() + timedelta(days=2)
    rotations = [Rotation("aaaaaaaa", b"second", tomorrow), Rotation("nobody", b"none", None)]
    assert await post.store.rotate_keys(rotations) == [before, None]
    once = replace(before, digest=b"second", old=OldSecret(before.digest, tomorrow))
    assert await post.store.keys() == [once, key("bbbbbbbb", post)]
    assert await post.store.rotate_keys([Rotation("aaaaaaaa", b"third", later)]) == [once]
    twice = replace(before, digest=b"third", old=OldSecret(b"second", later))
    assert await post.store.keys() == [twice, key("bbbbbbbb", post)]
    assert await post.store.rotate_keys([Rotation("aaaaaaaa", b"fourth", None)]) == [twice]
    assert await post.store.keys() == [replace(before, digest=b"fourth"), key("bbbbbbbb", post)]


async def test_rotations_at_once_tell_each_what_was_before_it(post: Post) -> None:
    await post.store.add_keys([key("aaaaaaaa", post), key("bbbbbbbb", post)])
    tomorrow = post.clock() + timedelta(days=1)
    digests = [f"{n}".encode() for n in range(20)]
    asked = [Rotation("aaaaaaaa", digest, tomorrow) for digest in digests]
    told = [one for [one] in await gather(*(post.store.rotate_keys([one]) for one in asked)) if one]
    [kept, other] = await post.store.keys()
    assert {one.digest for one in told} | {kept.digest} == {bytes(32), *digests}
    assert kept.old == OldSecret(told[-1].digest, tomorrow)
    assert other == key("bbbbbbbb", post)
    [first, second] = await post.store.rotate_keys(
        [Rotation("bbbbbbbb", b"x", tomorrow), Rotation("bbbbbbbb", b"y", None)]
    )
    assert (first, second and second.digest) == (other, b"x")


async def test_a_revoked_key_is_not_rotated(post: Post) -> None:
    await post.store.add_keys([key("aaaaaaaa", post)])
    await post.store.revoke_keys(["aaaaaaaa"], post.clock())
    [revoked] = await post.store.keys()
    assert await post.store.rotate_keys([Rotation("aaaaaaaa", b"second", None)]) == [revoked]
    assert await post.store.keys() == [revoked]


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


async def test_an_alarm_closes_once_and_may_open_again(post: Post) -> None:
    loop, other = Alarm("loop", "silent", post.clock()), Alarm("other", "loud", post.clock())
    await post.store.open_alarms([loop, other])
    assert await post.store.close_alarms(["loop", "nobody", "loop"]) == [True, False, False]
    assert await post.store.alarms() == [other]
    assert await post.store.close_alarms(["loop"]) == [False]
    again = Alarm("loop", "silent again", post.clock.forward(hours=1))
    assert await post.store.open_alarms([again]) == [True]
    assert await post.store.alarms() == [other, again]


async def test_an_empty_batch_is_answered_with_an_empty_one(post: Post) -> None:
    assert await post.store.add([]) == []
    assert await post.store.finish([]) == []
    assert await post.settle() == []
    assert await post.store.find([]) == []
    assert await post.store.suppress([]) == []
    assert await post.store.template_files([]) == []
    assert await post.store.close_alarms([]) == []
