"""What a reader can turn off, and on again, without a login."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from franked.flows.subscriptions import Wished, subscribe
from franked.ports import World
from franked.rules.address import Address
from franked.rules.consent import Evidence, Standing, Statement, Step, Topic, standing_of
from franked.rules.stream import Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic, and whether its mail comes. Marketing must be asked for, other mail comes until it is left."""

    topic: Topic
    is_marketing: bool
    standing: Standing

    @property
    def is_on(self) -> bool:
        comes_anyway = not self.is_marketing and self.standing is Standing.NOTHING
        return comes_anyway or self.standing is Standing.CONFIRMED


async def choices(address: Address, world: World) -> list[Choice]:
    """Of every topic that a stream has."""
    [consents] = await world.store.consents([address.key])
    streams, topics = world.declared.streams.values(), world.declared.topics
    marketing = {one.topic for one in streams if one.kind is Kind.MARKETING}
    used = dict.fromkeys(one.topic for one in streams if one.topic)
    return [Choice(topics[name], name in marketing, standing_of(consents, name)) for name in used]


async def choose(
    address: Address, wanted: Mapping[str, bool], evidence: Evidence, language: str, request_id: str, world: World
) -> Sequence[str]:
    """What is not in `wanted` stays as it is. Marketing is only ever begun by a confirmation: the topics that a mail
    asks about now."""
    changed = [one for one in await choices(address, world) if wanted.get(one.topic.name, one.is_on) != one.is_on]
    begun = [one.topic for one in changed if one.is_marketing and not one.is_on]
    switched = [one for one in changed if one.topic not in begun]
    now = world.now()
    said = [Statement(address, one.topic.name, _step(one), now, evidence) for one in switched]
    await world.store.state(said)
    for one in said:
        world.log(one.step.value, address=address, topic=one.topic)
    for topic in begun:
        shown = f"{topic.title_in(language)}. {topic.description_in(language)}".strip()
        asked = Statement(address, topic.name, Step.ASKED, now, replace(evidence, wording=shown), language)
        await subscribe(Wished(asked, topic, None, request_id), world)
    return [topic.name for topic in begun]


def _step(one: Choice) -> Step:
    return Step.LEFT if one.is_on else Step.TURNED_ON
