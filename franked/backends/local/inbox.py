"""The account's own list of what it took, on disk: one line a mail, read again at the next start."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from franked.backends.local.account import Standing
from franked.backends.local.letter import Letter


@dataclass(frozen=True, slots=True)
class TakenMail:
    """One recipient of one mail that the account took."""

    ses_id: str
    recipient: str
    tags: dict[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept in memory of a letter; the rest stays on disk."""

    ses_id: str
    at: datetime
    source: str
    recipients: tuple[str, ...]
    subject: str
    tags: tuple[tuple[str, str], ...]


_letters = msgspec.json.Decoder(Letter)
_entries = msgspec.json.Decoder(Entry)  # passes over the contents
_encoder = msgspec.json.Encoder()


class Inbox:
    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = (directory / "mails.jsonl").open("a+b", buffering=0)
        self._places: dict[str, tuple[int, int]] = {}
        self.entries: list[Entry] = []
        self._by_recipient: dict[str, list[Entry]] = {}
        self._end = 0
        self._recall()

    def _recall(self) -> None:
        """A last line that was cut off by a crash was never answered for: it goes."""
        self._file.seek(0)
        for line in self._file_lines():
            self._index(_entries.decode(line), len(line))
        self._file.truncate(self._end)

    def _file_lines(self) -> Iterator[bytes]:
        with os.fdopen(os.dup(self._file.fileno()), "rb") as lines:
            yield from (line for line in lines if line.endswith(b"\n"))

    def _index(self, entry: Entry, length: int) -> None:
        self._places[entry.ses_id] = (self._end, length)
        self.entries.append(entry)
        for recipient in dict.fromkeys(entry.recipients):
            self._by_recipient.setdefault(recipient, []).append(entry)
        self._end += length

    def keep(self, letter: Letter) -> None:
        """Raises OSError when the disk does not take it; then nothing was kept."""
        line = _encoder.encode(letter) + b"\n"
        if self._file.write(line) != len(line):
            self._file.truncate(self._end)
            raise OSError("the disk took only a part of the line")
        entry = Entry(letter.ses_id, letter.at, letter.source, letter.recipients, letter.subject, letter.tags)
        self._index(entry, len(line))

    def letter(self, ses_id: str) -> Letter | None:
        place = self._places.get(ses_id)
        if place is None:
            return None
        start, length = place
        return _letters.decode(os.pread(self._file.fileno(), length, start))

    def taken(self) -> Sequence[TakenMail]:
        return [
            TakenMail(entry.ses_id, recipient, dict(entry.tags), entry.at)
            for entry in self.entries
            for recipient in entry.recipients
        ]

    def ids_to(self, recipient: str) -> Sequence[str]:
        """The mails that it took for one recipient, oldest first, found without a look at all others."""
        return [entry.ses_id for entry in self._by_recipient.get(recipient, ())]

    def close(self) -> None:
        self._file.close()


class StandingFile:
    """`state.json`: limits and identities, replaced whole so that a reader never sees half of it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "state.json"

    def read(self) -> Standing | None:
        return msgspec.json.decode(self._path.read_bytes(), type=Standing) if self._path.exists() else None

    def write(self, standing: Standing) -> None:
        new = self._path.with_suffix(".new")
        new.write_bytes(msgspec.json.format(_encoder.encode(standing)))
        new.replace(self._path)
