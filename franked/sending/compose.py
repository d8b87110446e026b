"""A taken message becomes the mail that SES is asked to send."""

from franked.formats.html import plain_text
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG, Mail
from franked.formats.template import Rendered, RenderError
from franked.formats.threading import answering
from franked.ports import Declared, Templates
from franked.rules.content import Written
from franked.rules.message import Message, Taken
from franked.rules.outcome import Refused

# RFC 3834: keeps vacation replies away from mail that no person wrote.
_AUTOMATIC = (("Auto-Submitted", "auto-generated"),)


async def compose(taken: Taken, templates: Templates, declared: Declared) -> Mail | Refused:
    message = taken.message
    content = _worded(message.content) if message.content else await _rendered(message, templates, declared)
    if isinstance(content, Refused):
        return content
    stream = declared.streams.get(message.stream)
    return Mail(
        sender=message.sender,
        to=message.to,
        subject=content.subject,
        html=content.html,
        text=content.text,
        reply_to=stream.reply_to.header if stream and stream.reply_to else None,
        headers=(*_AUTOMATIC, *(answering(message.answers) if message.answers else ())),
        tags=((MESSAGE_TAG, message.id), (ATTEMPT_TAG, taken.attempt_id)),
        configuration_set=declared.configuration_sets.get(message.lane),
        attachments=message.attachments,
    )


def _worded(own: Written) -> Rendered:
    """A mail has a text part, whoever wrote it."""
    return Rendered(own.subject, own.html, own.text or plain_text(own.html))


async def _rendered(message: Message, templates: Templates, declared: Declared) -> Rendered | Refused:
    template = await templates.load(message.template_version)
    if template is None:
        return Refused("template_error", f"the template version {message.template_version} is no longer kept")
    try:
        return template.render(message.variables, message.locale, declared.contact)
    except RenderError as error:
        return Refused("template_error", str(error))
