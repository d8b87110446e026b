"""In which words the admins are told: those of the settings' language, else English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from franked.formats.template import Template, parse
from franked.ports import World
from franked.record import Added
from franked.rules.alarm import ADMIN_STREAMS, Language, Words
from franked.rules.content import Written
from franked.rules.draft import Draft
from franked.rules.verdict import Caller
from franked.sending.accept import Answer, accept

LANGUAGES = ("en", "de")
OWN = "franked"  # on whose word what Franked itself sends is in the record
_ITSELF = Caller(OWN, OWN, frozenset(ADMIN_STREAMS))
_FILES = tuple(f"{language}.{kind}" for language in LANGUAGES for kind in ("html", "txt"))


def language_of(world: World) -> str:
    asked = world.declared.default_locale.partition("-")[0]
    return asked if asked in LANGUAGES else LANGUAGES[0]


@cache
def words_in(language: str) -> Language:
    text = (files("franked.reputation") / "words" / f"{language}.toml").read_text("utf-8")
    read = tomllib.loads(text)
    return Language(read["labels"], {name: Words(**one) for name, one in read["kinds"].items()})


@cache
def template(name: str) -> Template:
    place = files("franked.reputation") / "mail" / name
    return parse(name, {one: (place / one).read_text("utf-8") for one in _FILES}, LANGUAGES[0])


async def mail_admins(
    stream: str, name: str, variables: Mapping[str, object], once: str, world: World
) -> list[tuple[str, Answer]]:
    """To each admin, once, however often and by how many it is asked: `once` says what is one mail. Raises
    StoreUnavailable."""
    language = language_of(world)
    rendered = template(name).render(variables, language, world.declared.contact)
    written = Written(rendered.subject, rendered.html, rendered.text)
    drafts = [
        Draft(
            stream=stream,
            to=admin.spelled,
            trigger=None,
            locale=language,
            content=written,
            idempotency_key=f"{once}|{admin.key}",
            request_id=stream,
        )
        for admin in world.declared.admins
    ]
    answers = await accept(drafts, _ITSELF, world)
    for answer in answers:
        if isinstance(answer, Added) and answer.reason and not answer.repeated:
            world.log("admin_not_mailed", level="warning", stream=stream, message=answer.id, reason=answer.reason)
    return [(draft.to, answer) for draft, answer in zip(drafts, answers, strict=True)]
