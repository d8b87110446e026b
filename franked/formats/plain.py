"""Other people's words in our Markdown: they stand there as they are, and mark nothing up."""

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")
LONGEST = 2000  # characters of one cell


def plain(text: str) -> str:
    """On one line."""
    return _MARKS.sub(r"\\\1", " ".join(text[:LONGEST].split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"
