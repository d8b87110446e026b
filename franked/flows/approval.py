"""Templates are reviewed: who did what is kept, and what an approval lets go is let go."""

from collections.abc import Sequence
from dataclasses import dataclass

from franked.formats.template import Template
from franked.ports import World
from franked.rules.approval import DRAFT, NotNow, Review, Step
from franked.rules.content import Content
from franked.sending.replay import release_approved


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One version of a template, and where it stands. `streams`: whose mail the template writes; `asked`: those of them
    whose mail waits for an approval."""

    name: str
    template: Template
    last: Review | None
    streams: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def stands(self) -> str:
        return self.last.step.value if self.last else DRAFT

    @property
    def is_waited_for(self) -> bool:
        return bool(self.asked) and self.stands != Step.APPROVED


async def review(new: Review, world: World) -> Review | NotNow:
    """An approval lets go what waited for it."""
    [answer] = await world.store.review([new])
    if isinstance(answer, Review):
        world.log("template_reviewed", template=new.template, version=new.version, step=new.step.value, by=new.by)
        if new.step is Step.APPROVED:
            await release_approved(world)
    return answer


async def reviewed(world: World) -> list[Reviewed]:
    """The templates of all streams as they are on this machine now, by name."""
    names = sorted({stream.template for stream in world.declared.streams.values()})
    return await _reviewed([(name, found) for name in names if (found := world.templates.current(name))], world)


async def reviewed_one(name: str, template: Template, world: World) -> Reviewed:
    [found] = await _reviewed([(name, template)], world)
    return found


async def _reviewed(templates: Sequence[tuple[str, Template]], world: World) -> list[Reviewed]:
    last = await world.store.reviewed([template.version for _, template in templates])
    found = []
    for (name, template), newest in zip(templates, last, strict=True):
        streams = [one for one in world.declared.streams.values() if one.template == name]
        written = tuple(one.name for one in streams if one.content is Content.TEMPLATE)
        asked = tuple(one.name for one in streams if one.needs_approval)
        found.append(Reviewed(name, template, newest, written, asked))
    return found


async def waiting(world: World) -> str | None:
    """Which streams' mail is held until their templates are approved, and what to do; None: no stream's."""
    found = [one for one in await reviewed(world) if one.is_waited_for]
    if not found:
        return None
    streams = ", ".join(name for one in found for name in one.asked)
    templates = ", ".join(f"{one.name} ({one.stands})" for one in found)
    return (
        f"mail of the streams {streams} is held until these templates are approved: {templates}. "
        "One person says `franked templates submit NAME --by ANA`, "
        "another `franked templates approve NAME --by BEN --note WHY`"
    )
