"""Logs: one JSON line per thing that happened, on stderr, addresses masked unless told otherwise."""

import logging
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TextIO

import structlog

from franked.rules.address import Address

Log = Callable[..., None]


def open_log(
    now: Callable[[], datetime],
    *,
    level: str = "info",
    as_json: bool = True,
    masked: bool = True,
    to: TextIO | None = None,
) -> Log:
    """log("sent", message=…, level="info"): `Address` values are masked, empty values left out."""

    def readable(_: object, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        at = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"time": at, "level": level, "event": event.pop("event")}
        return head | {
            name: _shown(value, masked) for name, value in event.items() if value is not None and value != ""
        }

    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    logger = structlog.wrap_logger(
        _Lines(to or sys.stderr),
        processors=[readable, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    ).bind()  # once: what a level leaves out then costs nothing

    def log(event: str, *, level: str = "info", **fields: object) -> None:
        getattr(logger, level)(event, **fields)

    return log


@contextmanager
def heard(name: str, log: Log) -> Iterator[None]:
    """What a library says by the standard library's logging, from warnings up, is a line like every other."""
    speaker, listener = logging.getLogger(name), _Listener(log)
    speaker.addHandler(listener)
    try:
        yield
    finally:
        speaker.removeHandler(listener)


class _Listener(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = "warning" if record.levelno < logging.ERROR else "error"
        self._log(record.name, level=level, why=record.getMessage(), exc_info=record.exc_info)


class _Lines:
    """A log that can't be written (its disk is full, its reader is gone) stops no mail."""

    def __init__(self, to: TextIO) -> None:
        self._to = to

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):  # ValueError: it is closed
            print(line, file=self._to, flush=True)

    debug = info = warning = error = critical = msg


def _shown(value: object, masked: bool) -> object:
    if isinstance(value, Address):
        return value.masked if masked else value.spelled
    return value
