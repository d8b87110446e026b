"""A layout stands around each template of a product, and is a part of its version."""

import pytest

from franked.formats.template import Template, TemplateFault, parse

SENDER = {
    "name": "Example Backup",
    "website": "https://backup.example.com",
    "postal_address": "1 Sample Street, Zurich",
}
LAYOUT = """<!doctype html>
<html lang="{{ locale }}"><head><title>{% block subject %}{% endblock %}</title>
<style>.code { color: #123456 }</style></head><body>
<table role="presentation"><tr><td>
{% block body %}{% endblock %}
</td></tr></table>
<p>{% block reason %}This is a transactional message.{% endblock %}</p>
<p>{{ sender.name }}, {{ sender.postal_address }}</p>
{% if links.leave %}<p><a href="{{ links.leave }}">Unsubscribe</a></p>{% endif %}
{% if links.why %}<p><a href="{{ links.why }}">Why did I get this?</a></p>{% endif %}
</body></html>
"""
MAIL = """+++
subject = "Code & more for {{ name }}"
variables = ["name", "code"]
+++
{% extends "_layout" %}
{% block body %}
<p>Hello {{ name }},</p>
<p class="code">{{ code }}</p>
{% endblock %}
"""
VARIABLES = {"name": "Ana <b>", "code": "123456"}


def laid_out(mail: str = MAIL, layout: str = LAYOUT, **more: str) -> Template:
    return parse("code", {"en.html": mail, "_layout/en.html": layout} | more, "en")


def fault(mail: str = MAIL, layout: str = LAYOUT, **more: str) -> TemplateFault:
    with pytest.raises(TemplateFault) as raised:
        laid_out(mail, layout, **more)
    return raised.value


def test_the_layouts_looks_reach_the_template_and_the_subject_its_title() -> None:
    mail = laid_out().render(VARIABLES, "en", SENDER)
    assert '<p class="code" style="color: #123456;">123456</p>' in mail.html
    assert "<title>Code &amp; more for Ana &lt;b&gt;</title>" in mail.html
    assert mail.subject == "Code & more for Ana <b>"


def test_header_and_footer_are_in_the_text_part_too_and_links_are_kept() -> None:
    links = {"leave": "https://f.example.com/u/leave/x", "why": "https://f.example.com/u/why/x"}
    assert laid_out().render(VARIABLES, "en", SENDER, links).text == (
        "Hello Ana <b>,\n\n123456\n\nThis is a transactional message.\n\nExample Backup, 1 Sample Street, Zurich\n\n"
        f"Unsubscribe: {links['leave']}\n\nWhy did I get this? {links['why']}\n"
    )


def test_a_mail_that_nobody_can_leave_has_no_link_to_do_so() -> None:
    for links in ({}, {"leave": None}):
        mail = laid_out().render(VARIABLES, "en", SENDER, links)
        assert "Unsubscribe" not in mail.html + mail.text


def test_a_template_may_fill_any_of_the_layouts_blocks() -> None:
    mail = laid_out(MAIL + "{# why #}{% block reason %}You asked for it, {{ name }}.{% endblock %}\n")
    text = mail.render(VARIABLES, "en", SENDER).text
    assert "You asked for it, Ana <b>." in text
    assert "transactional" not in text


def test_a_text_file_has_a_layout_of_its_own() -> None:
    text = "{% extends '_layout' %}\n{% block body %}\nHi {{ name }}: {{ code }}\n{% endblock %}\n"
    around = "{% block body %}{% endblock %}\n\n--\n{{ sender.name }}\n"
    mail = laid_out(**{"en.txt": text, "_layout/en.txt": around})
    assert mail.render(VARIABLES, "en", SENDER).text == "Hi Ana <b>: 123456\n\n--\nExample Backup\n"


def test_a_layout_is_a_part_of_the_version_of_whoever_uses_it() -> None:
    """An old version keeps its layout: what it needs is among its files."""
    mail, other = laid_out(), laid_out(layout=LAYOUT.replace("#123456", "#654321"))
    assert mail.version != other.version
    assert set(mail.files) == {"en.html", "_layout/en.html"}
    again = parse("code", mail.files, "de")
    assert again.version == mail.version
    assert again.render(VARIABLES, "en", SENDER) == mail.render(VARIABLES, "en", SENDER)


def test_a_template_without_a_layout_is_what_it_was() -> None:
    plain = '+++\nsubject = "Hello"\nvariables = []\n+++\nHello\n'
    alone = parse("x", {"en.txt": plain}, "en")
    beside = parse(
        "x", {"en.txt": plain, "_layout/en.txt": "{% block body %}{% endblock %}", "_layout/fr.txt": ""}, "en"
    )
    assert beside.version == alone.version
    assert beside.files == alone.files


def test_the_layout_is_in_the_language_of_the_template() -> None:
    files = {"de-CH.html": MAIL, "en.html": MAIL, "_layout/de.html": LAYOUT.replace("This is", "Dies ist")}
    swiss = parse("code", {**files, "_layout/en.html": LAYOUT}, "en")
    assert "Dies ist" in swiss.render(VARIABLES, "de-CH", SENDER).text
    assert "This is" in swiss.render(VARIABLES, "en", SENDER).text
    with pytest.raises(TemplateFault, match=r"there is no _layout/en\.html to stand in"):
        parse("code", files, "de")
    assert (
        "Dies ist"
        in parse("code", {"en.html": MAIL, "_layout/default.html": LAYOUT.replace("This is", "Dies ist")}, "en")
        .render(VARIABLES, "en", SENDER)
        .text
    )


@pytest.mark.parametrize(
    ("mail", "layout", "place", "says"),
    [
        (MAIL.replace("{{ code }}", "{{ cod }}"), LAYOUT, "en.html, line 8", "'cod' is used, but not declared"),
        (MAIL, LAYOUT.replace("sender.name", "sender.nam"), "_layout/en.html, line 8", "no 'nam'"),
        (MAIL, LAYOUT.replace("links.why", "links.how"), "_layout/en.html, line 10", "no 'how'"),
        (MAIL, LAYOUT.replace("{% endif %}", ""), "_layout/en.html, line 10", "endif"),
        (MAIL.replace("block body", "block bodi"), LAYOUT, "en.html, line 7", "no block 'bodi'; it has 'body', "),
        (MAIL.replace("{% endblock %}", ""), LAYOUT, "en.html, line 8", "'body' does not end"),
        (MAIL.replace("<p>H", "{% block x %}<p>H"), LAYOUT, "en.html, line 7", "side by side"),
        (MAIL + "<p>And more</p>", LAYOUT, "en.html, line 10", "stands in blocks"),
        (MAIL + "{% block body %}{% endblock %}", LAYOUT, "en.html", "there twice"),
        (MAIL.replace("_layout", "_other"), LAYOUT, "en.html, line 5", "there is no _other/en.html"),
        (MAIL.replace('"_layout"', '"layout"'), LAYOUT, "en.html, line 5", "stands alone"),
        (MAIL.replace("<p>H", "{{ code | shout }}<p>H"), LAYOUT, "en.html, line 7", "shout"),
        (MAIL, LAYOUT.replace("{{ locale }}", "{{ locale | }}"), "_layout/en.html, line 2", "expected"),
    ],
)
def test_a_fault_is_told_with_the_place_where_it_was_written(mail: str, layout: str, place: str, says: str) -> None:
    told = str(fault(mail, layout))
    assert told.startswith(f"{place}: ")
    assert says in told
