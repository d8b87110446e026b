"""The letter to AWS: nothing in it that no check has found so, and nothing left open."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from franked.rules.finding import Finding
from franked.rules.promise import Section

_PLACEHOLDER = re.compile(
    r"…|\.\.\.|\{[^}]*\}|<[A-Za-z](?:[\w -]*\w)?>|\[[A-Z][^\]]*\]|\b(?:TODO|TBD|XXX|FIXME|[Ll]orem"
    r"|[Yy]our[- ](?:name|company|domain))\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`promise`: its key. `of`: the stream or domain it is about. `proof`: the ids of the findings it stands on."""

    section: Section
    promise: str
    of: str
    text: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToDo:
    """What keeps a sentence out of the letter, and the way there."""

    promise: str
    of: str
    why: str
    fix: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail as its template writes it today."""

    stream: str
    subject: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """`head`: the contact block, by label. `rehearsal`: its evidence is of the simulated account: AWS never gets it.
    `short`: of some sections the same sentences with fewer words, for a field that has no room for all of them."""

    at: datetime
    head: Mapping[str, str]
    sections: Mapping[Section, str]
    sentences: tuple[Sentence, ...]
    to_do: tuple[ToDo, ...]
    samples: tuple[Sample, ...]
    findings: tuple[Finding, ...]
    rehearsal: bool
    short: Mapping[Section, Sequence[str]] = field(default_factory=dict)

    @property
    def objections(self) -> Sequence[str]:
        """Why it is not released; empty: it may go."""
        return [*self._unfilled(), *(f"{_named(one)}: {one.why}" for one in self.to_do)]

    def _unfilled(self) -> Iterator[str]:
        for label, text in self.head.items():
            if not text.strip() or has_placeholder(text):
                yield f"{label}: not filled in"
        for one in self.sentences:
            if has_placeholder(one.text):
                yield f"{_named(one)}: a placeholder is left in “{one.text}”"


def _named(one: Sentence | ToDo) -> str:
    return f"{one.promise} ({one.of})" if one.of else one.promise


def has_placeholder(text: str) -> bool:
    return _PLACEHOLDER.search(text) is not None
