"""One call to SES, never repeated, and the truth about what became of it.

aiohttp tells by its trace hooks how far a request got. Its own retry is for idempotent methods only, so never for this
POST; a test holds it, for a silent second POST would be a second mail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp

from franked.backends.aws.credentials import CredentialSource, NoCredentials
from franked.backends.aws.sigv4 import Credentials, sign
from franked.backends.web import read_at_most
from franked.formats import ses_answer, ses_request
from franked.formats.mail import Mail
from franked.rules.outcome import Delay, Outcome, Refused, TryLater, Unknown

LONGEST_ANSWER = 64 * 1024
CONNECT_WITHIN = 5.0  # seconds: to SES it is a matter of milliseconds
KEEP_ALIVE = 5.0  # shorter than any server's: one that hangs up on an idle connection just as we write costs an Unknown
_HEADERS = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "Franked"}


@dataclass(slots=True)
class _Call:
    """How far one request got."""

    call_by: datetime
    begun: bool = False  # its body was handed to the socket; without a body SES can't have taken the mail


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
        self._region = region
        self._credentials = credentials
        self._now = now
        self._deadline = deadline.total_seconds()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._deadline, sock_connect=min(CONNECT_WITHIN, self._deadline)),
            trace_configs=[self._trace()],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session:
            await session.close()

    async def send(self, mail: Mail, call_by: datetime) -> Outcome:
        if why := ses_request.fault(mail):
            return Refused("bad_request", why)
        credentials = await self._credentials.current()
        if isinstance(credentials, NoCredentials):
            return TryLater(Delay.CREDENTIALS, credentials.why)
        outcome = await self._post(ses_request.encode(mail), credentials, _Call(call_by))
        if isinstance(outcome, TryLater) and outcome.why is Delay.CREDENTIALS:
            self._credentials.forget(credentials)
        return outcome

    async def _post(self, body: bytes, credentials: Credentials, call: _Call) -> Outcome:
        headers = self._signed(body, credentials)
        try:
            async with self._open().post(
                self._url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=call
            ) as answer:
                error_type = answer.headers.get(ses_answer.ERROR_TYPE)
                return ses_answer.outcome(answer.status, error_type, await read_at_most(LONGEST_ANSWER, answer))
        except _TooLate:
            return TryLater(Delay.LATE, "the time to call had passed before the first byte was sent")
        except (aiohttp.ClientError, OSError) as error:
            return _interrupted(call, error)

    def _signed(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        return sign("POST", self._url, _HEADERS, body, credentials=credentials, region=self._region, now=self._now())

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("SesTransport is used outside of `async with`")
        return self._session

    def _trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._about_to_write)
        trace.on_request_chunk_sent.append(_about_to_write_body)
        return trace

    async def _about_to_write(
        self, _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        """The connection stands and nothing is written yet: the last moment at which a call can be left undone."""
        if self._now() > context.trace_request_ctx.call_by:
            raise _TooLate


async def _about_to_write_body(
    _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestChunkSentParams
) -> None:
    context.trace_request_ctx.begun = True


def _interrupted(call: _Call, error: Exception) -> Outcome:
    what = f"{type(error).__name__}: {error}"
    if call.begun:
        return Unknown(f"no answer came back: {what}")
    return TryLater(Delay.CONNECTION, f"nothing was sent: {what}")
