"""The account's suppression list: kept as it is spelled, found for a mail in whatever case, and added to by SES itself.

https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
"""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import msgspec
from msgspec import Struct

from franked.backends.local.account import is_simulator
from franked.backends.local.meter import Bucket

BOUNCE, COMPLAINT = "BOUNCE", "COMPLAINT"
REASONS = (BOUNCE, COMPLAINT)
TOKENS_LAST = timedelta(hours=1)
_ECHOES = {"OnAccountSuppressionList", "Suppressed"}  # of a list: nothing new about the address
_FRIENDLY = {"not-spam", "auth-failure"}


class Entry(Struct, frozen=True):
    reason: str
    at: datetime
    message_id: str | None = None  # of the mail that brought it there
    feedback_id: str | None = None


class _Line(Struct, frozen=True, omit_defaults=True):
    """One change, as the file has it. Of an address: its entry, or that it is gone; else what is honoured."""

    address: str | None = None
    entry: Entry | None = None
    configuration_set: str | None = None
    reasons: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Which:
    reasons: frozenset[str] = frozenset(REASONS)
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing was left off."""

    which: Which
    after: str
    at: datetime


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


class Suppressed:
    def __init__(self, directory: Path, now: Any) -> None:
        self.reasons: tuple[str, ...] = REASONS  # that SES adds by itself, and honours
        self.by_set: dict[str, tuple[str, ...]] = {}  # where a configuration set says otherwise
        self.entries: dict[str, Entry] = {}
        self.pace: float | None = None  # control calls a second; None: as many as come
        self._folded: dict[str, set[str]] = {}
        self._order: list[str] | None = None
        self._places: dict[str, _Place] = {}
        self._now = now
        self._bucket: Bucket | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self._file = (directory / "suppressed.jsonl").open("a+b")
        self._file.seek(0)
        for line in self._file:
            if line.endswith(b"\n"):
                self._apply(_decoder.decode(line))

    def close(self) -> None:
        self._file.close()

    # what its owner does

    def put(self, address: str, reason: str, message_id: str | None = None, feedback_id: str | None = None) -> None:
        self._keep(_Line(address=address, entry=Entry(reason, self._now(), message_id, feedback_id)))

    def remove(self, address: str) -> bool:
        """In exactly this spelling."""
        if address not in self.entries:
            return False
        self._keep(_Line(address=address))
        return True

    def honour(self, reasons: Sequence[str], configuration_set: str | None = None) -> None:
        self._keep(_Line(configuration_set=configuration_set, reasons=tuple(reasons)))

    def page(self, which: Which, size: int) -> tuple[list[tuple[str, Entry]], str | None]:
        return self._from("", which, size)

    def next_page(self, token: str, size: int) -> tuple[list[tuple[str, Entry]], str | None] | None:
        """None: the token is unknown, or too old."""
        place = self._places.get(token)
        if place is None or self._now() - place.at > TOKENS_LAST:
            return None
        return self._from(place.after, place.which, size)

    def forget_tokens(self) -> None:
        self._places.clear()

    def limit(self, pace: float | None) -> None:
        """Control calls a second, as AWS limits them; None: no limit."""
        self.pace = pace
        self._bucket = Bucket(pace, self._now()) if pace else None

    def admits(self) -> bool:
        """Whether this control call comes slowly enough."""
        return self._bucket is None or self._bucket.draw(1, self.pace or 1.0, self._now())

    # what SES does

    def stops(self, recipients: Sequence[str], configuration_set: str | None) -> dict[str, str]:
        """Who gets nothing, and for which reason."""
        honoured = self.by_set.get(configuration_set or "", self.reasons)
        found = {one: self._reason(one) for one in recipients if not is_simulator(one)}
        return {one: reason for one, reason in found.items() if reason in honoured}

    def learn(self, event: dict[str, Any], configuration_set: str | None) -> None:
        """SES adds by itself, in the spelling that the mail had. The mailbox simulator's addresses never."""
        reason, about, who = _bad_news(event)
        if reason is None or reason not in self.by_set.get(configuration_set or "", self.reasons):
            return
        for one in who:
            if not is_simulator(one):
                self.put(one, reason, event["mail"]["messageId"], about["feedbackId"])

    def _reason(self, recipient: str) -> str | None:
        reasons = {self.entries[spelled].reason for spelled in self._folded.get(recipient.casefold(), ())}
        return max(reasons, default=None)  # by the alphabet: a complaint before a bounce

    # the list and its file

    def _from(self, after: str, which: Which, size: int) -> tuple[list[tuple[str, Entry]], str | None]:
        found: list[tuple[str, Entry]] = []
        for spelled in self._behind(after):
            if len(found) == size:
                token = token_urlsafe(24)
                self._places[token] = _Place(which, found[-1][0], self._now())
                return found, token
            entry = self.entries[spelled]
            if _fits(entry, which):
                found.append((spelled, entry))
        return found, None

    def _behind(self, after: str) -> Iterator[str]:
        if self._order is None:
            self._order = sorted(self.entries)
        start = bisect_right(self._order, after)
        return iter(self._order[start:])

    def _keep(self, line: _Line) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(_encoder.encode(line) + b"\n")
        self._file.flush()
        self._apply(line)

    def _apply(self, line: _Line) -> None:
        if line.address is not None:
            self._set(line.address, line.entry)
        elif line.configuration_set is not None:
            self.by_set[line.configuration_set] = line.reasons or ()
        else:
            self.reasons = line.reasons or ()

    def _set(self, address: str, entry: Entry | None) -> None:
        if (entry is None) == (address in self.entries):
            self._order = None
        spellings = self._folded.setdefault(address.casefold(), set())
        if entry is None:
            self.entries.pop(address, None)
            spellings.discard(address)
        else:
            self.entries[address] = entry
            spellings.add(address)


def _fits(entry: Entry, which: Which) -> bool:
    return (
        entry.reason in which.reasons
        and (which.start is None or entry.at >= which.start)
        and (which.end is None or entry.at <= which.end)
    )


def _bad_news(event: dict[str, Any]) -> tuple[str | None, dict[str, Any], list[str]]:
    match event:
        case {"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bounceSubType": subtype} as about}:
            who = [one["emailAddress"] for one in about["bouncedRecipients"]]
            return (None if subtype in _ECHOES else BOUNCE), about, who
        case {"eventType": "Complaint", "complaint": about}:
            friendly = about.get("complaintFeedbackType") in _FRIENDLY or about["complaintSubType"] in _ECHOES
            return (
                (None if friendly else COMPLAINT),
                about,
                [it["emailAddress"] for it in about["complainedRecipients"]],
            )
        case _:
            return None, {}, []
