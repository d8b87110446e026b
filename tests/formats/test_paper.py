"""The letter on paper."""

import pytest

from franked.formats.paper import pdf
from tests.pdftext import pages_of

REHEARSAL = "REHEARSAL: of the simulated account."


def words(markdown: str, on_each: str = "") -> str:
    """Of all pages, without the lines' breaks."""
    return " ".join(" ".join(pages_of(pdf(markdown, "A letter", on_each))).split())


def test_headings_lists_tables_and_samples_are_there_in_their_order() -> None:
    """F2, D16."""
    table = "| Check | Found |\n|---|---|\n| dkim | 3 keys |\n"
    shown = words(f"# One\n\n- first\n- **second**\n\n{table}\n```text\nDear Ana\n  424242\n```\n")
    places = [shown.index(one) for one in ("One", "first", "second", "Check", "Found", "dkim", "3 keys", "Dear Ana")]
    assert places == sorted(places)
    assert "424242" in shown
    assert "**" not in shown
    assert "|" not in shown


def test_a_german_letter_has_its_umlauts_and_quotes() -> None:
    told = "Grüße aus Österreich: „Maß“, “quoted” – 5 € …"
    assert told in words(told)


def test_what_the_font_can_not_show_is_named() -> None:
    """B4: the subject of an invite begins with a calendar."""
    assert "Subject: [calendar] Calendar Invite" in words("Subject: 📅️ Calendar Invite")


def test_each_page_has_its_number_and_the_line_of_a_rehearsal() -> None:
    pages = pages_of(pdf("word " * 3000, "A letter", REHEARSAL))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number}\n" in page
        assert REHEARSAL in page
    assert REHEARSAL not in words("word " * 3000)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ('<img src="file:///etc/passwd"/>', '<img src="file:///etc/passwd"/>'),
        ("<para><b>unclosed", "<para><b>unclosed"),
        ("<script>&nbsp;", "<script>"),
        ('<a href="https://evil.example.com">here</a>', '<a href="https://evil.example.com">here</a>'),
        ("![a picture](https://evil.example.com/x.png)", "a picture"),
    ],
)
def test_what_a_stranger_wrote_is_shown_and_marks_nothing_up(hostile: str, shown: str) -> None:
    assert b"/URI" not in pdf(f"Found: {hostile}", "A letter")
    assert f"Found: {shown}" in words(f"Found: {hostile}")


def test_a_link_says_where_it_leads() -> None:
    assert "here (https://other.example.com)" in words("[here](https://other.example.com)")


def test_long_words_and_rows_longer_than_a_page_fit() -> None:
    """A DKIM key has no blank; a check may have forty pieces of evidence."""
    rows = f"| A | B |\n|---|---|\n| {'k' * 900} | {'word ' * 3000}end |\n"
    pages = pages_of(pdf(rows, "A letter"))
    assert len(pages) > 1
    assert "end" in " ".join(pages).split()
    assert "".join(pages).replace("\n", "").count("k") >= 900


def test_the_same_words_make_the_same_bytes() -> None:
    assert pdf("# One", "A letter") == pdf("# One", "A letter")
    assert pdf("# One", "A letter") != pdf("# Two", "A letter")
