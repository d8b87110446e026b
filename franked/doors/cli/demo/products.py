"""The example products, each with the people of its day: `day.py` beside its `franked.toml`.

Such a module has KEYS (a name for each API key, and the streams that it may use), RATE and QUOTA (what AWS grants;
without them the day begins in the sandbox), `create_app(franked_url, keys, database, now, site)` and `play(day)`.
"""

import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from franked.doors.cli.demo.day import Day
from franked.doors.cli.start import Unusable, examples

NAMES = ("consulting", "meet", "backup", "marketplace", "activities")


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    folder: Path
    keys: Mapping[str, frozenset[str]]  # name → streams; none: all of them
    limits: tuple[float, float] | None  # mails a second, mails a day; None: in the sandbox
    create_app: Callable[..., Any]
    play: Callable[[Day], Awaitable[None]]


def products(names: tuple[str, ...]) -> list[Product]:
    """Raises Unusable."""
    for name in names:
        if name not in NAMES:
            raise Unusable(f"there is no product {name!r}: there are {', '.join(NAMES)}")
    return [_product(name) for name in names]


def _product(name: str) -> Product:
    folder = examples() / name
    day: Any = _imported(folder)
    rate, quota = getattr(day, "RATE", None), getattr(day, "QUOTA", None)
    limits = (rate, quota) if rate and quota else None
    return Product(name, folder, day.KEYS, limits, day.create_app, day.play)


def _imported(folder: Path) -> object:
    """Products are no part of Franked, and import nothing of it: their folder is a package of its own."""
    package = folder.parent
    above = str(package.parent)
    sys.path.insert(0, above)
    try:
        return importlib.import_module(f"{package.name}.{folder.name}.day")
    finally:
        sys.path.remove(above)
