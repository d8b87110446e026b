"""One setting of the table, and the section it stands in."""

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from franked.settings.forms import Form

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table. `field` is its name in the class, `name` the one in the file."""

    section: str
    field: str
    name: str
    form: Form[Any]
    default: object
    meaning: str
    required: bool  # where there is a file, it must be said
    secret: bool  # never shown; may come from a file of its own
    unsaid: str  # what applies when nothing is said, where the default value doesn't tell

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.section.split("."), self.name)

    @property
    def variable(self) -> str:
        return f"FRANKED_{self.path.replace('.', '_').replace('-', '_').upper()}"


def setting(
    form: Form[T],
    default: D,
    meaning: str,
    *,
    name: str = "",
    required: bool = False,
    secret: bool = False,
    unsaid: str = "",
) -> T | D:
    notes = {"form": form, "meaning": meaning, "name": name, "required": required, "secret": secret, "unsaid": unsaid}
    declared: T | D = field(default=default, repr=not secret, metadata=notes)
    return declared


def settings_of(section: str, table: type[Any]) -> tuple[Setting, ...]:
    return tuple(
        Setting(section, it.name, default=it.default, **{**it.metadata, "name": it.metadata["name"] or it.name})
        for it in fields(table)
    )


@dataclass(frozen=True, slots=True)
class Section:
    path: str  # "ses.configuration_sets"
    field: str  # in Settings
    table: type[Any]
    settings: tuple[Setting, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))


def section_of(path: str, field_name: str, table: type[Any]) -> Section:
    return Section(path, field_name, table, settings_of(path, table))
