"""Where an address comes from: what brought it first stays, whoever comes later (F4)."""

from datetime import timedelta

from franked.rules.address import Address
from franked.rules.origin import Origin, of_import
from franked.rules.trigger import Trigger
from franked.rules.verdict import Drop, TurnedAway
from tests.contract.conftest import Post

ANA, BEN = Address.of_spelled("Ana@example.net"), Address.of_spelled("ben@example.net")


async def test_the_first_message_is_an_addresss_origin_for_good(post: Post) -> None:  # F4
    first = post.candidate(to="Ana@example.net")
    await post.store.add([first])
    post.clock.forward(days=3)
    await post.store.add([post.candidate(to="ana@example.net")])
    [origin] = await post.store.origins(["ana@example.net"])
    message = first.message
    assert origin == Origin(
        ANA, message.accepted_at, message.key_id, message.trigger, message.stream, message.id, source=None
    )


async def test_what_is_dropped_has_an_origin_and_what_is_turned_away_has_none(post: Post) -> None:
    dropped = post.candidate(to="dropped@example.net", judge=lambda facts: Drop("suppressed"))
    away = post.candidate(to="away@example.net", judge=lambda facts: TurnedAway("not_allowed", "stream", "no"))
    await post.store.add([dropped, away])
    found = await post.store.origins(["dropped@example.net", "away@example.net"])
    assert [origin and origin.message_id for origin in found] == [dropped.message.id, None]


async def test_of_two_in_one_batch_the_first_is_the_origin(post: Post) -> None:
    first, second = post.candidate(to="ana@example.net"), post.candidate(to="Ana@example.net")
    await post.store.add([first, second])
    [origin] = await post.store.origins(["ana@example.net"])
    assert origin is not None
    assert origin.message_id == min(first.message.id, second.message.id)


async def test_an_import_keeps_its_source_and_who_brought_it(post: Post) -> None:  # F4
    now = post.clock()
    brought = of_import(ANA, "sign-ups of the old shop", "aaaaaaaa", "shop", now)
    assert await post.store.import_people([brought]) == [True]
    [origin] = await post.store.origins([ANA.key])
    assert origin == Origin(ANA, now, "aaaaaaaa", Trigger("import", "shop", now), source="sign-ups of the old shop")


async def test_an_import_never_takes_the_place_of_an_origin(post: Post) -> None:  # F4
    await post.store.add([post.candidate(to=BEN.spelled)])
    later = post.clock() + timedelta(days=1)
    asked = [of_import(one, "a list", "k", "shop", later) for one in (BEN, ANA, ANA)]
    assert await post.store.import_people(asked) == [False, True, False]
    assert await post.store.import_people(asked) == [False, False, False]
    [of_ben] = await post.store.origins([BEN.key])
    assert of_ben is not None
    assert of_ben.source is None


async def test_nobody_has_no_origin(post: Post) -> None:
    assert await post.store.origins(["nobody@example.net"]) == [None]
    assert await post.store.origins([]) == []
    assert await post.store.import_people([]) == []
