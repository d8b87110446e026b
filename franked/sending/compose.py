"""A taken message becomes the mail that SES is asked to send."""

from collections.abc import Mapping
from dataclasses import replace

from franked.formats.html import plain_text
from franked.formats.links import Links, Use
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG, Mail
from franked.formats.mime import build
from franked.formats.template import Rendered, RenderError
from franked.formats.threading import answering
from franked.ports import World
from franked.rules.content import Written
from franked.rules.message import Message, Taken
from franked.rules.outcome import Refused

Header = tuple[str, str]

# RFC 3834: keeps vacation replies away from mail that no person wrote.
_AUTOMATIC: Header = ("Auto-Submitted", "auto-generated")
_ONE_CLICK: Header = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")  # RFC 8058


async def compose(taken: Taken, world: World) -> Mail | Refused:
    message, declared = taken.message, world.declared
    stream = declared.streams.get(message.stream)
    links = links_of(message, stream.topic if stream else None, world.links)
    content = _worded(message.content) if message.content else await _rendered(message, links, world)
    if isinstance(content, Refused):
        return content
    mail = Mail(
        sender=message.sender,
        to=message.to,
        subject=content.subject,
        html=content.html,
        text=content.text,
        reply_to=message.reply_to or (stream.reply_to.header if stream and stream.reply_to else None),
        headers=(*_headers(links["leave"]), *(answering(message.answers) if message.answers else ())),
        tags=((MESSAGE_TAG, message.id), (ATTEMPT_TAG, taken.attempt_id)),
        configuration_set=declared.configuration_sets.get(message.lane),
        attachments=message.attachments,
        calendar=message.calendar,
    )
    return replace(mail, raw=build(mail)) if mail.calendar else mail  # SES's own MIME knows no calendar


def links_of(message: Message, topic: str | None, links: Links) -> Mapping[str, str | None]:
    """What a template shows its reader, as formats.template.NO_LINKS has it. Only a mail of a topic can be left."""
    address = message.to.spelled
    return {
        "leave": links.to(Use.LEAVE, address, topic) if topic else None,
        "preferences": links.to(Use.PREFERENCES, address) if topic else None,
        "why": links.to(Use.WHY, message.id),
    }


def _headers(leave: str | None) -> tuple[Header, ...]:
    return (_AUTOMATIC, ("List-Unsubscribe", f"<{leave}>"), _ONE_CLICK) if leave else (_AUTOMATIC,)


def _worded(own: Written) -> Rendered:
    """A mail has a text part, whoever wrote it."""
    return Rendered(own.subject, own.html, own.text or plain_text(own.html))


async def _rendered(message: Message, links: Mapping[str, str | None], world: World) -> Rendered | Refused:
    template = await world.templates.load(message.template_version)
    if template is None:
        return Refused("template_error", f"the template version {message.template_version} is no longer kept")
    try:
        return template.render(message.variables, message.locale, world.declared.contact, links)
    except RenderError as error:
        return Refused("template_error", str(error))
