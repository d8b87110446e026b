"""Templates are read strictly, rendered strictly, and never tell a value in an error."""

import pytest

from franked.formats.template import (
    RenderError,
    Template,
    TemplateFault,
    missing_variables,
    parse,
    unknown_variables,
)

SENDER = {
    "name": "Example Backup",
    "website": "https://backup.example.com",
    "postal_address": "1 Sample Street, Zurich",
}

CODE = """+++
subject = "Your sign-in – {{ sender.name }}"
variables = ["name", "code", "url"]
optional = ["note"]
+++
<!doctype html>
<html lang="{{ locale }}"><head><title>Sign-in for {{ name }}</title><style>
.box { padding: 12px; color: #123456 }
a:hover { color: red }
@media (max-width: 600px) { .box { padding: 4px } }
</style></head><body>
{% if note %}<p>{{ note }}</p>{% endif %}
<p class="box">Good day {{ name }},</p>
<p class="box">{{ code }}</p>
<p><a href="{{ url }}">Sign in</a></p>
<!-- for {{ name }} -->
<p>{{ sender.name }}, {{ sender.postal_address }}</p>
</body></html>
"""
VARIABLES = {"name": "Ana", "code": "123456", "url": "https://backup.example.com/in?a=1&b=2"}


def code_mail(**files: str) -> Template:
    return parse("code", {"en.html": CODE, **{name.replace("_", "."): text for name, text in files.items()}}, "en")


def written(body: str, variables: str = "", subject: str = "Hello") -> str:
    return f'+++\nsubject = "{subject}"\nvariables = [{variables}]\n+++\n{body}'


def html_of(body: str, variables: dict[str, object], subject: str = "Hello") -> str:
    names = ", ".join(f'"{name}"' for name in variables)
    return parse("x", {"en.html": written(body, names, subject)}, "en").render(variables, "en", SENDER).html


def fault_of(**files: str) -> TemplateFault:
    with pytest.raises(TemplateFault) as raised:
        parse("x", {name.replace("_", "."): text for name, text in files.items()}, "en")
    return raised.value


# --- what a reader gets -----------------------------------------------------------------------------------------------


def test_a_mail_has_its_subject_its_html_and_a_text_made_from_it() -> None:
    mail = code_mail().render(VARIABLES, "en", SENDER)
    assert mail.subject == "Your sign-in – Example Backup"
    assert '<p class="box" style="padding: 12px;color: #123456;">123456</p>' in mail.html
    assert mail.text.splitlines() == [
        "Good day Ana,",
        "",
        "123456",
        "",
        "Sign in: https://backup.example.com/in?a=1&b=2",
        "",
        "Example Backup, 1 Sample Street, Zurich",
    ]


def test_what_only_a_style_block_can_say_stays_in_it() -> None:
    html = code_mail().render(VARIABLES, "en", SENDER).html
    assert "@media (max-width: 600px) { .box { padding: 4px } }" in html
    assert "a:hover" in html
    assert html.count("#123456") == 2  # at the two elements, and nowhere else


def test_jinja_survives_the_inlining_wherever_html_can_hold_it() -> None:
    html = html_of(
        "<style>td { color: red } .late { color: blue }</style><table>{% for row in rows %}"
        '<tr><td class="{% if row.late %}late{% endif %}">'
        '<a href="{{ row.url }}?a=1">{{ row.name | upper }}</a></td></tr>'
        "{% else %}<tr><td>none</td></tr>{% endfor %}</table>{% raw %}{{ literal }}{% endraw %}"
        '{# not seen #}<p style="width: {{ width }}%">&lt;3</p><!--[if mso]><b>{{ width }}</b><![endif]-->',
        {
            "rows": [
                {"url": "https://a.example.com", "name": "one", "late": True},
                {"url": "u", "name": "b", "late": False},
            ],
            "width": 40,
        },
    )
    assert '<tr><td class="late" style="color: red;"><a href="https://a.example.com?a=1">ONE</a></td></tr>' in html
    assert '<a href="u?a=1">B</a></td></tr></tbody></table>{{ literal }}' in html
    assert '<p style="width: 40%">&lt;3</p><!--[if mso]><b>40</b><![endif]-->' in html
    assert ".late" in html  # the class is known only when the mail is rendered
    assert "not seen" not in html


def test_what_a_stranger_typed_is_text_in_html_and_itself_in_the_text_part() -> None:
    mail = code_mail().render({**VARIABLES, "name": "<b>Ana & Bo</b>"}, "en", SENDER)
    assert "Good day &lt;b&gt;Ana &amp; Bo&lt;/b&gt;," in mail.html
    assert "Good day <b>Ana & Bo</b>," in mail.text


def test_a_variable_is_never_read_as_a_template() -> None:
    assert "Good day {{ code }}," in code_mail().render({**VARIABLES, "name": "{{ code }}"}, "en", SENDER).text


def test_an_optional_variable_may_be_left_out() -> None:
    assert "Late at night" in code_mail().render({**VARIABLES, "note": "Late at night"}, "en", SENDER).text
    assert "None" not in code_mail().render(VARIABLES, "en", SENDER).html


def test_a_text_file_stands_before_the_text_made_from_html() -> None:
    mail = code_mail(en_txt="{{ name }}:\n{% if note %}\n{{ note }}\n{% endif %}\n{{ code }}\n\n\n\n{{ url }}\n")
    assert mail.render(VARIABLES, "en", SENDER).text == f"Ana:\n123456\n\n{VARIABLES['url']}\n"


def test_a_template_may_be_text_only() -> None:
    mail = parse("x", {"en.txt": written("Hello {{ name }}", '"name"')}, "en").render({"name": "<Ana>"}, "en", SENDER)
    assert (mail.html, mail.text) == ("", "Hello <Ana>\n")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<table>{% for x in xs %}<tr><td>{{ x }}</td><td>!</td></tr>{% endfor %}</table>", "a&b  !\nc    !\n"),
        ("<ul>{% for x in xs %}<li>{{ x }}</li>{% endfor %}</ul>", "* a&b\n  * c\n"),
        ("<p>{{ xs[0] | e }}</p>", "a&b\n"),
        ("<p>when{% if xs %}<br>where{% endif %}</p>", "when\nwhere\n"),
        ("<p>{{ xs[0] }}{% if 1 %}!{% endif %}<br>more</p>", "a&b!\nmore\n"),
        ('<p><a href="https://example.com/why">Why?</a></p>{{ "" if xs }}', "Why? https://example.com/why\n"),
        ('<table role="presentation">{% for x in xs %}<tr><td>{{ x }}</td></tr>{% endfor %}</table>', "a&b\nc\n"),
    ],
)
def test_the_text_part_follows_loops_in_tables_and_lists_and_shows_no_markup(body: str, text: str) -> None:
    rendered = parse("x", {"en.html": written(body, '"xs"')}, "en").render({"xs": ["a&b", "c"]}, "en", SENDER).text
    assert [line.strip() for line in rendered.splitlines() if line.strip()] == [x.strip() for x in text.splitlines()]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("de-CH", "de-CH"),
        ("de_ch", "de-CH"),
        ("de-AT", "de"),
        ("de", "de"),
        ("fr", "en"),
        ("", "en"),
        ("x-" * 999, "en"),
    ],
)
def test_a_locale_falls_back_to_its_language_and_then_to_the_default(asked: str, found: str) -> None:
    files = {f"{locale}.txt": written(f"{locale} {{{{ locale }}}}") for locale in ("de", "de-CH", "en", "fi")}
    assert parse("x", files, "en").render({}, asked, SENDER).text == f"{found} {found}\n"


def test_without_the_default_locale_the_file_called_default_is_taken_and_then_the_first() -> None:
    two = {"default.txt": written("any {{ locale }}"), "de.txt": written("de")}
    assert parse("x", two, "fr").render({}, "en", SENDER).text == "any fr\n"
    assert parse("x", {"it.txt": written("it"), "de.txt": written("de")}, "fr").render({}, "en", SENDER).text == "de\n"


def test_a_link_whose_text_is_its_url_says_it_once() -> None:
    body = '<p><a href="{{ url }}">{{ url }}</a></p>'
    assert parse("x", {"en.html": written(body, '"url"')}, "en").render({"url": "u"}, "en", SENDER).text == "u\n"


def test_what_a_variable_has_comes_before_pythons_methods() -> None:
    source = written(
        "{{ order.items }} {{ order.keys }} {% for name, one in prices.items() %}{{ name }}{% endfor %}",
        '"order", "prices"',
    )
    said = parse("x", {"en.txt": source}, "en").render(
        {"order": {"items": "two", "keys": 3}, "prices": {"a": 1, "b": 2}}, "en", SENDER
    )
    assert said.text == "two 3 ab\n"


# --- versions and variables -------------------------------------------------------------------------------------------


def test_a_version_is_its_content_and_nothing_else() -> None:
    again = parse("other", dict(reversed([("en.txt", "{{ code }}"), ("en.html", CODE)])), "de")
    assert again.version == code_mail(en_txt="{{ code }}").version
    assert len(again.version) == 32
    assert again.version != code_mail(en_txt="{{ code }} ").version != code_mail().version


def test_the_required_variables_are_those_of_all_locales() -> None:
    files = {"en.txt": written("{{ a }}", '"a"'), "de.txt": written("{{ b }}", '"b"')}
    template = parse("x", files, "en")
    assert template.variables == {"a", "b"}
    assert missing_variables(template, {"b": 1, "z": 2}) == ["a"]
    assert unknown_variables(template, {"b": 1, "z": 2}) == ["z"]


def test_accept_is_told_which_variable_is_missing_or_unknown() -> None:
    template = code_mail()
    assert template.faults(VARIABLES) == []
    assert template.faults({**VARIABLES, "note": "x"}) == []
    assert template.faults({"name": "Ana", "url": "u", "pin": "9"}) == [
        ("code", "the template 'code' needs the variable 'code'"),
        ("pin", "the template 'code' has no variable 'pin'"),
    ]


# --- what can't be rendered -------------------------------------------------------------------------------------------


def test_a_missing_variable_is_an_error_that_names_it() -> None:
    with pytest.raises(RenderError, match="'code'"):
        code_mail().render({"name": "Ana", "url": "u"}, "en", SENDER)


@pytest.mark.parametrize("broken", ["a\r\nBcc: all@example.com", "a\nb", "a\x00", "a\u2028b", "a\x7f"])
def test_a_line_break_in_the_subject_is_refused_and_its_variable_named(broken: str) -> None:
    template = parse("x", {"en.txt": written("{{ name }}", '"name", "other"', "Hello {{ name }} {{ other }}")}, "en")
    with pytest.raises(RenderError, match="name") as raised:
        template.render({"name": broken, "other": "fine"}, "en", SENDER)
    assert "Bcc" not in str(raised.value)
    assert "other" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    ["{{ order.price }}", "{{ order[key] }}", "{{ order | round }}", "{{ order + 1 }}", "{% for x in 5 %}{% endfor %}"],
)
def test_a_variable_of_the_wrong_shape_is_named_but_its_value_is_not_told(body: str) -> None:
    body = f"<p>{body.replace('5', 'order.n')}</p>{{{{ order }}}}{{{{ key }}}}"
    template = parse("x", {"en.html": written(body, '"order", "key"')}, "en")
    with pytest.raises(RenderError, match="'order'") as raised:
        template.render({"order": {"s3cret": "s3cret"}, "key": "s3cret-too"}, "en", SENDER)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_half_a_character_is_an_error_and_not_a_crash_at_the_socket() -> None:
    with pytest.raises(RenderError):
        code_mail().render({**VARIABLES, "name": "\ud800"}, "en", SENDER)


def test_a_template_can_not_reach_out_of_its_sandbox() -> None:
    with pytest.raises(RenderError):
        html_of("{{ x.__class__.__mro__[1].__subclasses__() }}{{ x }}", {"x": "a"})
    with pytest.raises(RenderError):
        html_of("{{ x.append(1) }}", {"x": [1]})


# --- what is no template ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("<p>Hello</p>", 1, "front matter"),
        ("+++\nsubject = \n+++\n", 2, "Invalid value"),
        ('+++\nsubject = "a"\nvariables = []\nsubjet = "b"\n+++\n', None, "subjet"),
        ("+++\nsubject = 5\nvariables = []\n+++\n", None, "subject"),
        ('+++\nsubject = "a\\nb"\nvariables = []\n+++\n', None, "subject"),
        ('+++\nsubject = "a"\n+++\n', None, "variables"),
        ('+++\nsubject = "a"\nvariables = "name"\n+++\n', None, "variables"),
        (written("", '"sender"'), None, "'sender'"),
        (written("", '"not-a-name"'), None, "'not-a-name'"),
        (written("", '"name"'), None, "'name' is declared and used nowhere"),
        (written("<p>\n{{ name }}</p>"), 6, "'name' is used, but not declared"),
        (written("x", "", "Hello {{ name }}"), None, "'name' is used, but not declared"),
        (written("<p>\n{% if x %}</p>"), 6, "endif"),
        (written("<p>{{ 'a' | shout }}</p>"), 5, "shout"),
        (written("{{ sender.phone }}"), 5, "'phone'"),
        (written("{% include 'other.html' %}"), 5, "stands alone"),
        (written('{% extends "base.html" %}'), 5, "stands alone"),
        (written("<p {% if 1 %}class='a'{% endif %}>x</p>"), 5, "quotes"),
        (written("<a href={{ sender.website }}>x</a>"), 5, "quotes"),
        (written("<style>p { color: {{ locale }} }</style>"), 5, "<style>"),
        (written("<script>f('{{ locale }}')</script>"), 5, "<script>"),
        (written("<style>p { color: red }</style><p style='{{ locale }}'>x</p>"), None, "CSS"),
        (written("<p style='color: red' style='color: {{ locale }}'>x</p>"), 5, "{{ locale }} stands where"),
    ],
)
def test_a_fault_names_file_line_and_reason(source: str, line: int | None, says: str) -> None:
    fault = fault_of(en_html=source)
    assert fault.file == "en.html"
    assert says in fault.sentence
    if line:
        assert fault.line == line
        assert str(fault).startswith(f"en.html, line {line}: ")


def test_faults_of_the_text_file_bear_its_name() -> None:
    fault = fault_of(en_html=CODE, en_txt="Hello\n{{ nme }}")
    assert (fault.file, fault.line) == ("en.txt", 2)
    assert "front matter stands in en.html" in fault_of(en_html=CODE, en_txt=CODE).sentence


def test_a_file_of_another_name_is_no_part_of_a_template() -> None:
    assert "<locale>.html" in fault_of(english_html=CODE).sentence
    assert "at least one" in fault_of().sentence


def test_files_from_another_editor_are_read_too() -> None:
    windows = "\ufeff" + CODE.replace("\n", "\r\n")
    assert parse("x", {"en.html": windows}, "en").render(VARIABLES, "en", SENDER).subject.startswith("Your sign-in")


def test_a_raw_that_never_ends_is_a_fault_of_the_file() -> None:
    """Jinja takes it as long as nothing follows; the CSS is set in, and then something does."""
    fault = fault_of(en_html=written("<p>{{ name }}{% raw %}", '"name"'))
    assert (fault.file, fault.sentence) == ("en.html", "Missing end of raw directive")


def test_half_a_character_is_a_fault_of_the_file() -> None:
    assert "half of a character" in fault_of(en_html=CODE + "\ud800").sentence
