"""A simulated SES account in this process: the ports Transport and Account without a socket, for simulations and tests.

The account's rules, its words and its faults are those of the simulator over HTTP; only the way there is another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import msgspec

from franked.backends.local.account import SimulatedAccount
from franked.backends.local.answers import AwsError
from franked.backends.local.faults import Fault, Faults, SendFault, When
from franked.backends.local.letter import Letter
from franked.backends.local.reading import bare
from franked.backends.local.suffering import ENVELOPED, NOTHING_TAKEN
from franked.formats import ses_answer, ses_request
from franked.formats.mail import Mail
from franked.ports import Identity
from franked.rules.diagnosis import Publishing
from franked.rules.outcome import Delay, Outcome, Refused, TryLater, Unknown
from franked.rules.pace import Access

_FOR_GOOD = 24 * 3600.0
Call = Coroutine[Any, Any, Outcome]


def no_time() -> float:
    return 0.0


def carried(mail: Mail, call: Call) -> "asyncio.Future[Outcome]":
    return asyncio.ensure_future(call)


@dataclass(frozen=True, slots=True)
class Road:
    """The way to the account: how long it is, in seconds, drawn for each call; and who carries a call on that has
    begun, whatever becomes of its caller."""

    connect: Callable[[], float] = no_time
    there: Callable[[], float] = no_time
    back: Callable[[], float] = no_time
    deadline: float = 30.0  # of one call, all phases
    carry: Callable[[Mail, Call], "asyncio.Future[Outcome]"] = carried


class DirectSes:
    """Time passes by the running loop's clock; `publish` gets every letter that was taken, in its own moment."""

    def __init__(
        self,
        account: SimulatedAccount,
        now: Callable[[], datetime],
        publish: Callable[[Letter], None],
        faults: Faults | None = None,
        road: Road | None = None,
    ) -> None:
        self.account = account
        self.faults = faults or Faults()
        self._now, self._publish = now, publish
        self._road = road or Road()
        self._number = count(1)

    async def send(self, mail: Mail, call_by: datetime) -> Outcome:
        if why := ses_request.fault(mail):
            return Refused("bad_request", why)
        call: asyncio.Future[Outcome] | None = None
        try:
            async with asyncio.timeout(self._road.deadline):
                await asyncio.sleep(self._road.connect())
                if self._now() > call_by:
                    return TryLater(Delay.LATE, "the time to call had passed before the first byte was sent")
                call = self._road.carry(mail, self._call(mail))
                return await asyncio.shield(call)
        except TimeoutError:
            late = "the deadline of the call passed"
            return Unknown(f"no answer came back: {late}") if call else TryLater(Delay.CONNECTION, late)

    async def read(self) -> Access:
        limits, identities = self.account.limits, self.account.standing.identities
        return Access(
            production=limits.production,
            rate=limits.rate,
            quota=limits.quota,
            sent_24h=float(self.account.sent_24h),
            read_at=self._now(),
            sending_enabled=limits.sending_enabled,
            verified=frozenset(name for name, verified in identities.items() if verified),
        )

    async def verify(self, name: str) -> Identity:
        self.account.verify(name)
        return Identity(name, verified=True)

    async def publishing(self, configuration_set: str) -> Publishing:
        return Publishing(frozenset(self.account.published(configuration_set)))

    async def set_sending(self, configuration_set: str, *, enabled: bool) -> None:
        self.account.set_sending(configuration_set, enabled=enabled)

    async def _call(self, mail: Mail) -> Outcome:
        """What happens once the first byte has left."""
        await asyncio.sleep(self._road.there())
        fault = self.faults.next_send()
        outcome = await self._suffered(fault, mail) if fault else self._taken(mail)
        await asyncio.sleep(self._road.back())
        return outcome

    async def _suffered(self, fault: Fault, mail: Mail) -> Outcome:
        """The account took it or not, whatever the caller then hears of it."""
        true = self._taken(mail) if fault.when is When.AFTER and fault.what not in NOTHING_TAKEN else None
        match fault.what:
            case what if what in ENVELOPED:
                return _refusal(ENVELOPED[what])
            case SendFault.BAD_502 | SendFault.BAD_504:
                return ses_answer.outcome(int(fault.what), None, b"<html>a proxy</html>")
            case SendFault.RESET | SendFault.HALF:
                return Unknown("no answer came back: the connection was lost")
            case SendFault.HANG:
                await asyncio.sleep(fault.seconds or _FOR_GOOD)
                return Unknown("no answer came back: the connection was lost")
            case _:
                await asyncio.sleep(fault.seconds)
                return true or self._taken(mail)

    def _taken(self, mail: Mail) -> Outcome:
        letter = self._letter(mail)
        refused = self.account.admit(letter.senders, letter.recipients, letter.configuration_set)
        if refused is not None:
            return _refusal(refused)
        self._publish(letter)
        return ses_answer.outcome(200, None, msgspec.json.encode({"MessageId": letter.ses_id}))

    def _letter(self, mail: Mail) -> Letter:
        ses_id = f"0107-direct-{next(self._number):06d}"
        return Letter(
            ses_id=ses_id,
            message_id=f"<{ses_id}@{self.account.region}.amazonses.com>",
            at=self._now(),
            source=mail.sender,
            senders=(bare(mail.sender),),
            recipients=(mail.to.spelled,),
            subject=mail.subject,
            tags=mail.tags,
            configuration_set=mail.configuration_set,
            to=(mail.to.spelled,),
            reply_to=(mail.reply_to,) if mail.reply_to else (),
            text=mail.text,
            html=mail.html,
            headers=mail.headers,
            raw=mail.raw,
        )


def _refusal(error: AwsError) -> Outcome:
    return ses_answer.outcome(error.status, error.code, msgspec.json.encode({"message": error.message}))
