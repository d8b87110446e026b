"""The shelf of invites: kept whole and sealed, and of two changes of one version only the first."""

from asyncio import gather
from datetime import timedelta

from msgspec.structs import replace

from franked.rules.address import Address
from franked.rules.invite import Answer, Invite, Reply, answered, begun, cancelled, mailed
from tests.contract.conftest import Post
from tests.rules.test_invite import MADE


def made(post: Post, id_: str = "i_1") -> Invite:
    event = replace(MADE.event, start=post.clock() + timedelta(days=1), end=post.clock() + timedelta(days=2))
    return begun(replace(MADE, id=id_, event=event, variables={"link": "https://example.com/1", "n": 3}))


async def test_an_invite_comes_back_as_it_was_kept(post: Post) -> None:
    new = made(post)
    assert await post.store.keep_invites([new]) == [True]
    assert await post.store.find_invites(["i_2", "i_1"]) == [None, new]
    told = mailed(new, {one.address.key: f"m_{one.name}" for one in new.attendees})
    said = answered(told, Reply(new.uid, Address.of_spelled("ANA@example.net"), Answer.ACCEPTED, 0, post.clock()))
    said = replace(said, version=told.version)
    assert await post.store.keep_invites([said]) == [True]
    assert await post.store.find_invites(["i_1"]) == [said]


async def test_a_change_of_a_version_that_is_gone_stores_nothing(post: Post) -> None:
    new = made(post)
    assert await post.store.keep_invites([new, new, replace(new, version=3)]) == [True, False, False]
    off, moved = cancelled(new, post.clock()), replace(new, version=2)
    assert await post.store.keep_invites([off, moved]) == [True, False]
    assert await post.store.keep_invites([moved]) == [False]
    assert await post.store.find_invites(["i_1"]) == [off]


async def test_of_fifty_at_once_one_wins(post: Post) -> None:
    """A lost update: the answer of one attendee over that of another."""
    new = made(post)
    await post.store.keep_invites([new])
    wishes = [replace(new, version=2, asked=bytes([number])) for number in range(50)]
    won = await gather(*(post.store.keep_invites([one]) for one in wishes))
    assert sum(one for [one] in won) == 1
    [kept] = await post.store.find_invites(["i_1"])
    assert kept == wishes[[one for [one] in won].index(True)]


async def test_what_is_long_over_is_forgotten_a_few_at_a_time(post: Post) -> None:
    await post.store.keep_invites([made(post, f"i_{number}") for number in range(5)])
    post.clock.forward(days=100)
    await post.store.keep_invites([made(post, "i_new")])
    before = post.clock() - timedelta(days=90)
    assert [await post.store.forget_invites(before, 3) for _ in range(3)] == [3, 2, 0]
    found = await post.store.find_invites(["i_0", "i_4", "i_new"])
    assert [one is not None for one in found] == [False, False, True]
