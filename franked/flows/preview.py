"""A template as its reader would see it, before anybody gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from franked.formats.mail import MESSAGE_TAG, Mail
from franked.formats.sample import invented
from franked.formats.template import Rendered, Template
from franked.ports import World
from franked.rules.address import SIMULATOR_DOMAIN, Address
from franked.rules.outcome import Sent

_NOBODY = Address.of_spelled(f"success+preview@{SIMULATOR_DOMAIN}")
_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Preview:
    rendered: Rendered
    variables: Mapping[str, object]  # with which it was rendered


def previewed(template: Template, given: Mapping[str, object], locale: str | None, world: World) -> Preview:
    """Raises RenderError."""
    asked = locale or world.declared.default_locale
    names = template.variables | template.optional
    variables = {**{name: invented(name) for name in sorted(names)}, **template.sample(asked), **given}
    return Preview(template.render(variables, asked, world.declared.contact), variables)


async def show_in_inbox(rendered: Rendered, world: World) -> str | None:
    """Only where SES is simulated: a mail that no person gets, and that the record does not know. Its id in the inbox;
    None: the account did not take it."""
    id_ = world.new_id()
    mail = Mail(
        sender=world.declared.sender.header,
        to=_NOBODY,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        tags=((MESSAGE_TAG, id_),),
    )
    outcome = await world.transport.send(mail, world.now() + _WITHIN)
    return id_ if isinstance(outcome, Sent) else None
