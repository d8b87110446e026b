"""What the shelf of reviews promises: one step after the other, kept for good; and mail goes by what it says."""

import asyncio
from dataclasses import replace

from franked.rules.approval import NotNow, Review, Step
from franked.rules.message import State
from franked.rules.verdict import Facts, Hold, Send, Verdict
from tests.contract.conftest import Post


def step(post: Post, what: Step, by: str, version: str = "v1", template: str = "receipt") -> Review:
    return Review(version, template, what, by, post.clock(), f"{by} says so", "command line")


async def approve(post: Post, version: str = "v1") -> None:
    steps = [step(post, Step.SUBMITTED, "Ana", version), step(post, Step.APPROVED, "Ben", version)]
    assert await post.store.review(steps) == steps


def if_approved(facts: Facts) -> Verdict:
    return Send() if facts.approved else Hold("not_approved")


async def test_the_newest_step_is_where_a_version_stands(post: Post) -> None:  # C10
    assert await post.store.reviewed(["v1", "v2"]) == [None, None]
    submitted = step(post, Step.SUBMITTED, "Ana")
    assert await post.store.review([submitted]) == [submitted]
    post.clock.forward(hours=1)
    approved = step(post, Step.APPROVED, "Ben")
    assert await post.store.review([approved]) == [approved]
    assert await post.store.reviewed(["v2", "v1", "v1"]) == [None, approved, approved]
    assert await post.store.reviews_of("receipt") == [submitted, approved]
    assert await post.store.reviews_of("digest") == []


async def test_a_step_that_does_not_follow_is_not_taken(post: Post) -> None:  # C10
    [too_early] = await post.store.review([step(post, Step.APPROVED, "Ben")])
    assert isinstance(too_early, NotNow)
    submitted, oneself = await post.store.review([step(post, Step.SUBMITTED, "Ana"), step(post, Step.APPROVED, "ana")])
    assert isinstance(submitted, Review)
    assert isinstance(oneself, NotNow)
    assert oneself.code == "same_person"
    assert await post.store.reviews_of("receipt") == [submitted]
    assert await post.store.approved_versions() == frozenset()


async def test_of_two_who_decide_at_once_one_does(post: Post) -> None:
    await post.store.review([step(post, Step.SUBMITTED, "Ana")])
    decided = [step(post, Step.APPROVED, name) for name in ("Ben", "Cy", "Di")]
    answers = await asyncio.gather(*(post.store.review([one]) for one in decided))
    assert sum(isinstance(answer, Review) for [answer] in answers) == 1
    assert len(await post.store.reviews_of("receipt")) == 2


async def test_what_was_approved_can_be_rejected_again(post: Post) -> None:
    await approve(post, "v1")
    await approve(post, "v2")
    assert await post.store.approved_versions() == {"v1", "v2"}
    await post.store.review([step(post, Step.REJECTED, "Cy")])
    assert await post.store.approved_versions() == {"v2"}


async def test_mail_is_judged_by_the_version_that_writes_it(post: Post) -> None:  # C10
    """As it comes in, each by its own; what has no template has nothing to approve."""
    await approve(post, "v1")
    versions = ("v1", "v2", "")
    answers = await post.add(*(post.candidate(judge=if_approved, template_version=version) for version in versions))
    assert [answer.state for answer in answers] == [State.QUEUED, State.HELD, State.QUEUED]


async def test_mail_is_judged_again_as_it_is_taken(post: Post) -> None:  # C10
    await approve(post, "v1")
    await approve(post, "v2")
    [first] = await post.added(template_version="v1")
    [second] = await post.added(template_version="v2")
    await post.store.review([step(post, Step.REJECTED, "Cy", "v2")])
    wish = replace(post.wish(), judge=lambda due, facts: if_approved(facts))
    assert [one.message.id for one in (await post.store.take(wish)).taken] == [first]
    assert (await post.story(second)).reason == "not_approved"


async def test_only_what_was_approved_is_released(post: Post) -> None:  # C10
    held = [await post.add(post.candidate(judge=if_approved, template_version=version)) for version in ("v1", "v2")]
    [[one], [other]] = held
    assert await post.store.release("not_approved", 100, versions=frozenset()) == 0
    assert await post.store.release("not_approved", 100, versions=frozenset({"v1", "v3"})) == 1
    assert [await post.state(answer.id) for answer in (one, other)] == [State.QUEUED, State.HELD]
    assert await post.store.release("not_approved", 100) == 1
