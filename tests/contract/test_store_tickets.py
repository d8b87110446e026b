"""What the shelf of tickets promises: one change after the other; and what a person may ask of it."""

from datetime import timedelta
from typing import Any

from franked.rules.address import Address
from franked.rules.person import Erasure, Whose
from franked.rules.ticket import Decision, Ticket, Word, decided, told
from tests.contract.conftest import Post

ANA = Whose(Address.of_spelled("ana@example.net"), frozenset())


def ticket(post: Post, id: str = "t_1", to: str = "ana@example.net", **more: Any) -> Ticket:
    return Ticket(
        id=id,
        version=1,
        key_id="key-1",
        kind="request",
        subject="A course",
        text="Could there be one?",
        account="account-1",
        address=Address.of_spelled(to),
        locale="de",
        opened_at=post.clock(),
        **more,
    )


def decision(post: Post, word: Word = Word.APPROVED) -> Decision:
    return Decision(word, "from May on", "desk", post.clock())


async def test_of_two_who_change_the_same_version_one_does(post: Post) -> None:  # E3
    new = ticket(post)
    assert await post.store.keep_tickets([new, new]) == [True, False]
    yes, no = decided(new, decision(post)), decided(new, decision(post, Word.DECLINED))
    assert await post.store.keep_tickets([yes, no]) == [True, False]
    assert await post.store.keep_tickets([no]) == [False]
    assert await post.store.find_tickets(["t_2", "t_1"]) == [None, yes]


async def test_a_persons_tickets_are_handed_out_and_erased(post: Post) -> None:  # D8
    mine, theirs = ticket(post), ticket(post, "t_2", "bo@example.net")
    await post.store.keep_tickets([mine, theirs])
    assert [row["text"] for row in (await post.store.collect(ANA))["tickets"]] == ["Could there be one?"]
    await post.store.erase([Erasure(ANA, "desk", "asked")])
    assert (await post.store.collect(ANA))["tickets"] == []
    assert await post.store.find_tickets(["t_1", "t_2"]) == [None, theirs]
    assert await post.store.keep_tickets([told(mine, "m_1")]) == [False]


async def test_a_ticket_is_forgotten_when_its_decision_is_old(post: Post) -> None:
    for number in range(3):
        new = ticket(post, f"t_{number}")
        await post.store.keep_tickets([new])
        await post.store.keep_tickets([decided(new, decision(post))] if number else [])
    assert await post.store.forget_tickets(post.clock(), 10) == 0
    later = post.clock() + timedelta(days=1)
    assert [await post.store.forget_tickets(later, 1) for _ in range(3)] == [1, 1, 0]
    assert [found is None for found in await post.store.find_tickets(["t_0", "t_1", "t_2"])] == [False, True, True]
