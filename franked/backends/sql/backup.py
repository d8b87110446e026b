"""A consistent copy of the record, while it is written to, and of the key that opens what is sealed in it."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from franked.backends.sql.faults import sentence_of

STEP = 1_000  # pages, 4 MB
REST = 0.002  # seconds between two steps: the disk belongs to the mail first

Tell = Callable[[int, int], None]  # pages copied, pages in all


class NotBackedUp(Exception):
    """Nothing was left in the target. `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was written, and found sound. `key` None: it is in no file, so it is not here either."""

    record: Path
    size: int
    messages: int
    key: Path | None


def back_up(record: Path, key: Path | None, target: Path, tell: Tell) -> BackedUp:
    """Both files into `target`, a folder that is new or empty, with the names they have. Only reads what is there: it
    may run beside the process that writes. Raises NotBackedUp."""
    for file in filter(None, (record, key)):
        if not file.is_file():
            raise NotBackedUp(f"there is no {file}: nothing to back up" if file is record else _without_key(file))
    with _said_in_a_sentence(target):
        _make_room(target)
        copy = target / record.name
        with _whole_or_not_at_all(copy) as draft:
            _copy_record(record, draft, tell)
            messages = _examined(draft)
            if key:
                _copy_key(key, target / key.name)
        _sync(target)
        return BackedUp(copy, copy.stat().st_size, messages, target / key.name if key else None)


def _without_key(key: Path) -> str:
    return f"{key} is gone: without it what is sealed in the record can't be read, so a backup would be worth little"


def _make_room(target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise NotBackedUp(f"{target} is not empty, and a backup writes over nothing: name a new folder")


@contextmanager
def _said_in_a_sentence(target: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise NotBackedUp(f"no backup was made: {sentence_of(str(error)) or error}") from error
    except OSError as error:
        raise NotBackedUp(f"no backup was made in {target}: {error.strerror or error}") from error


@contextmanager
def _whole_or_not_at_all(copy: Path) -> Iterator[Path]:
    """A file that has its name is complete."""
    draft = copy.with_name(f"{copy.name}.part")
    try:
        yield draft
        _sync(draft)
        draft.rename(copy)
    except BaseException:
        for left in copy.parent.iterdir():  # the folder was empty
            with suppress(OSError):
                left.unlink()
        raise


def _copy_record(record: Path, draft: Path, tell: Tell) -> None:
    """All steps read one snapshot: the transaction that is open on the source keeps it. Nobody waits for a lock."""
    draft.touch(mode=0o600, exist_ok=False)

    def told(_: int, remaining: int, pages: int) -> None:
        tell(pages - remaining, pages)
        time.sleep(REST)

    source_url = f"file:{quote(str(record.absolute()))}?mode=rw"  # not `ro`: readers, too, write to the WAL's index
    with closing(sqlite3.connect(source_url, uri=True, isolation_level=None, timeout=5)) as source:
        source.execute("PRAGMA query_only=ON")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(draft)) as copy:
            source.backup(copy, pages=STEP, progress=told)


def _examined(draft: Path) -> int:
    """How many messages are in the copy. One file, without companions: it can lie on a medium that is read only."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()
        [found] = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise NotBackedUp(f"the copy is damaged, and so may be the record itself: {found}")
        [messages] = copy.execute("SELECT count(*) FROM messages").fetchone()
        return int(messages)


def _copy_key(key: Path, copy: Path) -> None:
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.read_bytes())
        file.flush()
        os.fsync(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
