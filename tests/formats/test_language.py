"""Dates, times, numbers, money and plurals, as the reader's language writes them."""

import re

import pytest

from franked.formats.template import RenderError, Template, TemplateFault, parse


def template(body: str, locale: str = "en", head: str = 'variables = ["at"]') -> Template:
    return parse("x", {f"{locale}.txt": f'+++\nsubject = "Hello"\n{head}\n+++\n{body}'}, locale)


def text(body: str, at: object, locale: str = "en") -> str:
    """Plain spaces, whatever kind the language puts between a number and its unit."""
    return re.sub(r"\s", " ", template(body, locale).render({"at": at}, locale, {}).text.strip())


MOMENT = "2026-03-04T09:30:00Z"


@pytest.mark.parametrize(
    ("body", "at", "english", "german"),
    [
        ("{{ at | date }}", MOMENT, "March 4, 2026", "4. März 2026"),
        ("{{ at | date }}", "2026-03-04", "March 4, 2026", "4. März 2026"),
        ('{{ at | date("full") }}', "2026-03-04", "Wednesday, March 4, 2026", "Mittwoch, 4. März 2026"),
        ('{{ at | date(zone="Pacific/Auckland") }}', "2026-03-04T23:30:00Z", "March 5, 2026", "5. März 2026"),
        ("{{ at | time }}", MOMENT, "9:30 AM", "09:30"),
        ("{{ at | time }}", "2026-03-04T09:30:00.5+02:00", "9:30 AM", "09:30"),
        ('{{ at | time(zone="Europe/Berlin") }}', MOMENT, "10:30 AM", "10:30"),
        ('{{ at | datetime("medium") }}', MOMENT, "Mar 4, 2026, 9:30 AM", "04.03.2026, 09:30"),
        ("{{ at | number }}", 1234.5, "1,234.5", "1.234,5"),
        ("{{ at | number }}", "12345678901234567890.5", "12,345,678,901,234,567,890.5", "12.345.678.901.234.567.890,5"),
        ('{{ at | money("EUR") }}', 12.5, "€12.50", "12,50 €"),
        ('{{ at | money("JPY") }}', "1200", "¥1,200", "1.200 ¥"),
        ('{{ at | plural(one="# file", other="# files") }}', 1, "1 file", "1 file"),
        ('{{ at | plural(one="# file", other="# files") }}', 2000, "2,000 files", "2.000 files"),
    ],
)
def test_each_language_writes_in_its_own_way(body: str, at: object, english: str, german: str) -> None:
    assert (text(body, at), text(body, at, "de-CH" if german == "1" else "de")) == (english, german)


def test_plurals_are_those_of_the_language() -> None:
    polish = '{{ at | plural(one="# plik", few="# pliki", many="# plików", other="# pliku") }}'
    assert [text(polish, n, "pl") for n in (1, 3, 5, "1.5")] == ["1 plik", "3 pliki", "5 plików", "1,5 pliku"]


def test_a_region_that_nobody_has_written_down_is_as_its_language() -> None:
    assert text("{{ at | number }}", 1234.5, "de-XX") == "1.234,5"


@pytest.mark.parametrize(
    ("filter_", "value"),
    [
        ("date", "4.3.2026"),
        ("date", "2026-02-30"),
        ("date", 20260304),
        ("date", None),
        ("time", "2026-05-06"),
        ("time", "2026-05-06T09:30:00"),
        ("time", "2026-03-04T25:30:00Z"),
        ("datetime", ["s3cret"]),
        ('time(zone="Europe/Nowhere")', MOMENT),
        ('time(zone="../../etc/passwd")', MOMENT),
        ("number", "s3cret"),
        ("number", True),
        ("number", "1e999999999"),
        ('money("EUR")', "12,50"),
        ('money("EURO")', 12),
        ("money(at)", 12),
        ('plural(one="a", other="b")', "s3cret"),
    ],
)
def test_a_value_of_another_shape_is_refused_and_its_variable_named_but_not_its_value(
    filter_: str, value: object
) -> None:
    line = f"{{{{ 'x' }}}}{{{{ other }}}}{{{{ at | {filter_} }}}}"
    with pytest.raises(RenderError) as raised:
        template(line, head='variables = ["at", "other"]').render({"at": value, "other": "s3cret-too"}, "en", {})
    told = str(raised.value)
    assert "'at' is " in told
    assert f"`{filter_.partition('(')[0]}`" in told
    assert "other" not in told
    assert str(value) not in told


def test_an_optional_variable_that_was_not_given_prints_nothing_in_whatever_form() -> None:
    head = 'variables = []\noptional = ["at"]'
    assert template('[{{ at | date }}{{ at | money("EUR") }}]', head=head).render({}, "en", {}).text == "[]\n"


def test_the_text_made_from_html_writes_the_same() -> None:
    source = '+++\nsubject = "Hello"\nvariables = ["at"]\n+++\n<p>On {{ at | date("short") }}</p>'
    mail = parse("x", {"de.html": source}, "de").render({"at": MOMENT}, "de", {})
    assert mail.text == "On 04.03.26\n"
    assert "<p>On 04.03.26</p>" in mail.html


@pytest.mark.parametrize(
    ("body", "locale", "says"),
    [
        ('\n{{ at | plural(one="file") }}', "en", "`plural` takes wordings by name, `other` among them"),
        ('\n{{ at | plural("file", other="files") }}', "en", "`plural` takes wordings by name"),
        ('\n{{ at | plural(more="file", other="files") }}', "en", "`plural` takes wordings by name"),
        ("\n{{ at | money }}", "en", "`money` needs its currency"),
        ("\n{{ at | date }}", "xx", "'xx'"),
    ],
)
def test_a_filter_that_can_not_work_is_a_fault_of_the_file(body: str, locale: str, says: str) -> None:
    with pytest.raises(TemplateFault) as raised:
        template(body, locale)
    assert raised.value.line == 6
    assert says in raised.value.sentence
