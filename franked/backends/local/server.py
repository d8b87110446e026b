"""The simulated account over real HTTP: its doors put together, started and stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from franked.backends.local import amazon_quotas, amazon_root, amazon_sns, control, owner, pages, suppression
from franked.backends.local.account import Limits, SimulatedAccount, Standing
from franked.backends.local.estate import Estate
from franked.backends.local.fates import Share
from franked.backends.local.faults import Fault, Faults
from franked.backends.local.gate import GATE, Gate
from franked.backends.local.inbox import Inbox, StandingFile, TakenMail
from franked.backends.local.letter import Reading, read
from franked.backends.local.office import OFFICE, Office
from franked.backends.local.reading import LARGEST
from franked.backends.local.review import decide
from franked.backends.local.sends import send_email
from franked.backends.local.suppressed import Suppressed
from franked.backends.local.topic import Pacing, Topic
from franked.outside import Resolver
from franked.rules.policies import with_ses

_BODY = LARGEST * 2  # base64 within JSON; what is too large for SES is refused in SES's words


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running account, and what its owner, AWS and a test do to it."""

    url: str
    office: Office
    gate: Gate

    @property
    def topic_arn(self) -> str:
        return self.office.topic.arn

    @property
    def account(self) -> SimulatedAccount:
        return self.office.account

    def taken(self) -> Sequence[TakenMail]:
        """The account's own list, oldest first: one line for each recipient of each mail it took."""
        return self.office.inbox.taken()

    def ids_to(self, recipient: str) -> Sequence[str]:
        """SES's ids of what it took for this recipient, oldest first."""
        return self.office.inbox.ids_to(recipient)

    def text_of(self, ses_id: str) -> str:
        """A mail's text part, as its reader sees it; "" when there is no such mail or part."""
        reading = self.read(ses_id)
        return (reading.text or "") if reading else ""

    def read(self, ses_id: str) -> Reading | None:
        """A mail as its reader's program shows it; None when there is no such mail."""
        letter = self.office.inbox.letter(ses_id)
        return read(letter) if letter else None

    async def subscribe(self, endpoint: str) -> None:
        """Asks the endpoint for its confirmation, from now on and in the background; it need not be up yet."""
        self.office.topic.subscribe(endpoint)

    def sign_with(self, version: str) -> None:
        """The topic's SignatureVersion: "1" (SNS's default) or "2"."""
        self.office.topic.signature_version = version

    def verify(self, identity: str) -> None:
        self.account.verify(identity)

    def grant_production(self, rate: float = 14.0, quota: float = 50_000.0) -> None:
        self.account.set_limits(replace(self.account.limits, production=True, rate=rate, quota=quota))

    def set_limits(self, limits: Limits) -> None:
        self.account.set_limits(limits)

    def publish(self, *kinds: str, configuration_set: str = "") -> None:
        """Only events of these kinds (SEND, DELIVERY, BOUNCE, COMPLAINT), of mail with this set, or with none."""
        self.account.publish(kinds, configuration_set)

    def review(self, status: str, reason: str = "", rate: float = 14.0, quota: float = 50_000.0) -> None:
        """What AWS's people answer to the request for production access: GRANTED, DENIED, FAILED; PENDING: they look
        again. ValueError where nobody has asked."""
        if wrong := decide(self.office, status, reason, rate, quota):
            raise ValueError(wrong)

    def decide_increase(self, code: str, status: str) -> None:
        """Of a quota, which is in force at once where it is APPROVED. ValueError where none is open."""
        if wrong := amazon_quotas.decide(self.office, code, status):
            raise ValueError(wrong)

    def deny(self, *permissions: str) -> None:
        """What the credentials may not do from now on, such as `sns:CreateTopic`; none: they may do all."""
        self.office.denied.clear()
        self.office.denied.update(permissions)

    def plan(self, fault: Fault) -> None:
        self.office.faults.plan(fault)

    def people(self, domain: str, share: Share) -> None:
        """From now on: what becomes of mail to a domain, or to EVERY one that has no share of its own."""
        self.office.people.shares[domain.casefold()] = share

    @property
    def suppressed(self) -> Suppressed:
        """The account's own list of whom not to mail."""
        return self.office.suppressed

    def alarms(self) -> Mapping[str, str]:
        """CloudWatch's, by name: OK, ALARM or INSUFFICIENT_DATA."""
        metrics = self.office.metrics
        return {name: metrics.looked_at(name, self.office.now()).state for name in metrics.alarms}

    def metric(self, metric: str, namespace: str = "Franked") -> float | None:
        """The last value that CloudWatch was given, whatever its dimensions."""
        kept = self.office.metrics.samples.items()
        found = [one[-1] for name, one in kept if (name.namespace, name.metric) == (namespace, metric)]
        return max(found)[1] if found else None

    def vanish(self, seconds: float) -> None:
        """Nobody gets there for so long: no byte leaves whoever tries, as when a name can't be resolved."""
        self.gate.shut(seconds)

    def clear_faults(self) -> None:
        self.office.faults.clear()

    async def quiet(self, seconds: float = 10.0) -> None:
        """Until every event was posted or given up. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while self.office.topic.outstanding:  # noqa: ASYNC110 (no single event: posts, waits, holds)
                await asyncio.sleep(0.005)


@asynccontextmanager
async def simulator(
    directory: Path,
    *,
    now: Callable[[], datetime],
    host: str = "127.0.0.1",
    port: int = 0,
    region: str = "eu-central-1",
    production: bool = False,
    rate: float = 1.0,
    quota: float = 200.0,
    topic_arn: str | None = None,
    verified: Iterable[str] = (),
    configuration_sets: Iterable[str] = (),
    pacing: Pacing | None = None,
    resolver: Resolver | None = None,
    bare: bool = False,
    log: Callable[..., None] = lambda *_, **__: None,
) -> AsyncIterator[Simulator]:
    """What `directory` remembers of an earlier run goes on: limits that changed there at run time stay, unless
    `production`, `rate` or `quota` are now another than at the last start. `verified` and `configuration_sets` are
    added. `resolver`: what SES sees of the DNS; without one a domain is verified when its owner says so. `bare`: the
    account has no topic until its owner makes one, and of mail without a configuration set nothing is told."""
    faults, inbox, suppressed = Faults(), Inbox(directory), Suppressed(directory, now)
    account = _account(directory, inbox, region, now, Limits(production, rate, quota))
    for identity in verified:
        account.verify(identity)
    for name in configuration_sets:
        account.add_configuration_set(name)
    arn, estate = topic_arn or f"arn:aws:sns:{region}:111122223333:franked-events", Estate.of(directory)
    if not bare:
        estate.book.topics.setdefault(arn, {"Policy": with_ses("", arn, arn.split(":")[4])})
    try:
        async with Topic(arn, now, faults, pacing or Pacing(), log) as topic:
            office = Office(account, inbox, topic, faults, now, suppressed, estate, resolver, bare)
            async with _served(office, host, port) as (gate, bound):
                yield Simulator(f"http://{host}:{bound}", office, gate)
    finally:
        inbox.close()
        suppressed.close()


def _account(
    directory: Path, inbox: Inbox, region: str, now: Callable[[], datetime], asked: Limits
) -> SimulatedAccount:
    file = StandingFile(directory)
    standing = (file.read() or Standing(asked)).asked_for(asked)
    account = SimulatedAccount(region, standing, now, file.write)
    for entry in inbox.entries:
        account.remember(entry.recipients, entry.at)
    return account


@asynccontextmanager
async def _served(office: Office, host: str, port: int) -> AsyncIterator[tuple[Gate, int]]:
    app = _app(office)
    gate = app[GATE] = Gate(app, host, port, office.closing)
    try:
        yield gate, await gate.open()
    finally:
        office.closing.set()
        await gate.close()


def _app(office: Office) -> web.Application:
    app = web.Application(client_max_size=_BODY)
    app[OFFICE] = office
    app.router.add_post("/v2/email/outbound-emails", send_email)
    app.router.add_get("/SimpleNotificationService-{hex}.pem", amazon_sns.certificate)
    for room in (pages, control, amazon_root, suppression, owner):
        room.add_routes(app)
    return app
