"""Who may take which step with a template's version."""

from datetime import UTC, datetime

import pytest

from franked.rules.approval import NotNow, Review, Step, objection

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def review(step: Step, by: str = "Ana") -> Review:
    return Review("v1", "receipt", step, by, NOW, "read it")


def code(found: NotNow | None) -> str | None:
    return found.code if found else None


@pytest.mark.parametrize(
    ("before", "step", "answer"),
    [
        (None, Step.SUBMITTED, None),
        (None, Step.APPROVED, "not_submitted"),
        (None, Step.REJECTED, "not_submitted"),
        (Step.SUBMITTED, Step.SUBMITTED, "already_there"),
        (Step.SUBMITTED, Step.APPROVED, None),
        (Step.SUBMITTED, Step.REJECTED, None),
        (Step.REJECTED, Step.SUBMITTED, None),
        (Step.REJECTED, Step.APPROVED, "not_submitted"),
        (Step.REJECTED, Step.REJECTED, "already_there"),
        (Step.APPROVED, Step.SUBMITTED, "already_there"),
        (Step.APPROVED, Step.APPROVED, "already_there"),
        (Step.APPROVED, Step.REJECTED, None),
    ],
)
def test_a_version_takes_one_step_after_the_other(before: Step | None, step: Step, answer: str | None) -> None:  # C10
    assert code(objection(review(step, "Ben"), review(before) if before else None)) == answer


@pytest.mark.parametrize("by", ["Ana", "ana", " ANA ", "ana\t"])
def test_nobody_approves_what_they_submitted_however_they_spell_their_name(by: str) -> None:  # C10
    assert code(objection(review(Step.APPROVED, by), review(Step.SUBMITTED))) == "same_person"


def test_whoever_submitted_may_take_it_back() -> None:
    assert objection(review(Step.REJECTED), review(Step.SUBMITTED)) is None
