"""One call to SES, never repeated, and the truth about what became of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from franked.backends.aws.credentials import CredentialSource, NoCredentials
from franked.backends.aws.sigv4 import Credentials, sign
from franked.backends.aws.wire import NoAnswer, NothingSent, Wire
from franked.formats import ses_answer, ses_request
from franked.formats.mail import Mail
from franked.rules.outcome import Delay, Outcome, Refused, TryLater, Unknown

_HEADERS = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "Franked"}
_ERROR_TYPE = ses_answer.ERROR_TYPE.lower().encode()


class _TooLate(Exception):
    """`call_by` passed before the first byte."""


class SesTransport:
    """The port `Transport`. Use it as an async context manager; it keeps its connections."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: CredentialSource,
        now: Callable[[], datetime],
        deadline: timedelta = timedelta(seconds=30),
    ) -> None:
        """`deadline`: of one call, all phases."""
        self._url = endpoint.rstrip("/") + ses_request.PATH
        self._asked = f"POST {urlsplit(self._url).path} HTTP/1.1"
        self._region = region
        self._credentials = credentials
        self._now = now
        self._deadline = deadline.total_seconds()
        self._wire: Wire | None = None

    async def __aenter__(self) -> Self:
        self._wire = Wire(self._url, self._deadline)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        wire, self._wire = self._wire, None
        if wire:
            wire.close()

    async def send(self, mail: Mail, call_by: datetime) -> Outcome:
        if why := ses_request.fault(mail):
            return Refused("bad_request", why)
        credentials = await self._credentials.current()
        if isinstance(credentials, NoCredentials):
            return TryLater(Delay.CREDENTIALS, credentials.why)
        outcome = await self._post(ses_request.encode(mail), credentials, call_by)
        if isinstance(outcome, TryLater) and outcome.why is Delay.CREDENTIALS:
            self._credentials.forget(credentials)
        return outcome

    async def _post(self, body: bytes, credentials: Credentials, call_by: datetime) -> Outcome:
        if self._wire is None:
            raise RuntimeError("SesTransport is used outside of `async with`")

        def leaving() -> None:
            """The last moment at which a call can be left undone."""
            if self._now() > call_by:
                raise _TooLate

        try:
            answer = await self._wire.ask(self._request(body, credentials), leaving)
        except _TooLate:
            return TryLater(Delay.LATE, "the time to call had passed before the first byte was sent")
        except NothingSent as error:
            return TryLater(Delay.CONNECTION, f"nothing was sent: {error}")
        except NoAnswer as error:
            return Unknown(f"no answer came back: {error}")
        error_type = answer.headers.get(_ERROR_TYPE)
        return ses_answer.outcome(answer.status, error_type.decode("latin-1") if error_type else None, answer.body)

    def _request(self, body: bytes, credentials: Credentials) -> bytes:
        """Head and body. It is signed before a connection is sought: SES allows clocks to differ by minutes."""
        headers = sign("POST", self._url, _HEADERS, body, credentials=credentials, region=self._region, now=self._now())
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{self._asked}\r\n{lines}content-length: {len(body)}\r\n\r\n"
        return head.encode("ascii") + body
