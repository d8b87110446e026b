"""SES's list as the record keeps it: what was learned and what follows of it are one; nothing is done twice (E7)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from franked.enquiry import Lift
from franked.rules.address import Address
from franked.rules.at_ses import CONFLICTS_KEPT, Conflict, Listed, Put, Reason, Remove, Stand, Told
from franked.rules.cleaning import Trail
from franked.rules.consent import Asked, Evidence, Statement
from franked.rules.consent import Step as Said
from franked.rules.event import BounceType, Kind
from franked.rules.outcome import Sent
from franked.rules.person import Erasure, Whose
from franked.rules.reconcile import SOURCE, Called, Step, Stepped
from franked.rules.retention import Past
from franked.rules.suppression import Suppression, Why
from tests.contract.conftest import Post

ANA, SPELLED = "ana@example.net", "Ana@Example.net"


async def step(post: Post, **what: object) -> Stepped:
    stand = await post.store.reconcile_stand()
    [stepped] = await post.store.reconcile([Step(stand.version, stand, **what)])  # type: ignore[arg-type]
    assert stepped is not None
    return stepped


def listed(post: Post, spelled: str = SPELLED, reason: Reason = Reason.BOUNCE) -> Listed:
    return Listed(spelled, reason, post.clock())


async def bounced(post: Post, key: str = ANA, why: Why = Why.HARD_BOUNCE) -> None:
    await post.store.suppress([Suppression(key, why, post.clock())])


async def lift(post: Post, key: str = ANA) -> None:
    post.clock.forward(hours=1)
    await post.store.lift([Lift(key, "Ben", "the mailbox is back")])


async def next_call(post: Post) -> Put | Remove | None:
    due = await post.store.next_ses_call(may_put=True)
    return due.call if due else None


async def made(post: Post, refused: str = "") -> None:
    due = await post.store.next_ses_call(may_put=True)
    assert due is not None
    await step(post, called=Called(due, refused))


async def test_what_ses_lists_comes_onto_ours_with_its_source(post: Post) -> None:
    await step(post, listed=[listed(post), listed(post, "ben@example.net", Reason.COMPLAINT)])
    [ana, ben] = await post.store.suppressed([ANA, "ben@example.net"])
    assert ana == Suppression(ANA, Why.HARD_BOUNCE, post.clock(), source=SOURCE)
    assert ben is not None and ben.why is Why.COMPLAINT
    assert (await post.store.reconcile_stand()).figures.taken == 2
    lines = await post.store.list_history(0, 10)
    assert [(line.what, line.by) for line in lines] == [("imported", SOURCE)] * 2
    assert await next_call(post) is None


async def test_ours_is_put_once_and_then_known_to_be_there(post: Post) -> None:
    await bounced(post)
    await step(post, keys=[ANA])
    await step(post, keys=[ANA])
    assert await post.store.count_ses_calls() == {"put": 1, "remove": 0}
    assert await post.store.next_ses_call(may_put=False) is None
    assert await next_call(post) == Put(ANA, Reason.BOUNCE)
    await made(post)
    await step(post, keys=[ANA])
    assert await next_call(post) is None


async def test_a_lift_removes_what_is_listed_in_its_spelling_and_goes_first(post: Post) -> None:
    await bounced(post, "ben@example.net")
    await step(post, listed=[listed(post)], keys=["ben@example.net"])
    await lift(post)
    await step(post, keys=[ANA])
    assert await next_call(post) == Remove(SPELLED)
    await made(post)
    assert await next_call(post) == Put("ben@example.net", Reason.BOUNCE)
    await step(post, keys=[ANA])
    assert await post.store.suppressed([ANA]) == [None]


async def test_a_lift_before_the_put_was_made_leaves_nothing_to_do(post: Post) -> None:
    await bounced(post)
    await step(post, keys=[ANA])
    await lift(post)
    await step(post, keys=[ANA])
    assert await next_call(post) is None


async def test_a_lift_while_a_put_is_on_its_way_is_not_forgotten(post: Post) -> None:
    await bounced(post)
    await step(post, keys=[ANA])
    due = await post.store.next_ses_call(may_put=True)
    assert due is not None
    await lift(post)
    await step(post, keys=[ANA])
    await step(post, called=Called(due))
    assert await next_call(post) == Remove(ANA)


async def test_listed_again_after_a_lift_it_is_suppressed_again_and_told(post: Post) -> None:
    await step(post, listed=[listed(post)])
    await lift(post)
    post.clock.forward(hours=1)
    await step(post, listed=[listed(post)])
    [standing] = await post.store.suppressed([ANA])
    assert standing is not None
    [told] = await post.store.ses_conflicts(("", ""), 10)
    assert (told.address_key, told.conflict) == (ANA, Conflict.RELISTED)
    assert await post.store.count_ses_conflicts() == 1
    post.clock.forward(seconds=CONFLICTS_KEPT.total_seconds() + 1)
    await step(post)
    assert await post.store.ses_conflicts(("", ""), 10) == []


async def test_what_a_listing_did_not_see_is_gone_and_put_there_again(post: Post) -> None:
    await step(post, listed=[listed(post)])
    stand = await post.store.reconcile_stand()
    await post.store.reconcile([Step(stand.version, replace(stand, number=1))])
    assert (await step(post, gone_most=10)).gone == 1
    assert await next_call(post) == Put(ANA, Reason.BOUNCE)
    [told] = await post.store.ses_conflicts(("", ""), 10)
    assert told.conflict is Conflict.REMOVED_AT_SES


async def test_what_ses_refuses_is_told_and_not_asked_again_at_once(post: Post) -> None:
    await bounced(post)
    await step(post, keys=[ANA])
    await made(post, "Invalid email address.")
    assert await next_call(post) is None
    assert await post.store.ses_conflicts(("", ""), 10) == [
        Told(ANA, Conflict.REFUSED, post.clock(), f"{ANA}: Invalid email address.")
    ]


async def test_conflicts_come_by_page(post: Post) -> None:
    for name in ("a", "b", "c"):
        await bounced(post, f"{name}@example.net", Why.COMPLAINT)
    await step(post, listed=[listed(post, f"{name}@example.net") for name in ("a", "b", "c")])
    first = await post.store.ses_conflicts(("", ""), 2)
    assert [one.address_key[0] for one in first] == ["a", "b"]
    rest = await post.store.ses_conflicts((first[-1].address_key, first[-1].conflict.value), 2)
    assert [one.address_key[0] for one in rest] == ["c"]


async def test_of_two_who_take_the_same_step_one_is_told(post: Post) -> None:
    stand = await post.store.reconcile_stand()
    assert stand == Stand()
    first, second = await post.store.reconcile([Step(0, stand, listed=[listed(post)]), Step(0, stand)])
    assert first is not None and first.stand.version == 1
    assert second is None
    assert (await post.store.reconcile_stand()).version == 1


async def test_when_it_was_asked_for(post: Post) -> None:
    assert await post.store.reconcile_asked_at() is None
    await post.store.ask_reconcile(post.clock())
    assert await post.store.reconcile_asked_at() == post.clock()


async def test_an_erased_address_goes_from_sess_list_and_is_in_no_table_then(post: Post) -> None:  # D8
    await step(post, listed=[listed(post)])
    whose = Whose(Address.of_spelled(ANA), frozenset())
    collected = await post.store.collect(whose)
    assert [row["spelled"] for row in collected["ses_list"]] == [SPELLED]
    await post.store.erase([Erasure(whose, "Ben", "asked by letter")])
    assert (await post.store.collect(whose))["ses_list"] == []
    await step(post, listed=[listed(post)])
    assert (await post.store.collect(whose))["ses_list"] == []
    assert await next_call(post) == Remove(SPELLED)
    await made(post)
    collected = await post.store.collect(whose)
    assert collected["ses_list"] == [] and collected["ses_calls"] == []
    [standing] = await post.store.suppressed([ANA])
    assert standing is not None and standing.why is Why.ERASED


# --- who might go -----------------------------------------------------------------------------------------------------


async def trail(post: Post, key: str = ANA) -> Trail:
    found = await post.store.trails("", 100, post.clock() - timedelta(hours=48))
    return next(one for one in found if one.key == key)


async def test_a_trail_has_when_mail_went_and_came(post: Post) -> None:  # A9
    seen = post.clock()
    taken = await post.sent("Ana@example.net", "ses-1")
    await post.settle(post.event(Kind.DELIVERY, taken, "ses-1"))
    post.clock.forward(days=1)
    later = post.clock()
    second = await post.one_taken("Ana@example.net")
    await post.finish(second, Sent("ses-2"))
    assert await trail(post) == Trail("Ana@example.net", ANA, seen, later, seen)


async def test_a_trail_outlives_the_mail(post: Post) -> None:  # A9
    seen = post.clock()
    taken = await post.sent("ana@example.net", "ses-1")
    await post.settle(post.event(Kind.DELIVERY, taken, "ses-1"))
    post.clock.forward(days=1)
    later = post.clock()
    await post.finish(await post.one_taken("ana@example.net"), Sent("ses-2"))
    post.clock.forward(days=200)
    for _ in range(2):  # the order in which they are forgotten does not matter
        await post.store.forget(Past({}, post.clock() - timedelta(days=180)), 1)
    found = await trail(post)
    assert (found.last_mailed, found.last_delivered) == (later, seen)


async def test_soft_bounces_count_since_the_last_delivery_by_mail(post: Post) -> None:  # D13
    soft: dict[str, Any] = {"bounce_type": BounceType.TRANSIENT, "recipient": ANA}
    taken = await post.sent(ANA, "ses-1")
    await post.settle(post.bounce(taken, "ses-1", **soft))
    post.clock.forward(hours=1)
    await post.settle(post.event(Kind.DELIVERY, taken, "ses-1"))
    assert (await trail(post)).soft == 0
    post.clock.forward(hours=1)
    await post.settle(post.bounce(ses_id="ses-2", **soft), post.bounce(ses_id="ses-2", **soft))
    await post.settle(post.bounce(ses_id="ses-3", subtype="MessageTooLarge", **soft))
    assert (await trail(post)).soft == 1
    await post.settle(post.bounce(ses_id="ses-4", **soft))
    assert (await trail(post)).soft == 2


async def test_what_was_asked_for_and_never_confirmed(post: Post) -> None:  # A9
    await post.added(ANA)
    said = Statement(Address.of_spelled(ANA), "news", Said.ASKED, post.clock(), Evidence("test"))
    until = post.clock() + timedelta(hours=48)
    await post.store.ask_consent([Asked(b"1" * 32, said, until)])
    assert (await trail(post)).unconfirmed == ()
    post.clock.forward(hours=49)
    assert (await trail(post)).unconfirmed == ("news",)
    await post.store.state([replace(said, step=Said.CONFIRMED)])
    assert (await trail(post)).unconfirmed == ()


async def test_trails_come_by_page(post: Post) -> None:
    await post.added("a@example.net", "b@example.net", "c@example.net")
    first = await post.store.trails("", 2, post.clock())
    assert [one.key[0] for one in first] == ["a", "b"]
    assert [one.key[0] for one in await post.store.trails(first[-1].key, 2, post.clock())] == ["c"]
