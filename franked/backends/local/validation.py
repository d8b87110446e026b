"""Is a request what botocore's model of its service says it is? The model is compiled once into plain functions.

botocore itself checks types and minimum lengths before it sends; the rest of the model (maximum lengths, patterns,
enums) is checked by AWS, so here it is checked too, and so is everything for SDKs that check nothing.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from franked.backends.local.answers import AwsError, bad_request


@dataclass(frozen=True, slots=True)
class _Broken:
    rule: str
    where: tuple[str, ...] = ()
    mistyped: bool = False  # no value of the model at all

    def within(self, *outer: str) -> "_Broken":
        return replace(self, where=(*outer, *self.where))


_Check = Callable[[Any], _Broken | None]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "list": (list,),
    "structure": (dict,),
    "map": (dict,),
}


def request_fault(operation: str, wire: object, service: str = "sesv2") -> AwsError | None:
    """The first fault of a decoded JSON body."""
    broken = _request_check(operation, service)(wire)
    if broken is None:
        return None
    where = ".".join(broken.where)
    if broken.mistyped:
        return AwsError(400, "SerializationException", f"{where or 'the body'} {broken.rule}")
    return bad_request(
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member must {broken.rule}"
    )


@cache
def _request_check(operation: str, service: str) -> _Check:
    shape = _model(service).operation_model(operation).input_shape
    assert shape is not None
    return _check_of(shape)


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _check_of(shape: Shape) -> _Check:
    kind = shape.type_name
    if isinstance(shape, StructureShape):
        return _typed(kind, _structure(shape))
    if isinstance(shape, ListShape):
        return _typed(kind, _list(shape))
    return _typed(kind, _blob if kind == "blob" else _text(shape) if kind == "string" else _anything)


def _typed(kind: str, check: _Check) -> _Check:
    types = _TYPES.get(kind, (object,))
    is_boolean = kind == "boolean"

    def typed(value: Any) -> _Broken | None:
        if not isinstance(value, types) or (value is True or value is False) is not is_boolean:
            return _Broken(f"is no {kind}", mistyped=True)
        return check(value)

    return typed


def _structure(shape: StructureShape) -> _Check:
    """Members that the model does not know are passed over, as AWS does. A null is a member that is not there."""
    in_body = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    checks = {member.serialization.get("name", name): _check_of(member) for name, member in in_body.items()}
    required = [name for name in shape.required_members if name in in_body]

    def structure(value: dict[str, Any]) -> _Broken | None:
        for name in required:
            if value.get(name) is None:
                return _Broken("not be null", (_spelled(name),))
        for name, item in value.items():
            check = checks.get(name)
            broken = check(item) if check and item is not None else None
            if broken:
                return broken.within(_spelled(name))
        return None

    return structure


def _list(shape: ListShape) -> _Check:
    check, most = _check_of(shape.member), shape.metadata.get("max")

    def listed(value: list[Any]) -> _Broken | None:
        if most is not None and len(value) > most:
            return _Broken(f"have length less than or equal to {most}")
        for number, item in enumerate(value, 1):
            broken = check(item)
            if broken:
                return broken.within(str(number), "member")
        return None

    return listed


def _text(shape: Shape) -> _Check:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    enum, spelled = shape.metadata.get("enum"), shape.metadata.get("pattern")
    pattern = re.compile(spelled) if spelled else None

    def text(value: str) -> _Broken | None:
        if len(value) < least:
            return _Broken(f"have length greater than or equal to {least}")
        if most is not None and len(value) > most:
            return _Broken(f"have length less than or equal to {most}")
        if enum and value not in enum:
            return _Broken(f"satisfy enum value set: [{', '.join(enum)}]")
        if pattern and not pattern.fullmatch(value):
            return _Broken(f"satisfy regular expression pattern: {spelled}")
        return None

    return text


def _blob(value: str) -> _Broken | None:
    try:
        b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return _Broken("is not base64", mistyped=True)
    return None


def _anything(value: Any) -> _Broken | None:
    return None


def _spelled(name: str) -> str:
    return name[:1].lower() + name[1:]
