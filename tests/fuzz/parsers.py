"""Every parser of what others wrote: it returns its value, or raises the one error that it says it raises."""

import csv
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from franked.formats import envelope, ses_answer, ses_event, sheet, sns, template
from franked.formats.lint import lint
from franked.formats.template.names import PARTS
from franked.rules import address, stream
from franked.rules.outcome import Refused, Sent, TryLater, Unknown
from franked.settings import Settings, SettingsFault, read
from tests.fuzz.findings import Findings, try_out
from tests.fuzz.grounding import ENVELOPE
from tests.product import TOML

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Parser:
    """`parse` asserts what its value must be. `raises`: the only error that may come."""

    name: str
    given: st.SearchStrategy[Any]
    parse: Callable[[Any], None]
    raises: tuple[type[Exception], ...] = ()


def fuzz_parsers(findings: Findings, cases: int, seed: int) -> None:
    """So many, over all parsers alike."""
    share = max(1, cases // len(PARSERS))
    for place, parser in enumerate(PARSERS):
        fuzz(parser, findings, share, seed * 1000 + place)


def fuzz(parser: Parser, findings: Findings, most: int, seed: int) -> None:
    @given(given_=parser.given)
    def parsed(given_: Any) -> None:
        findings.parsers[parser.name] += 1
        try:
            parser.parse(given_)
        except parser.raises:
            return
        except Exception as error:
            findings.fail(parser.name, f"{type(error).__name__}: {error} with {given_!r}"[:1000])

    try_out(parsed, most, seed)


# --- what they are given ----------------------------------------------------------------------------------------------

_ODD = st.sampled_from(
    ["\x00", "\ud800", "\u202e", "\u2028", "İ", "ß", "＠", "", " ", "\t", "\r\n", "²", "٣", "xn--", "é"]
)
_TEXT = st.text(max_size=60) | st.lists(_ODD | st.text(max_size=3), max_size=12).map("".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


_DEEP = st.builds(
    lambda opening, times, closing: opening * times + closing * times,
    st.sampled_from(["[", '{"mail":', '{"Message":[']),
    st.integers(1, 2000) | st.just(100_000),
    st.sampled_from(["", "]", "}", "]}"]),
)


def _of(*bits: str, most: int = 12) -> st.SearchStrategy[str]:
    """Texts of these bits and odd ones: nearly what is meant."""
    return st.lists(st.sampled_from(bits) | _ODD, max_size=most).map("".join)


def _printed(value: object) -> str:
    """JSON, with what Python can hold and JSON should not."""
    return msgspec.json.encode(_without_halves(value)).decode()


def _without_halves(value: object) -> object:
    """A surrogate without its other half is no text that can be written."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_without_halves(one) for one in value]
        case dict():
            return {_without_halves(name): _without_halves(one) for name, one in value.items()}
        case _:
            return value


def _changed(whole: dict[str, Any]) -> st.SearchStrategy[str]:
    """This, with some of its values anything at all."""
    changes = st.dictionaries(st.sampled_from(sorted(whole)), _JSON, max_size=3)
    return changes.map(lambda other: _printed(whole | other)) | _JSON.map(_printed) | _TEXT | _DEEP


_MAIL = {"messageId": "0107", "timestamp": "2026-03-04T10:15:07.120Z", "destination": ["ana@example.com"], "tags": {}}
_KINDS = (
    "Send",
    "DeliveryDelay",
    "Delivery",
    "Bounce",
    "Complaint",
    "Reject",
    "Rendering Failure",
    "Open",
    "Click",
    "New",
)
_BODIES = ("send", "deliveryDelay", "delivery", "bounce", "complaint", "reject", "failure", "open", "click")
_BODY = st.dictionaries(
    st.sampled_from(
        [
            *("bounceType", "bounceSubType", "bouncedRecipients", "complainedRecipients", "recipients", "timestamp"),
            *("feedbackId", "complaintFeedbackType", "delayedRecipients", "smtpResponse", "link"),
        ]
    ),
    _JSON
    | st.sampled_from(["Permanent", "Transient", "2018-10-08T14:05:45 +0000", "0001-01-01T00:00:00+23:59"])
    | st.lists(st.fixed_dictionaries({"emailAddress": _TEXT | st.none()}), max_size=3),
    max_size=5,
)


def _event(kind: str, bodies: dict[str, Any], mail: dict[str, Any], field: str) -> str:
    return _printed({field: kind, "mail": _MAIL | mail, **bodies})


_EVENTS = st.builds(
    _event,
    st.sampled_from(_KINDS),
    st.dictionaries(st.sampled_from(_BODIES), _BODY | _JSON, max_size=3),
    st.dictionaries(st.sampled_from([*_MAIL, "headers"]), _JSON, max_size=2),
    st.sampled_from(["eventType", "notificationType", "other"]),
)

_FRONT = _of(
    'subject = "A {{ name }}"',
    "\n",
    'variables = ["name"]',
    "\n",
    'optional = ["more"]',
    "subject = ",
    '"',
    "[",
    most=8,
)
_JINJA = _of(
    *("{{ name }}", "{{ more }}", "{{", "}}", "{% if name %}", "{% endif %}", "{% for x in name %}", "{% endfor %}"),
    *(
        "{# ",
        "#}",
        "{% raw %}",
        "{{ name|e }}",
        "{{ name.a.b }}",
        "{{ sender.name }}",
        "{{ name() }}",
        "{% set name = 1 %}",
        "{{ name | date }}",
        '{{ name | plural(other="#") }}',
    ),
    *('{% extends "_layout" %}', "{% block body %}", "{% block subject %}", "{% endblock %}", "{{ links.leave }}"),
    *(
        "<p>",
        "</p>",
        "<style>p{color:red}</style>",
        "<style>",
        "<a href='{{ name }}'>",
        "<!--",
        "-->",
        "<table>",
        "&amp;",
    ),
)
_GOOD_FRONT = '+++\nsubject = "A {{ name }}"\nvariables = ["name"]\noptional = ["more"]\n+++\n'
_FILE = (
    st.builds(lambda front, body: f"+++\n{front}\n+++\n{body}", _FRONT, _JINJA)
    | _JINJA.map(_GOOD_FRONT.__add__)
    | _TEXT
)
_LAYOUT = "{{ links.why }}{% block subject %}{% endblock %}\n<p>{% block body %}{% endblock %}</p>"
_LAID_OUT = _JINJA.map((_GOOD_FRONT + '{% extends "_layout" %}{% block body %}').__add__).map(
    "{}{{% endblock %}}".format
)
_FILES = st.dictionaries(
    st.sampled_from(["en.html", "en.txt", "de-CH.html", "default.txt", "x.md", "EN.html", "_layout/de.html"]),
    _FILE | _LAID_OUT,
    max_size=3,
).map(lambda files: {"_layout/default.html": _LAYOUT, **files})

_LINES = TOML.splitlines()
_VALUES = st.sampled_from(
    ['""', "1", "-1", "true", "[]", "{}", '"10m"', "1e400", "1979-05-27", "nan", "[[1]]", "0x10", '"\\u0000"']
)


def _tampered(drop: Sequence[int], swap: dict[int, str], tail: str) -> str:
    kept = [line for place, line in enumerate(_LINES) if place not in drop]
    for place, value in swap.items():
        name, equals, _ = kept[place % len(kept)].partition("=")
        kept[place % len(kept)] = f"{name}{equals} {value}" if equals else value
    return "\n".join(kept) + tail


_SETTINGS = st.builds(
    _tampered,
    st.lists(st.integers(0, len(_LINES)), max_size=3),
    st.dictionaries(st.integers(0, 100), _VALUES | _TEXT, max_size=3),
    st.just("") | _TEXT,
) | _of("[", "]", "streams", ".", "x", "=", '"', "\n", "[ses]", "[[streams]]", "{", "}", "'''", most=30)


# --- what becomes of it -----------------------------------------------------------------------------------------------


def _address(text: str) -> None:
    found = address.parse(text)
    assert isinstance(found, address.Address | address.NotAnAddress)
    if isinstance(found, address.Address):
        assert address.parse(found.spelled) == found, "what was read is read otherwise"
        assert found.key.isascii()
        assert found.mailbox.partition("@")[0]


def _sender(text: str) -> None:
    found = address.parse_sender(text)
    assert isinstance(found, address.Sender | address.NotAnAddress)
    if isinstance(found, address.Sender):
        assert found.header.isascii()
        assert len(found.header.splitlines()) == 1


def _span(text: str) -> None:
    assert isinstance(stream.parse_span(text), timedelta | None)


def _limit(text: str) -> None:
    found = stream.parse_limit(text)
    assert found is None or stream.parse_limit(str(found)) == found


def _envelope(text: str) -> None:
    found = sns.parse_envelope(text.encode("utf-8", "surrogatepass"))
    assert isinstance(found, sns.Envelope | sns.NotSns)
    if isinstance(found, sns.Envelope):
        sns.string_to_sign(found)
        sns.certificate_url_fault(found.cert_url, found.topic_arn)
        sns.subscribe_url_fault(found.subscribe_url or "", found.topic_arn)


def _unwrapped(text: str) -> None:
    assert isinstance(envelope.unwrap(text), envelope.Unwrapped)


def _events(text: str) -> None:
    for event in ses_event.parse(text, NOW):
        assert event.key and event.at.tzinfo is not None
        event.raw.encode()


def _template(files: dict[str, str]) -> None:
    made = template.parse("one", files, "en")
    lint(made, (), dict.fromkeys(PARTS["sender"], "x"))
    for locale in ("en", "de-CH", "", "x" * 100):
        try:
            rendered = made.render({"name": "Ana"}, locale, dict.fromkeys(PARTS["sender"], "x"))
        except template.RenderError:
            continue
        assert "\n" not in rendered.subject


def _answer(given_: tuple[int, str | None, bytes]) -> None:
    assert isinstance(ses_answer.outcome(*given_), Sent | Refused | TryLater | Unknown)


def _cell(cells: list[str]) -> None:
    assert [sheet.bare(sheet.marked(cell)) for cell in cells] == cells
    [found] = csv.reader(StringIO(sheet.row(cells), newline=""))
    assert [sheet.bare(cell) for cell in found] == cells


def _settings(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "franked.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        assert isinstance(read(path, {}), Settings)


_ADDRESSES = _of(
    "ana", "@", "example.com", ".", "+", "<", ">", '"', "(", ")", ",", "[", "]", "\\", "-", "a" * 64, "xn--"
)
PARSERS = (
    Parser("address.parse", _ADDRESSES | st.emails() | _TEXT, _address),
    Parser("address.parse_sender", _ADDRESSES | st.builds("{} <{}>".format, _TEXT, st.emails()) | _TEXT, _sender),
    Parser("stream.parse_span", _of("1", "99999", " ", "s", "m", "h", "d", "0") | _TEXT, _span),
    Parser("stream.parse_limit", _of("5", "/", "hour", " ", "day", "second", "0", "-", "999999999") | _TEXT, _limit),
    Parser("sns.parse_envelope", _changed(ENVELOPE), _envelope),
    Parser("envelope.unwrap", _changed({**ENVELOPE, "source": "aws.ses", "detail": {}}), _unwrapped),
    Parser("ses_event.parse", _EVENTS | _JSON.map(_printed) | _TEXT | _DEEP, _events, (ses_event.NotAnEvent,)),
    Parser("template.parse", _FILES, _template, (template.TemplateFault,)),
    Parser(
        "ses_answer.outcome",
        st.tuples(
            st.integers(100, 999),
            st.none() | _TEXT | st.sampled_from(["BadRequestException", "ns#Throttling:http://x", "MessageRejected"]),
            _changed({"MessageId": "0107", "message": "Daily message quota exceeded", "__type": "x"}).map(
                lambda text: text.encode("utf-8", "surrogatepass")
            )
            | st.binary(max_size=60),
        ),
        _answer,
    ),
    Parser(
        "sheet",
        st.lists(st.text(max_size=20) | _of("=", "'", "+", "\t", '"', ",", "\r", "\n"), min_size=1, max_size=4),
        _cell,
    ),
    Parser("settings.read", _SETTINGS, _settings, (SettingsFault,)),
)
