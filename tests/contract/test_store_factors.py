"""What the shelf of second factors promises: each code once, few guesses, and no secret at rest."""

from asyncio import gather
from datetime import timedelta

import pyotp

from franked.rules.factor import Factor, NewFactor, Proof
from tests.contract.conftest import Post, Postgres, Sqlite

SECRET, RECOVERY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", ("k3v9x-0h2mq", "7r2hd-q4n8t")


def now_shown(post: Post, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(post.clock())


async def proven(post: Post, typed: str, recovery: tuple[str, ...] | None = None) -> Factor | None:
    [found] = await post.store.prove([Proof("account-1", typed, post.clock(), recovery)])
    return found


async def enrolled(post: Post) -> None:
    assert await post.store.enrol([NewFactor("account-1", SECRET)]) == [True]
    assert await proven(post, now_shown(post), RECOVERY) is not None
    post.clock.forward(seconds=30)


async def test_a_factor_counts_when_its_first_code_was_confirmed(post: Post) -> None:
    assert await post.store.enrol([NewFactor("account-1", "A" * 32), NewFactor("account-2", SECRET)]) == [True, True]
    assert await post.store.enrol([NewFactor("account-1", SECRET)]) == [True]  # of the first nothing came
    assert await proven(post, now_shown(post)) is None  # to verify, it is not there yet
    assert await proven(post, now_shown(post, "A" * 32), RECOVERY) is None
    confirmed = await proven(post, now_shown(post), RECOVERY)
    assert confirmed is not None
    assert (confirmed.confirmed_at, confirmed.recovery_left, confirmed.failures) == (post.clock(), 2, 0)
    assert await post.store.enrol([NewFactor("account-1", "A" * 32)]) == [False]
    assert await post.store.factors(["account-1", "account-2", "nobody"]) == [confirmed, Factor("account-2"), None]
    post.clock.forward(seconds=30)
    assert await proven(post, now_shown(post), RECOVERY) is None  # it is confirmed once
    assert await proven(post, now_shown(post)) is not None


async def test_no_step_is_taken_twice_nor_an_older_one(post: Post) -> None:
    await enrolled(post)
    older = now_shown(post)
    post.clock.forward(seconds=30)
    newer = now_shown(post)
    assert await proven(post, newer) is not None
    assert await proven(post, newer) is None
    assert await proven(post, older) is None


async def test_a_recovery_code_is_good_once(post: Post) -> None:
    await enrolled(post)
    found = await proven(post, RECOVERY[0].upper())
    assert found is not None
    assert found.recovery_left == 1
    assert await proven(post, RECOVERY[0]) is None
    assert await proven(post, RECOVERY[1]) is not None


async def test_guesses_at_once_are_counted_and_then_none_is_compared(post: Post) -> None:
    await enrolled(post)
    right = now_shown(post)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    guesses = [Proof("account-1", wrong, post.clock()) for _ in range(40)]
    answers = await gather(*(post.store.prove([one]) for one in guesses))
    assert [one for [one] in answers if one] == []
    [factor] = await post.store.factors(["account-1"])
    assert factor is not None
    assert factor.failures == 5
    assert await proven(post, right) is None
    post.clock.forward(minutes=1)
    assert await proven(post, now_shown(post)) is not None
    assert (await post.store.factors(["account-1"]))[0] != factor


async def test_a_factor_is_removed_once_and_may_be_enrolled_again(post: Post) -> None:
    await enrolled(post)
    assert await post.store.remove_factors(["account-1", "nobody", "account-1"]) == [True, False, False]
    assert await post.store.factors(["account-1"]) == [None]
    assert await proven(post, now_shown(post)) is None
    assert await post.store.enrol([NewFactor("account-1", SECRET)]) == [True]


async def test_after_an_hour_of_rest_at_most_one_guess_an_hour_is_compared(post: Post) -> None:
    await enrolled(post)
    wrong = "000000" if now_shown(post) != "000000" else "000001"
    for _ in range(12):
        await proven(post, wrong)
        post.clock.forward(hours=1)
    [before] = await post.store.factors(["account-1"])
    await proven(post, wrong)
    post.clock.forward(minutes=59)
    await proven(post, wrong)
    [after] = await post.store.factors(["account-1"])
    assert before is not None
    assert after is not None
    assert after.failures - before.failures == 1
    assert after.failed_at == post.clock() - timedelta(minutes=59)


async def test_with_another_key_no_code_is_right(backend: Sqlite | Postgres) -> None:
    """And nothing breaks: a person removes the factor and enrols another."""
    async with backend.open() as store:
        await store.enrol([NewFactor("account-1", SECRET)])
    async with backend.open(bytes(reversed(range(32)))) as store:
        proof = Proof("account-1", pyotp.TOTP(SECRET).at(backend.clock()), backend.clock(), RECOVERY)
        assert await store.prove([proof, proof]) == [None, None]
        assert await store.remove_factors(["account-1"]) == [True]
