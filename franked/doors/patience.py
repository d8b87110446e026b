"""The door's patience: a client that dawdles, sends half a request or never reads its answer is let go."""

from dataclasses import dataclass
from enum import Enum, auto
from resource import RLIMIT_NOFILE, getrlimit
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from franked.doors.http.problems import MEANINGS, PROBLEM_JSON, Problem, told

LARGEST_HEAD = 32_000  # bytes: a key, a request id and what proxies add have a few hundred
MOST_HEADERS = 100
OTHER_FILES = 1000  # the record, calls to SES, the log: callers never take these


@dataclass(frozen=True, slots=True)
class Patience:
    """In looks, not in seconds: while this process is too busy to read, nobody's time runs out."""

    between_looks: float = 1.0  # seconds
    head: int = 10  # from the connection, or a later request's first byte, until the last header is here
    body: int = 20  # and one more for each `slowest` bytes that came
    slowest: int = 4_000  # half of an ISDN line: 10 MB may take 42 minutes
    rest: int = 30  # of a body that nobody wants any more: its sender reads the answer when it has sent all
    answer: int = 30  # without a byte of it taken


OF_THE_DOOR = Patience()


class Phase(Enum):
    """Whose turn it is."""

    OURS = auto()
    HEAD = auto()
    BODY = auto()
    REST = auto()
    ANSWER = auto()


class TooManyHeaders(Exception):
    pass


class Patient(HttpToolsProtocol):
    """uvicorn's own, which waits for ever before a request, within a head, within a body and for a reader; it bounds
    no head either. (It closes a connection that is idle between two requests.)"""

    patience = OF_THE_DOOR

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phase = Phase.OURS
        self._looks = 0  # that found the client in this phase
        self._whole = True  # no request is half read
        self._loose = 0  # bytes that came since the last head, or the last piece of a body, was complete
        self._came = 0  # bytes of this body
        self._unread = 0  # bytes of our answer, at the last look

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_later()
        if len(self.connections) > _places():
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._loose += len(data)
        super().data_received(data)
        if not self.transport.is_closing() and (self._loose > LARGEST_HEAD or self._has_too_many_headers()):
            self._refuse("headers_too_large")

    def on_headers_complete(self) -> None:
        if self._has_too_many_headers():
            raise TooManyHeaders  # the parser gives up, and `send_400_response` is asked
        self._whole, self._loose, self._came, self._looks = False, 0, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose = 0
        self._came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole, self._loose, self._looks = True, 0, 0
        super().on_message_complete()

    def resume_writing(self) -> None:
        self._looks = 0
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse("headers_too_large" if self._has_too_many_headers() else "invalid_request")

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._timer = self.loop.call_later(self.patience.between_looks, self._look)

    def _look(self) -> None:
        """As long as there is a connection: one that is closed stays while its client reads nothing."""
        self._look_later()
        phase, unread = self._phase_now(), self.transport.get_write_buffer_size()
        if phase is not self._phase or (phase is Phase.ANSWER and unread < self._unread):
            self._looks = 0
        self._phase, self._unread, self._looks = phase, unread, self._looks + 1
        if self._looks > self._most_looks():
            self._let_go()

    def _phase_now(self) -> Phase:
        if self.transport.get_write_buffer_size():
            return Phase.ANSWER
        if self.transport.is_closing() or self.pipeline or self.flow.read_paused:
            return Phase.OURS
        is_answered = self._last is None or self._last.response_complete
        if self._whole:
            return Phase.HEAD if is_answered and (self._loose or self._last is None) else Phase.OURS
        return Phase.REST if is_answered else Phase.BODY

    def _most_looks(self) -> float:
        match self._phase:
            case Phase.OURS:
                return float("inf")
            case Phase.HEAD:
                return self.patience.head
            case Phase.BODY:
                return self.patience.body + self._came / self.patience.slowest
            case Phase.REST:
                return self.patience.rest
            case Phase.ANSWER:
                return self.patience.answer

    def _let_go(self) -> None:
        """With a word, where one can still be said: not to a client that has asked nothing, nor within an answer."""
        if self._phase is Phase.BODY or (self._phase is Phase.HEAD and self._loose):
            self._refuse("too_slow")
        elif self._phase is Phase.ANSWER:
            self.transport.abort()
        else:
            self.transport.close()

    def _refuse(self, code: str) -> None:
        """As every problem of the door is told, though there is no whole request that the application could answer."""
        last = self._last
        if last is None or last.response_complete or not last.response_started:
            self.transport.write(_answer(code))
        self.transport.close()  # the application is told that its client has gone

    def _has_too_many_headers(self) -> bool:
        """Those behind a body in pieces count too."""
        return len(self.headers or ()) > MOST_HEADERS

    @property
    def _last(self) -> RequestResponseCycle | None:
        """The last request whose head was complete."""
        return self.cycle


def patient(patience: Patience) -> type[Patient]:
    return type("Patient", (Patient,), {"patience": patience})


def _places() -> int:
    """How many callers there may be at once."""
    files, _ = getrlimit(RLIMIT_NOFILE)
    return files - min(OTHER_FILES, files // 2)


def _answer(code: str) -> bytes:
    body = msgspec.json.encode(told(Problem(code)))
    head = f"Content-Type: {PROBLEM_JSON}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return STATUS_LINE[MEANINGS[code].status] + head.encode() + body
