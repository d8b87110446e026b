"""Something a reviewer would ask about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`line` is 0 where it is about the whole file. `matters`: a mail should not go out like this."""

    file: str  # below the folder of the templates
    line: int
    what: str  # a word for programs
    why: str
    way_out: str
    matters: bool = True
