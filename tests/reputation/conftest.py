"""These tests run against a whole Franked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Product, product, product_in

__all__ = ["alone", "product"]


@pytest.fixture
async def alone(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Product]:
    """One whose canary nobody takes further but the test."""
    monkeypatch.setattr("franked.doors.running.CANARY_EVERY", 3600.0)
    changes = [change for mark in request.node.iter_markers("settings") for change in mark.args]
    async with product_in(tmp_path / "product", *changes) as started:
        yield started
