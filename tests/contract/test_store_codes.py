"""What the shelf of codes promises: a counted number of guesses, one use, the newest only, and no code at rest."""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from franked.record import Issue, Issued, Spend, TooMany
from franked.rules.code import CLAIM_WITHIN, Code, Guess, NewCode, Pressed
from franked.rules.message import State
from franked.rules.stream import Limit
from tests.contract.conftest import Post

CODE, TOKEN = "042137", "t" * 43
FIVE = Limit(5, timedelta(hours=1))


def issue(post: Post, number: int = 1, spends: Sequence[Spend] = (), **more: Any) -> Issue:
    now = post.clock()
    plain = NewCode(
        id=f"c_{number:026d}",
        stream="sign-in-code",
        address_key="ana@example.net",
        account="account-1",
        session="session-1",
        code=CODE,
        token=f"{TOKEN}{number}",
        most_guesses=5,
        made_at=now,
        resend_at=now + timedelta(seconds=45),
        ends_at=now + timedelta(minutes=10),
    )
    return Issue(replace(plain, **more), post.candidate(id=f"m_{number:026d}"), tuple(spends))


async def issued(post: Post, number: int = 1, **more: Any) -> NewCode:
    asked = issue(post, number, **more)
    [answer] = await post.store.issue([asked])
    assert answer == Issued(asked.code.id, asked.code.ends_at, asked.code.resend_at, is_new=True)
    return asked.code


def guess(post: Post, code: NewCode, /, **more: Any) -> Guess:
    return replace(Guess(code.id, code.stream, code.session, code.code, post.clock()), **more)


async def right(post: Post, code: NewCode, /, **more: Any) -> bool:
    [found] = await post.store.guess([guess(post, code, **more)])
    return found is not None


async def test_the_right_code_is_right_once_and_says_whose_it_was(post: Post) -> None:
    code = await issued(post)
    [found] = await post.store.guess([guess(post, code)])
    assert found is not None
    assert (found.id, found.account, found.used_at) == (code.id, "account-1", post.clock())
    assert not await right(post, code)


async def test_of_a_code_and_its_mail_both_are_stored(post: Post) -> None:
    code = await issued(post)
    assert await post.state(code.id.replace("c_", "m_")) is State.QUEUED
    assert await post.store.codes([code.id, "c_nobody"]) == [
        Code(code.id, code.stream, code.account, code.made_at, code.resend_at, code.ends_at, 5),
        None,
    ]


async def test_a_code_is_right_for_nothing_else_than_it_was_made_for(post: Post) -> None:  # A2, A3
    code = await issued(post)
    assert not await right(post, code, stream="password-reset")
    assert not await right(post, code, session="session-2")
    assert not await right(post, code, id="c_nobody")
    assert not await right(post, code, code="042138")
    assert await right(post, code)


async def test_guesses_are_compared_as_often_as_allowed_and_no_more(post: Post) -> None:
    code = await issued(post)
    wrong = [guess(post, code, code=f"{n:06}") for n in range(5)]
    assert await post.store.guess(wrong) == [None] * 5
    assert not await right(post, code)
    [standing] = await post.store.codes([code.id])
    assert standing is not None
    assert standing.guesses_left == 0


async def test_in_a_batch_the_first_right_one_uses_the_code(post: Post) -> None:
    code = await issued(post)
    asked = [guess(post, code, code="1"), guess(post, code), guess(post, code), guess(post, code, id="c_nobody")]
    assert [one is not None for one in await post.store.guess(asked)] == [False, True, False, False]


async def test_guesses_at_once_are_all_counted(post: Post) -> None:
    """The right one is among them, in the sixth place and later: it is never compared."""
    code = await issued(post)
    await post.store.guess([guess(post, code, code="000000") for _ in range(3)])
    found = await gather(*(post.store.guess([guess(post, code, code=f"{n:06}")]) for n in range(1, 60)))
    assert [one for [one] in found if one] == []
    [standing] = await post.store.codes([code.id])
    assert standing is not None
    assert standing.guesses_left == 0
    assert not await right(post, code)


async def test_a_code_ends(post: Post) -> None:
    code = await issued(post)
    post.clock.forward(minutes=10)
    assert not await right(post, code)
    assert await post.store.press([Pressed(code.token, post.clock())]) == [None]


async def test_asked_for_again_at_once_it_is_the_same_code_and_one_mail(post: Post) -> None:
    first = issue(post, 1, [Spend("mailbox", FIVE)])
    again = issue(post, 2, [Spend("mailbox", FIVE)])
    answers = await post.store.issue([first, again])
    assert answers == [
        Issued(first.code.id, first.code.ends_at, first.code.resend_at, is_new=True),
        Issued(first.code.id, first.code.ends_at, first.code.resend_at, is_new=False),
    ]
    post.clock.forward(seconds=44)
    assert await post.store.issue([again]) == answers[1:]
    assert await post.store.find([again.candidate.message.id]) == [None]
    assert await right(post, first.code)


async def test_the_newest_code_is_the_only_one(post: Post) -> None:
    first = await issued(post, 1, code="111111")
    post.clock.forward(seconds=45)
    second = await issued(post, 2, code="222222")
    assert not await right(post, first)
    assert await post.store.codes_of_links([first.token]) == [None]
    assert await right(post, second)


async def test_a_mistyped_address_is_mended_at_once(post: Post) -> None:
    mistyped = await issued(post, 1, address_key="anna@example.net")
    assert await right(post, await issued(post, 2))
    assert not await right(post, mistyped)


async def test_a_code_of_another_session_stays(post: Post) -> None:
    """Who asks for codes in another's name does not end the other's own."""
    mine = await issued(post, 1)
    await issued(post, 2, session="session-2")
    await issued(post, 3, stream="password-reset")
    await issued(post, 4, account="account-2")
    assert await right(post, mine)


async def test_after_a_code_was_used_the_next_need_not_wait(post: Post) -> None:
    first = await issued(post, 1)
    assert await right(post, first)
    assert await right(post, await issued(post, 2))


async def test_limits_are_spent_by_codes_of_every_stream_and_say_when_there_is_room(post: Post) -> None:
    """A16."""
    mailbox, caller = Spend("mailbox", FIVE), Spend("ip", Limit(3, timedelta(minutes=1)))
    began = post.clock()
    for number in range(3):
        await issued(post, number, stream=f"stream-{number}", spends=[mailbox, caller])
    post.clock.forward(seconds=10)
    asked = issue(post, 4, [mailbox, caller], stream="stream-4")
    assert await post.store.issue([asked]) == [TooMany(began + timedelta(minutes=1))]
    assert await post.store.codes([asked.code.id]) == [None]
    assert await post.store.find([asked.candidate.message.id]) == [None]
    await issued(post, 5, stream="stream-4", spends=[mailbox])
    await issued(post, 6, stream="stream-5", spends=[mailbox])
    assert await post.store.issue([issue(post, 7, [mailbox], stream="s")]) == [TooMany(began + timedelta(hours=1))]


async def test_the_limits_of_the_mail_are_spent_too(post: Post) -> None:
    once = Spend("receipt|ana@example.net", Limit(1, timedelta(hours=1)))
    asked = [issue(post, number, stream=f"s{number}") for number in (1, 2)]
    asked = [replace(one, candidate=replace(one.candidate, spends=(once,))) for one in asked]
    assert [type(one) for one in await post.store.issue(asked)] == [Issued, TooMany]


async def test_a_code_that_is_nobodys_is_stored_and_neither_mailed_nor_ever_right(post: Post) -> None:
    """A14."""
    asked = issue(post, 1, [Spend("mailbox", Limit(1, timedelta(hours=1)))], account=None)
    assert [type(one) for one in await post.store.issue([asked])] == [Issued]
    assert await post.store.find([asked.candidate.message.id]) == [None]
    assert await post.store.origins(["ana@example.net"]) == [None]
    assert not await right(post, asked.code)
    assert await post.store.press([Pressed(asked.code.token, post.clock())]) == [None]
    other = issue(post, 2, asked.spends, session="session-2", account=None)
    assert [type(one) for one in await post.store.issue([other])] == [TooMany]


async def test_a_pressed_link_is_proof_once_and_its_code_is_guessed_no_more(post: Post) -> None:
    code = await issued(post)
    link = Pressed(code.token, post.clock(), code.stream)
    assert await post.store.claim([link]) == [None]  # its button was not pressed
    [first, again] = await post.store.press([link, link])
    assert first == again
    assert first is not None
    assert first.confirmed_at == post.clock()
    assert await post.store.codes_of_links([code.token]) == await post.store.codes([code.id]) == [first]
    assert not await right(post, code)
    assert await post.store.claim([replace(link, stream="password-reset")]) == [None]
    [proof, once_more] = await post.store.claim([link, link])
    assert proof is not None
    assert (proof.account, once_more) == ("account-1", None)
    assert await post.store.press([link]) == [None]


async def test_what_a_link_proved_is_claimed_in_time(post: Post) -> None:
    code = await issued(post)
    post.clock.forward(minutes=9, seconds=59)
    assert await post.store.press([Pressed(code.token, post.clock())]) != [None]
    post.clock.forward(seconds=CLAIM_WITHIN.total_seconds())
    assert await post.store.claim([Pressed(code.token, post.clock(), code.stream)]) == [None]


async def test_a_link_that_nobody_wrote_opens_nothing(post: Post) -> None:
    await issued(post)
    assert await post.store.press([Pressed("no-token", post.clock())]) == [None]
    assert await post.store.codes_of_links(["no-token", ""]) == [None, None]


async def test_ended_codes_are_forgotten_a_few_at_a_time(post: Post) -> None:
    for number in range(3):
        await issued(post, number, stream=f"stream-{number}")
    later = post.clock.forward(minutes=11)
    await issued(post, 4)
    assert [await post.store.forget_codes(later, 2) for _ in range(3)] == [2, 1, 0]
    assert await post.store.codes([f"c_{0:026d}"]) == [None]
    assert await post.store.codes([f"c_{4:026d}"]) != [None]


async def test_issued_at_once_by_many_one_slot_has_one_code(post: Post) -> None:
    asked = [issue(post, number) for number in range(20)]
    answers = [one for [one] in await gather(*(post.store.issue([one]) for one in asked))]
    [new] = [one for one in answers if isinstance(one, Issued) and one.is_new]
    assert {one.id for one in answers if isinstance(one, Issued)} == {new.id}
