"""How long what has ended is kept, stream by stream."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from franked.rules.stream import Stream


@dataclass(frozen=True, slots=True)
class Past:
    """Mail that was accepted before these times need not be kept."""

    streams: Mapping[str, datetime]
    others: datetime  # streams that are no longer declared, and events of mail that we never sent

    def before(self, stream: str) -> datetime:
        return self.streams.get(stream, self.others)


def past(streams: Iterable[Stream], others: timedelta, now: datetime) -> Past:
    return Past({stream.name: now - stream.keep_for for stream in streams}, now - others)


def past_contents(streams: Iterable[Stream], now: datetime) -> Past:
    """Where a stream keeps none, what an earlier setting kept need not be kept either."""
    return Past({stream.name: now - stream.keep_content for stream in streams if stream.keep_content}, now)
