"""What every command does first: find the settings, and say in one sentence what is wrong with them."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from franked.settings import Settings, SettingsFault, located, read


class Unusable(Exception):
    """A command that can't do what was asked; `str()` is the sentence, the exit status is 2."""


def examples() -> Path:
    """The example products: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[2]
    inside = package / "_examples"
    return inside if inside.is_dir() else package.parent / "examples"


@dataclass(frozen=True, slots=True)
class Found:
    """The settings that apply, and their file; `own` is False where there is none and the example's has to do."""

    settings: Settings
    file: Path
    own: bool


def settings_for(config: Path | None, data: Path | None = None, db: str | None = None) -> Found:
    """Without any file: the consulting example's, with the record in ./.franked."""
    found = located(config, os.environ, Path.cwd())
    file = found or examples() / "consulting" / "franked.toml"
    settings = read(file, os.environ | ({"FRANKED_STORE_URL": db} if db else {}))
    if data or not found:
        directory = (data or Path(".franked")).absolute()
        settings = replace(settings, store=replace(settings.store, directory=directory))
    return Found(settings, file.absolute(), found is not None)


def said(act: Callable[[], int]) -> int:
    """Exit status of `act`; what may well go wrong is a sentence on stderr, and status 2."""
    try:
        return act()
    except (SettingsFault, Unusable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
