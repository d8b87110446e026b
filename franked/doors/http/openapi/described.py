"""A route as the OpenAPI document has to describe it: its shapes, and the key it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from litestar.handlers import HTTPRouteHandler

from franked.doors.http.openapi.example import Schema, example_of

NOTHING = {"type": "null"}


class Needs(Enum):
    """Which key a route needs."""

    KEY = "Needs a key."
    ADMINISTRATOR = "Needs the administrator's key."
    NOTHING = "Needs no key."


@dataclass(frozen=True, slots=True)
class Described:
    """A route, and its shapes as msgspec itself has them. Of a route without a body, and of a text: `NOTHING`."""

    handler: HTTPRouteHandler
    needs: Needs
    taken: Schema
    told: Schema

    @property
    def name(self) -> str:
        return self.handler.handler_name


def as_json(schema: Schema, components: Mapping[str, Schema]) -> dict[str, Any]:
    return {"schema": schema, "examples": examples_of("example", example_of(schema, components))}


def examples_of(name: str, value: object) -> dict[str, Any]:
    return {name: {"value": value}}
