"""The letter, written out of what was checked just now."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files

from franked.access.checks.product import own_streams
from franked.access.facts import Facts, facts_of
from franked.access.promises import promises
from franked.formats.request import mail_type
from franked.formats.sample import invented
from franked.formats.template import RenderError
from franked.ports import World
from franked.rules.content import Content
from franked.rules.finding import Finding
from franked.rules.letter import Letter, Sample, Sentence, ToDo
from franked.rules.promise import Broken, Kept, Promise, Section, judge

LANGUAGES = ("en", "de")
OURS = {"kind", "kinds", "limits", "approvals", "volume", "day", "month"}  # slots that no product wrote
LIMIT_NAME = "SES sending quota (24 hours) and production access"


@dataclass(frozen=True, slots=True)
class Words:
    sections: Mapping[str, str]
    promises: Mapping[str, str]
    short: Mapping[str, str]
    terms: Mapping[str, str]  # English → this language, of what we put into the sentences ourselves

    def say(self, promise: Promise) -> str:
        return self.promises[promise.key].format_map(self._slots(promise)).strip()

    def say_short(self, promise: Promise) -> str:
        return self.short[promise.key].format_map(self._slots(promise))

    def _slots(self, promise: Promise) -> Mapping[str, object]:
        said = {name: self._term(value) if name in OURS else value for name, value in promise.slots.items()}
        return {"stream": promise.of, **said}

    def _term(self, value: object) -> str:
        return reduce(lambda said, term: said.replace(*term), self.terms.items(), str(value))


@cache
def words_in(language: str) -> Words:
    read = tomllib.loads((files("franked.access") / "words" / f"{language}.toml").read_text("utf-8"))
    return Words(read["sections"], read["promises"], read["short"], read.get("terms", {}))


async def write_letter(findings: Sequence[Finding], language: str, world: World) -> Letter:
    """`language`: en, or de for reading. Raises StoreUnavailable."""
    facts, words = await facts_of(findings, world), words_in(language)
    judged = judge(promises(facts), findings)
    return Letter(
        at=facts.now,
        head=_head(facts),
        sections={section: words.sections[section] for section in Section},
        sentences=tuple(_sentence(one, words) for one in judged if isinstance(one, Kept)),
        to_do=tuple(to_do for one in judged if isinstance(one, Broken) for to_do in _to_do(one)),
        samples=tuple(_samples(world)),
        findings=tuple(findings),
        rehearsal=world.declared.is_rehearsal,
        short=_short([one.promise for one in judged if isinstance(one, Kept)], words),
    )


def _head(facts: Facts) -> Mapping[str, str]:
    declared, asked = facts.declared, facts.declared.asked
    kinds = {stream.kind for stream in own_streams(declared)}
    return {
        "Service": "Amazon Simple Email Service (SES)",
        "Region": declared.region,
        "Limit": LIMIT_NAME,
        "New value": f"{asked.per_day:,} recipients in 24 hours" if asked.per_day else "",
        "Mail type": f"{mail_type(kinds)} ({facts.kinds})",
        "Domain": ", ".join(facts.domains),
        "Website": declared.website,
        "Company": asked.company,
        "Signed by": f"{asked.signer}, {asked.role}" if asked.signer and asked.role else "",
        "Contact": asked.email.spelled if asked.email else "",
        "Postal address": declared.postal_address,
    }


def _sentence(kept: Kept, words: Words) -> Sentence:
    promise = kept.promise
    return Sentence(promise.section, promise.key, promise.of, words.say(promise), tuple(one.id for one in kept.proof))


def _short(kept: Sequence[Promise], words: Words) -> Mapping[Section, Sequence[str]]:
    """A line for each stream; of leaving them a line for all that are alike."""
    alike = {key: [one.of for one in kept if one.key == key] for key in ("not_left", "can_be_left")}
    return {
        Section.STREAMS: [words.say_short(one) for one in kept if one.key == "stream"],
        Section.LEAVING: [words.short[key].format(streams=", ".join(names)) for key, names in alike.items() if names],
    }


def _to_do(broken: Broken) -> Iterator[ToDo]:
    promise = broken.promise
    for finding in broken.failed:
        yield ToDo(promise.key, promise.of, f"{finding.id} is {finding.status}: {finding.found}", finding.fix)
    for key in broken.missing:
        yield ToDo(promise.key, promise.of, f"{key} was not checked", ("franked check",))


def _samples(world: World) -> Iterator[Sample]:
    """Rendered from the templates in use, with the values that they bring for it."""
    declared = world.declared
    for stream in own_streams(declared):
        template = world.templates.current(stream.template) if stream.content is Content.TEMPLATE else None
        if template is None:
            continue
        names = sorted(template.variables | template.optional)
        variables = {**{name: invented(name) for name in names}, **template.sample("en")}
        try:
            rendered = template.render(variables, "en", declared.contact)
        except RenderError:
            continue  # its check says so
        yield Sample(stream.name, rendered.subject, rendered.text or "")
