"""What a reviewer would ask about a mail is told with its file, its line and the way out."""

from datetime import timedelta

import pytest

from franked.formats.lint import Finding, lint
from franked.formats.template import Template, parse
from franked.rules.address import Address, Sender
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Stream

SENDER = {
    "name": "Example Backup",
    "website": "https://backup.example.com",
    "postal_address": 'Example "Backup" Ltd, 1 Sample Street',
}
FOOT = "<p>{{ sender.postal_address }}, {{ sender.website }}: a transactional message</p>\n"
LEAVE = '{% if links.leave %}<p><a href="{{ links.leave }}">Unsubscribe</a></p>{% endif %}\n'


def stream(kind: Kind = Kind.TRANSACTIONAL, *, topic: str | None = None, secret: bool = False) -> Stream:
    return Stream(
        name="mail",
        kind=kind,
        purpose="Tells what happened",
        sender=Sender("Example", Address.of_spelled("no-reply@example.com")),
        lane=Lane.NORMAL,
        template="mail",
        useful_for=timedelta(hours=1),
        trigger_within=timedelta(hours=1),
        if_unknown=IfUnknown.HOLD,
        topic=topic,
        secret=secret,
    )


def mail(body: str, subject: str = "Hello", head: str = "variables = []", foot: str = FOOT, **more: str) -> Template:
    """The body begins on line 5."""
    return parse("mail", {"en.html": f'+++\nsubject = "{subject}"\n{head}\n+++\n{body}\n{foot}'} | more, "en")


def found(template: Template, *streams: Stream) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.what) for one in lint(template, streams or [stream()], SENDER)]


def test_a_good_mail_raises_no_question() -> None:
    body = '<p>You are free to go on. 10 % of it is done.</p><img src="https://a.example.com/x.png" alt="">' + LEAVE
    assert lint(mail(body), [stream(), stream(topic="news")], SENDER) == []


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ('<p>x</p>\n<img src="https://a.example.com/x.png">', 6, "image_without_alt"),
        ('<p>x</p>\n<p>y\n<a href="http://a.example.com">x</a></p>', 7, "plain_http"),
        ('<p>x<img alt="" src="HTTP://a.example.com/x.png"></p>', 5, "plain_http"),
        ("<p>x</p>\n<script>alert(1)</script>", 6, "dead_element"),
        ('<p>x</p>\n<form action="https://a.example.com"></form>', 6, "dead_element"),
        ("<style>\np { color: red }\np { display: flex }\n</style><p>x</p>", 7, "unknown_css"),
        ("<style>\np { /* a\nb */ transform: rotate(1deg) }\n</style><p>x</p>", 7, "unknown_css"),
        ('<p>x</p>\n<p style="position: absolute">x</p>', 6, "unknown_css"),
        ("<style>@font-face { font-family: x }</style><p>x</p>", 5, "unknown_css"),
        ("{# a\nb #}\n{% if 1 -%}\n\n<p>x</p>\n{%- endif %}\n<p>20 % off today</p>", 11, "promotional"),
        ("<p>x</p>\n<p>Nur heute: Rabatt!</p>", 6, "promotional"),
    ],
)
def test_what_stands_in_a_file_is_told_with_its_line(body: str, line: int, what: str) -> None:
    assert ("mail/en.html", line, what) in found(mail(body))
    assert {name for _, _, name in found(mail(body))} == {what}


def test_what_many_mail_programs_do_not_know_says_which_and_when_it_was_found_out() -> None:
    [finding] = lint(mail('<p style="display: grid">x</p>'), [stream()], SENDER)
    assert "mail programs do not know it" in finding.why
    assert "caniemail.com, 20" in finding.why


@pytest.mark.parametrize(
    ("subject", "what"),
    [("ACT NOW", "shouting"), ("Your receipt!!", "shouting"), ("Your discount", "promotional"), ("{{ NAME }}", None)],
)
def test_a_subject_neither_shouts_nor_advertises(subject: str, what: str | None) -> None:
    template = mail("<p>{{ NAME }}</p>", subject, 'variables = ["NAME"]')
    assert {("mail/en.html", 2, what)} & set(found(template)) == ({("mail/en.html", 2, what)} if what else set())
    assert what or found(template) == []


def test_advertising_may_stand_where_it_was_asked_for() -> None:
    """D12, E11: and nowhere else."""
    template = mail("<p>Buy now</p>" + LEAVE)
    assert found(template, stream(Kind.MARKETING, topic="news")) == []
    assert found(template, stream(Kind.MARKETING, topic="news"), stream()) == [("mail/en.html", 5, "promotional")]


def test_a_secret_is_not_in_the_subject() -> None:
    template = mail("<p>{{ code }}</p>", "{{ code }} is your code", 'variables = ["code"]')
    assert found(template, stream(secret=True)) == [("mail/en.html", 2, "code_in_subject")]
    assert found(template, stream()) == []


def test_each_mail_has_its_address_and_contact_in_both_parts() -> None:
    """C9, F8."""
    said = "<p>A transactional message</p>"
    assert found(mail(said, foot="")) == [("mail/en.html", 0, "no_address"), ("mail/en.html", 0, "no_contact")]
    [address, contact] = lint(mail(said, **{"en.txt": "A transactional message"}), [stream()], SENDER)
    assert "its text part does not show the sender's postal address" in address.why
    assert "its text part" in contact.why


def test_what_can_be_left_says_how_and_what_can_not_does_not() -> None:
    """A8, C9."""
    fixed = '<p><a href="https://backup.example.com/off">Hier abmelden</a></p>'
    assert found(mail("<p>x</p>"), stream(topic="news")) == [("mail/en.html", 0, "no_unsubscribe")]
    assert found(mail("<p>x</p>" + LEAVE), stream(topic="news")) == []
    assert found(mail(fixed)) == [("mail/en.html", 0, "needless_unsubscribe")]
    assert found(mail("<p>One can't unsubscribe from codes.</p>")) == []
    only_html = mail(LEAVE, **{"en.txt": "{{ sender.postal_address }} {{ sender.website }}"})
    [finding] = lint(only_html, [stream(topic="news")], SENDER)
    assert "its text part has no link to do so" in finding.why


def test_a8_what_can_not_be_left_says_that_it_is_a_transactional_message() -> None:
    silent = "<p>{{ sender.postal_address }}, {{ sender.website }}</p>\n"
    assert found(mail("<p>x</p>", foot=silent)) == [("mail/en.html", 0, "no_reason")]
    assert found(mail("<p>Dies ist eine transaktionale Nachricht.</p>", foot=silent)) == []
    assert found(mail("<p>x</p>" + LEAVE, foot=silent), stream(topic="news")) == []


def test_the_text_part_says_something() -> None:
    template = mail('<img src="https://a.example.com/x.png" alt="">', foot="")
    assert ("mail/en.html", 0, "no_text") in found(template)


def test_what_gmail_clips_is_told() -> None:
    assert found(mail("<p>" + "word " * 21_000 + "</p>")) == [("mail/en.html", 0, "too_long")]
    assert found(mail("<p>" + "word " * 20_000 + "</p>")) == []


def test_an_optional_variable_that_nothing_uses_is_told_and_does_not_matter() -> None:
    [finding] = lint(mail("<p>x</p>", head='variables = []\noptional = ["note"]'), [stream()], SENDER)
    assert (finding.what, finding.matters) == ("unused_variable", False)


def test_a_template_that_its_sample_does_not_fit_can_not_be_looked_at() -> None:
    head = 'variables = ["at"]'
    assert found(mail("<p>{{ at | date }}</p>", head=head)) == [("mail/en.html", 0, "no_sample")]
    assert found(mail("<p>{{ at | date }}</p>", head=head + '\nsample = {at = "2026-03-04"}')) == []


def test_what_is_wrong_with_a_layout_is_told_of_the_layout() -> None:
    layout = {"_layout/en.html": "<p>x</p>\n<img src='https://a.example.com/x.png'>\n{% block body %}{% endblock %}"}
    body = '{% extends "_layout" %}\n{% block body %}<p>y</p>' + FOOT + "{% endblock %}"
    template = mail(body, foot="", **layout)
    assert lint(template, [stream()], SENDER) == [
        Finding(
            "_layout/en.html",
            2,
            "image_without_alt",
            "who does not see the image learns nothing",
            'say it: alt="…"',
        )
    ]
