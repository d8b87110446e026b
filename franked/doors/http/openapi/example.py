"""An example of a shape, composed of the examples that its fields have."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def example_of(schema: Schema, shapes: Mapping[str, Schema]) -> Any:
    """`shapes`: what a `$ref` names. Of what may be null or left out, only that which has an example of its own is
    shown."""
    match schema:
        case {"$ref": str(path)}:
            return example_of(shapes[path.rpartition("/")[2]], shapes)
        case {"examples": [first, *_]} | {"enum": [first, *_]}:
            return first
        case {"anyOf": [*options]} | {"oneOf": [*options]}:
            return None if {"type": "null"} in options else example_of(options[0], shapes)
        case {"properties": dict(fields)}:
            shown = [name for name, field in fields.items() if name in schema["required"] or "examples" in field]
            return {name: example_of(fields[name], shapes) for name in shown}
        case {"type": "array", "items": items}:
            return [example_of(items, shapes)]
        case _:
            return _NOTHING_SAID.get(schema.get("type", ""))


_NOTHING_SAID = {"string": "text", "integer": 1, "number": 1, "boolean": False, "object": {}}
