"""Behind a proxy: who is believed about where a request came from, and what an operator reads of strangers."""

import re
from pathlib import Path

import pytest

from franked.doors.http.batch import LARGEST as LARGEST_BATCH
from franked.doors.http.context import LARGEST_MESSAGE
from franked.doors.http.events import LARGEST as LARGEST_EVENT
from franked.doors.http.strangers import LINES, Strangers
from franked.settings.table import Server
from tests.running import Product

DOCS = Path(__file__).parents[2] / "docs"
CLAIMED = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}
TRUSTED = pytest.mark.settings(
    ("port = 0\n\n[simulator]", 'port = 0\ntrusted_proxies = ["127.0.0.0/8"]\n\n[simulator]')
)


async def knock(product: Product, path: str = "/v1/keys") -> None:
    async with product.http.get(product.franked.url + path, headers=CLAIMED) as answer:
        assert answer.status == 401


async def test_forwarded_headers_are_ignored_unless_told(product: Product) -> None:
    await knock(product)
    [line] = product.logged("unauthorized")
    assert (line["client"], line["route"], line["level"]) == ("127.0.0.1", "GET /v1/keys", "warning")


@TRUSTED
async def test_a_trusted_proxy_is_believed_about_the_last_hop(product: Product) -> None:
    """What the caller put there before the proxy added its own is not believed."""
    await knock(product)
    [line] = product.logged("unauthorized")
    assert line["client"] == "203.0.113.9"


@pytest.mark.settings(("port = 0\n\n[simulator]", 'port = 0\ntrusted_proxies = ["192.0.2.1"]\n\n[simulator]'))
async def test_another_proxy_than_the_one_told_is_not_believed(product: Product) -> None:
    await knock(product)
    [line] = product.logged("unauthorized")
    assert line["client"] == "127.0.0.1"


async def test_a_flood_of_strangers_has_few_lines_and_none_with_an_address(product: Product) -> None:
    for _ in range(LINES + 5):
        await knock(product, "/v1/suppressions/export?of=ana@example.com")
    assert len(product.logged("unauthorized")) == LINES
    assert "ana@" not in product.log.getvalue()


async def test_forged_events_are_counted_and_a_flood_of_them_has_few_lines(product: Product) -> None:
    for _ in range(LINES + 5):
        async with product.http.post(f"{product.franked.url}/v1/events/sns", data=b"{}") as answer:
            assert answer.status == 403
    lines = product.logged("sns")
    forged = [line for line in lines if line["receipt"] == "forged"]
    assert len(forged) == LINES
    assert {(line["client"], line["level"]) for line in forged} == {("127.0.0.1", "warning")}
    assert f"franked_forged_events_total {LINES + 5}.0\n" in (await product.get("/metrics"))[1]


def test_the_next_minute_says_how_many_had_no_line() -> None:
    seen = Strangers()
    assert [seen.untold_before(0.0) for _ in range(LINES + 3)] == [0] * LINES + [None] * 3
    assert seen.untold_before(59.9) is None
    assert [seen.untold_before(60.0), seen.untold_before(60.1)] == [4, 0]


async def test_every_answer_to_a_key_carries_the_requests_id(product: Product) -> None:
    headers = {"Authorization": f"Bearer {product.key}", "X-Request-Id": "order-1042"}
    for path, status in (("/v1/messages", 200), ("/v1/messages/m_none", 404), ("/v1/keys", 403)):
        async with product.http.get(product.franked.url + path, headers=headers) as answer:
            assert (answer.status, answer.headers["X-Request-Id"]) == (status, "order-1042")


def test_the_nginx_example_has_our_port_our_limits_and_our_proxy() -> None:
    example, told = (DOCS / "nginx.conf").read_text(), (DOCS / "proxy.md").read_text()
    server, *places = example.split("location ")
    most = {place.split(" {")[0]: limit(place) or limit(server) for place in places}
    assert most["/v1/"] == LARGEST_MESSAGE
    assert most["= /v1/messages/batch"] == LARGEST_BATCH
    assert most["= /v1/events/sns"] == LARGEST_EVENT
    assert re.findall(r"server 127\.0\.0\.1:(\d+);", server) == [str(Server().port)]
    assert 'trusted_proxies = ["127.0.0.1"]' in example
    assert 'trusted_proxies = ["127.0.0.1"]' in told
    assert "(nginx.conf)" in told


def limit(part: str) -> int | None:
    found = re.search(r"client_max_body_size (\d+);", part)
    return int(found[1]) if found else None
