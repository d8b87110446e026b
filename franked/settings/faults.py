"""What is wrong with the settings, said so that the reader can mend it without the manual."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_AFTER_THE_FILE = 1_000_000_000  # variables have no line: they come last


@dataclass(frozen=True, slots=True)
class Fault:
    where: str  # "franked.toml:12" or a variable's name
    what: str
    line: int = _AFTER_THE_FILE

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class SettingsFault(Exception):
    """All that is wrong at once, a line each, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def meant(word: str, known: Iterable[str], shape: str = "{}") -> str:
    """`; did you mean …?` for a word close to a known one, else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {shape.format(close[0])}?" if close else ""
