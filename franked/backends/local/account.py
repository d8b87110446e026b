"""The rules of one SES account in one Region: who may send to whom, how fast, how much, in the sandbox or out of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from franked.backends.local.answers import (
    QUOTA_EXCEEDED,
    RATE_EXCEEDED,
    SENDING_PAUSED,
    AwsError,
    not_found,
    rejected,
    set_paused,
)
from franked.backends.local.meter import Bucket, RollingDay
from franked.rules.address import SIMULATOR_DOMAIN

NO_QUOTA = -1
KINDS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT")  # of events


@dataclass(frozen=True, slots=True)
class Limits:
    production: bool = False
    rate: float = 1.0  # recipients a second
    quota: float = 200.0  # recipients in any 24 hours; -1 = none
    sending_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What of an account outlives a restart, besides its mail."""

    limits: Limits = field(default_factory=Limits)
    identities: dict[str, bool] = field(default_factory=dict)  # name, case-folded → verified
    configuration_sets: tuple[str, ...] = ()
    published: dict[str, tuple[str, ...]] = field(default_factory=dict)  # set ("": none) → SES's words; else all kinds
    paused_sets: tuple[str, ...] = ()
    asked: Limits | None = None  # what the settings said at the last start

    def asked_for(self, limits: Limits) -> "Standing":
        """What the settings say anew since the last start wins; what the account has become since then stays."""
        before = self.asked or limits
        said = {one.name: getattr(limits, one.name) for one in fields(Limits)}
        new = {name: value for name, value in said.items() if value != getattr(before, name)}
        return replace(self, limits=replace(self.limits, **new), asked=limits)


class SimulatedAccount:
    def __init__(
        self, region: str, standing: Standing, now: Callable[[], datetime], save: Callable[[Standing], None]
    ) -> None:
        self.region = region
        self.standing = standing
        self._now, self._save = now, save
        self._day, self._bucket = RollingDay(), Bucket(standing.limits.rate, now())

    @property
    def limits(self) -> Limits:
        return self.standing.limits

    @property
    def sent_24h(self) -> int:
        return self._day.used(self._now())

    # what a send has to pass

    def admit(
        self, senders: Sequence[str], recipients: Sequence[str], configuration_set: str | None
    ) -> AwsError | None:
        """Bare addresses. What is admitted has drawn its tokens and counts against the day; a refusal costs nothing."""
        return self._permit(senders, recipients, configuration_set) or self._meter(recipients)

    def _permit(self, senders: Sequence[str], recipients: Sequence[str], chosen: str | None) -> AwsError | None:
        if not self.limits.sending_enabled:
            return SENDING_PAUSED
        if chosen is not None and chosen not in self.standing.configuration_sets:
            return not_found(f"Configuration set <{chosen}> does not exist.")
        if chosen is not None and chosen in self.standing.paused_sets:
            return set_paused(chosen)
        failed = list(dict.fromkeys(self._unverified(senders, recipients)))
        return self._not_verified(failed) if failed else None

    def _unverified(self, senders: Sequence[str], recipients: Sequence[str]) -> Iterator[str]:
        yield from (sender for sender in senders if not self.is_verified(sender))
        if not self.limits.production:
            yield from (one for one in recipients if not is_simulator(one) and not self.is_verified(one))

    def _not_verified(self, failed: list[str]) -> AwsError:
        return rejected(
            "Email address is not verified. The following identities failed the check in region "
            f"{self.region.upper()}: {', '.join(failed)}"
        )

    def _meter(self, recipients: Sequence[str]) -> AwsError | None:
        now, counted = self._now(), _counted(recipients)
        if counted and self.limits.quota != NO_QUOTA and self._day.used(now) + counted > self.limits.quota:
            return QUOTA_EXCEEDED
        if not self._bucket.draw(len(recipients), self.limits.rate, now):
            return RATE_EXCEEDED
        self._day.add(counted, now)
        return None

    def remember(self, recipients: Sequence[str], at: datetime) -> None:
        """A mail of an earlier run: it still counts against the day."""
        self._day.add(_counted(recipients), at)

    def is_verified(self, address: str) -> bool:
        """As itself, by its domain, or by a parent of its domain."""
        key = address.casefold()
        domain = key.rpartition("@")[2].split(".")
        names = [key, *(".".join(domain[start:]) for start in range(len(domain)))]
        return any(self.standing.identities.get(name, False) for name in names)

    # what its owner and AWS change

    def set_limits(self, limits: Limits) -> None:
        self._keep(replace(self.standing, limits=limits))

    def verify(self, identity: str) -> None:
        """The owner clicked the link, or set the DNS records."""
        self._keep(replace(self.standing, identities=self.standing.identities | {identity.casefold(): True}))

    def add_identity(self, identity: str) -> bool:
        """Pending until verified. False when there was one."""
        if identity.casefold() in self.standing.identities:
            return False
        self._keep(replace(self.standing, identities=self.standing.identities | {identity.casefold(): False}))
        return True

    def remove_identity(self, identity: str) -> bool:
        others = {name: done for name, done in self.standing.identities.items() if name != identity.casefold()}
        if len(others) == len(self.standing.identities):
            return False
        self._keep(replace(self.standing, identities=others))
        return True

    def add_configuration_set(self, name: str) -> bool:
        if name in self.standing.configuration_sets:
            return False
        self._keep(replace(self.standing, configuration_sets=(*self.standing.configuration_sets, name)))
        return True

    # what is told of its mail

    def published(self, configuration_set: str | None) -> tuple[str, ...]:
        """The kinds of events, in SES's words."""
        return self.standing.published.get(configuration_set or "", KINDS)

    def publish(self, kinds: Sequence[str], configuration_set: str = "") -> None:
        """Only these, from now on: of mail with this set ("": of mail without one)."""
        self._keep(replace(self.standing, published=self.standing.published | {configuration_set: tuple(kinds)}))

    def unpublish(self, configuration_set: str) -> None:
        """From now on its own event destinations say what is told of its mail."""
        others = {name: kinds for name, kinds in self.standing.published.items() if name != configuration_set}
        self._keep(replace(self.standing, published=others))

    def set_sending(self, configuration_set: str, *, enabled: bool) -> bool:
        """False where there is no such set."""
        if configuration_set not in self.standing.configuration_sets:
            return False
        others = tuple(name for name in self.standing.paused_sets if name != configuration_set)
        self._keep(replace(self.standing, paused_sets=others if enabled else (*others, configuration_set)))
        return True

    def _keep(self, standing: Standing) -> None:
        self._save(standing)
        self.standing = standing


def is_simulator(address: str) -> bool:
    return address.casefold().endswith(f"@{SIMULATOR_DOMAIN}")


def _counted(recipients: Sequence[str]) -> int:
    return sum(not is_simulator(one) for one in recipients)
