"""What is wrong with a mail as its reader gets it: rendered with the template's sample, as each of its streams does."""

import re
from collections.abc import Iterator, Mapping

from markupsafe import escape

from franked.formats.lint.finding import Finding
from franked.formats.template import NO_LINKS, Rendered, RenderError, Template
from franked.rules.stream import Kind, Stream

# In the languages of Europe that write Latin letters; elsewhere the English word does.
_TRANSACTIONAL = re.compile(r"\btransa[ckz]", re.IGNORECASE)
CLIPPED = 102 * 1024  # bytes: Gmail shows no more of a mail's HTML
_EXAMPLE = {use: f"https://links.example.com/u/{use}/sample" for use in NO_LINKS}
_LEAVE = re.compile(r"<a\b[^>]*>[^<]*\b(unsubscribe|opt.?out|abmelden|abbestellen)\b[^<]*</a>", re.IGNORECASE)
_LEAVE_IN_TEXT = re.compile(r"\b(unsubscribe|opt.?out|abmelden|abbestellen)\b[^\n]{0,40}https?://", re.IGNORECASE)


def faults_of_mail(template: Template, stream: Stream | None, sender: Mapping[str, str]) -> Iterator[Finding]:
    """In each language."""
    for locale, wording in template.wordings.items():
        file = f"{template.name}/{wording.subject.file}"
        links = _EXAMPLE if stream and stream.topic else {"why": _EXAMPLE["why"]}
        try:
            mail = template.render(template.sample(locale), locale, sender, links)
        except RenderError as error:
            way_out = "give each variable a value of its shape in the front matter's [sample]"
            yield Finding(file, 0, "no_sample", f"it can't be looked at: {error}", way_out)
        else:
            yield from _faults(file, mail, stream, sender)


def _faults(file: str, mail: Rendered, stream: Stream | None, sender: Mapping[str, str]) -> Iterator[Finding]:
    size = len(mail.html.encode())
    if size > CLIPPED:
        why = f"with the sample it has {size:,} bytes of HTML, and Gmail shows {CLIPPED:,}"
        yield Finding(file, 0, "too_long", why, "shorten it, or link to a page")
    if not mail.text.strip():
        yield Finding(file, 0, "no_text", "its text part is empty", "write what it says as text, not as an image")
    for name, what, shown in (
        ("postal_address", "no_address", "postal address"),
        ("website", "no_contact", "website"),
    ):
        if missing := _parts_without(mail, sender[name]):
            why = f"its {missing} part does not show the sender's {shown}"
            yield Finding(file, 0, what, why, f"show {{{{ sender.{name} }}}}, best in the layout")
    if stream:
        yield from _of_leaving(file, mail, stream)


def _of_leaving(file: str, mail: Rendered, stream: Stream) -> Iterator[Finding]:
    """A stream with a topic can be left, and no other."""
    if stream.topic and all(_parts_without(mail, _EXAMPLE[use]) for use in ("leave", "preferences")):
        missing = _parts_without(mail, _EXAMPLE["leave"])
        why = f"the stream {stream.name!r} can be left, and its {missing} part has no link to do so"
        yield Finding(file, 0, "no_unsubscribe", why, "show {{ links.leave }} where it is given, best in the layout")
    if not stream.topic and (_LEAVE.search(mail.html) or _LEAVE_IN_TEXT.search(mail.text)):
        why = f"the stream {stream.name!r} can't be left, and the mail has a link to unsubscribe"
        yield Finding(file, 0, "needless_unsubscribe", why, "take the link away, or give the stream a `topic`")
    if stream.kind is Kind.TRANSACTIONAL and not stream.topic and not _TRANSACTIONAL.search(mail.text):
        why = f"the stream {stream.name!r} can't be left, and the mail does not say that it is a transactional message"
        yield Finding(file, 0, "no_reason", why, "say so, and why it was sent, below it: best in the layout's `reason`")


def _parts_without(mail: Rendered, words: str) -> str:
    """`HTML`, `text`, both or none of them."""
    missing = ["HTML"] if mail.html and words not in mail.html and str(escape(words)) not in mail.html else []
    return " and ".join([*missing, *(["text"] if words not in mail.text else [])])
