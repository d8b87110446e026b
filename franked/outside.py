"""What only the room that gets us out of the sandbox asks of the world. All times are UTC."""

from collections.abc import Sequence
from typing import Protocol

from franked.rules.at_aws import (
    Details,
    Increase,
    NotTaken,
    Queue,
    Quota,
    Record,
    SesAccount,
    SesIdentity,
    SesSet,
    SnsTopic,
)
from franked.rules.dns import Answer, Type
from franked.rules.steps import Step
from franked.rules.website import Page, Unreached


class ControlUnreadable(Exception):
    """AWS did not answer, or not to these credentials. `str()` is for an operator, and names the call. `call`: such as
    `ses:GetAccount`, which is also the permission it needs; `is_denied`: that is what is missing."""

    def __init__(self, said: str, call: str = "", *, is_denied: bool = False) -> None:
        super().__init__(said)
        self.call, self.is_denied = call, is_denied


class Control(Protocol):
    """What AWS has for us in the Region that sends, read and written. Each method asks AWS anew, at most once a second
    where AWS is real, and raises ControlUnreadable. What AWS says is checked and bounded before it is handed on."""

    async def caller(self) -> str:
        """The account's number: 12 digits."""
        ...

    async def account(self) -> SesAccount: ...

    async def identity(self, name: str) -> SesIdentity | None:
        """An address or a domain."""
        ...

    async def identities(self) -> Sequence[str]:
        """Their names, verified or not."""
        ...

    async def configuration_set(self, name: str) -> SesSet | None: ...

    async def topic(self, arn: str) -> SnsTopic | None: ...

    async def queue(self, name: str) -> Queue | None: ...

    async def alarms(self, prefix: str) -> frozenset[str]:
        """The names of CloudWatch's alarms that begin so."""
        ...

    async def dashboard(self, name: str) -> str | None:
        """Its body: JSON."""
        ...

    async def quotas(self) -> Sequence[Quota]:
        """SES's, of Service Quotas."""
        ...

    async def increases(self) -> Sequence[Increase]:
        """That were asked for, newest first."""
        ...

    async def take(self, step: Step) -> None:
        """Create, or put right, one thing. Taking it twice changes nothing more."""
        ...

    async def put_details(self, details: Details) -> NotTaken | None:
        """PutAccountDetails: asks AWS for production access. `review` and `case` are AWS's to say. None: it was taken.
        Never repeated."""
        ...

    async def ask_increase(self, code: str, value: float) -> Increase | NotTaken:
        """Of a quota of SES, by its code (`quota_named`). Never repeated."""
        ...


class Resolver(Protocol):
    """Of whoever starts a simulated account: what its SES sees of the DNS."""

    async def has(self, records: Sequence[Record]) -> bool | None:
        """Whether all of them are there. None: nobody can tell."""
        ...


class Dns(Protocol):
    async def look_up(self, name: str, type: Type) -> Answer:
        """Asks each resolver in turn until one answers, within a deadline. Never raises for what a network or a
        stranger can do."""
        ...


class Visitor(Protocol):
    async def visit(self, url: str) -> Page | Unreached:
        """GET over https, as a reader's browser: 10 s in all, at most three redirects, each within the site, and at
        most 256 KB. A name that leads to an address inside is not called. Never raises for what a stranger can do."""
        ...
