"""Events come twice, late, early and for mail of nobody: the end does not depend on it. (Ten thousand of them, in
tests/contract/test_store_events.py.)"""

from pathlib import Path

import pytest

from tests.contract.test_store_events import course, the_order_does_not_matter

EVENTS = 2_000
SEED = 7


async def test_events_end_the_same_in_any_order(tmp_path: Path) -> None:  # A7, D4
    await the_order_does_not_matter(tmp_path, EVENTS, SEED)


@pytest.mark.parametrize(
    "kind",
    [
        '"notificationType": "Bounce"',
        '"eventType": "Bounce"',
        '"notificationType": "Complaint"',
        '"eventType": "DeliveryDelay"',
        '"bounceType": "Transient"',
        "OnAccountSuppressionList",
        "not-spam",
        "other",
        "simulator.amazonses.com",
    ],
)
def test_there_is_some_of_everything_among_them(kind: str) -> None:
    assert sum(kind in text for text in course(EVENTS, SEED).texts) > 20
