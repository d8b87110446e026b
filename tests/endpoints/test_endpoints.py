"""The short form of `make proof`: what an endpoint does is nobody's business but its own queue's."""

from pathlib import Path

from tests.endpoints.run import run

MAILS = 40
WAYS = ("hangs", "redirects inside", "rebinding")  # the rest is in tests/doors/test_webhooks.py


async def test_nobody_waits_for_a_dead_endpoint_and_none_of_them_leads_inside(tmp_path: Path) -> None:
    said: list[str] = []
    for one in await run(MAILS, 1, tmp_path, said.append, WAYS):
        assert (one.settled, one.reached_inside) == (MAILS, 0), one
        assert one.calls >= 1, one  # it was tried,
        assert one.told == 0, one  # took nothing,
        assert one.waiting > 0, one  # and what it should have been told is kept
