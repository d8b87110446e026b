"""Of what a flow knows, what a stream's template asks for."""

from collections.abc import Mapping

from franked.ports import World


def wanted(stream_name: str, known: Mapping[str, object], world: World) -> dict[str, object]:
    stream = world.declared.streams.get(stream_name)
    template = world.templates.current(stream.template) if stream else None
    asked = template.variables | template.optional if template else frozenset[str]()
    return {name: value for name, value in known.items() if name in asked}
