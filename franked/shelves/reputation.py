"""How the account stands, and who looks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from franked.record import Alarm, Heard
from franked.rules.governor import Brake, BrakeLine, BrakeRelease
from franked.rules.lane import Lane
from franked.rules.rates import AwsRates, Part, Seen


class Reputation(Protocol):
    """What was sent and came back, and the brake that follows it. `settle` moves it, with what it counts."""

    async def brake(self) -> Brake: ...

    async def govern(self) -> Brake:
        """Where it stands once the figures of now were looked at: the steps below a stop end so."""
        ...

    async def release_brake(self, asked: Sequence[BrakeRelease]) -> list[Brake | None]:
        """What it was released from; None: nothing stood still. The figures count anew from then on."""
        ...

    async def learn_aws_rates(self, rates: AwsRates) -> Brake:
        """What AWS counts may move the brake, too."""
        ...

    async def be_careful(self, until: datetime) -> None:
        """Until then the steps below a stop come at half the rate."""
        ...

    async def brake_log(self, most: int) -> list[BrakeLine]:
        """The newest first."""
        ...

    async def seen(self, now: datetime) -> list[Seen]:
        """What the brake looks at: two weeks, since its last release, the newest first."""
        ...

    async def seen_since(self, begin: datetime) -> list[Seen]:
        """All of it, the newest first."""
        ...

    async def parts(self, since: datetime, until: datetime) -> list[Part]: ...

    async def forget_figures(self, before: datetime, most: int) -> int: ...


class Alarms(Protocol):
    """What a person should look at, and who heard of it."""

    async def open_alarms(self, alarms: Sequence[Alarm]) -> list[bool]:
        """True where the alarm was not open before. One that opens again before anybody heard that it was over goes
        on as it was."""
        ...

    async def close_alarms(self, keys: Sequence[str]) -> list[bool]:
        """True where the alarm was open. Those of rules.trouble `finish` opens and closes."""
        ...

    async def alarms(self) -> list[Alarm]:
        """Those that are open, the oldest first."""
        ...

    async def claim_alarms(self, until: datetime) -> list[Alarm]:
        """Those that people are to hear of now: new, due to be said again, or over for some minutes. They are this
        caller's alone until then; what it has not heard by then is anybody's."""
        ...

    async def hear_alarms(self, heard: Sequence[Heard]) -> list[bool]:
        """People were told. False: the alarm has opened anew since it was claimed."""
        ...

    async def due_since(self) -> Mapping[Lane, datetime]:
        """Of each lane in which mail is queued: since when, or from when on, its first mail is due."""
        ...
