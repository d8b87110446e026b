"""What a reader sees who follows a link: a page in words, which loads nothing and tells nobody."""

import pytest

from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ({}, "en", "This link opens nothing"),
        ({"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"}, "de", "Dieser Link führt nirgends hin"),
        ({"Accept-Language": "fr-CH, fr;q=0.9"}, "en", "This link opens nothing"),
        ({"Accept-Language": "x" * 5000}, "en", "This link opens nothing"),
    ],
)
async def test_a_link_that_nobody_wrote_is_told_in_the_readers_language(
    shared: Product, asked: dict[str, str], language: str, words: str
) -> None:
    for method in ("GET", "POST"):
        async with shared.http.request(method, f"{shared.franked.url}/u/leave/nothing/at/all", headers=asked) as said:
            assert said.status == 404
            assert said.headers["Content-Language"] == language
            assert words in await said.text()


async def test_the_language_can_be_chosen(shared: Product) -> None:
    asked = {"Accept-Language": "en"}
    async with shared.http.get(f"{shared.franked.url}/u/x?lang=de", headers=asked) as said:
        assert '<html lang="de">' in await said.text()


async def test_a_page_loads_nothing_runs_nothing_and_tells_nobody_where_its_reader_came_from(shared: Product) -> None:
    async with shared.http.get(f"{shared.franked.url}/u/x") as said:
        policy, text = said.headers["Content-Security-Policy"], await said.text()
        assert "default-src 'none'" in policy
        assert "<script" not in text
        assert (said.headers["Referrer-Policy"], said.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert "noindex" in said.headers["X-Robots-Tag"]
    async with shared.http.head(f"{shared.franked.url}/u/x") as said:
        assert (said.status, await said.read()) == (404, b"")
