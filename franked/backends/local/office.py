"""What all doors of the simulated account share, and how it takes a mail."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from franked.backends.local.account import SimulatedAccount, is_simulator
from franked.backends.local.answers import AwsError
from franked.backends.local.estate import Estate
from franked.backends.local.events import events_of
from franked.backends.local.fates import People
from franked.backends.local.faults import Faults
from franked.backends.local.inbox import Inbox
from franked.backends.local.letter import Letter, Stamp
from franked.backends.local.metrics import Metrics
from franked.backends.local.statistics import Statistics, outcome_of
from franked.backends.local.suppressed import Suppressed
from franked.backends.local.topic import Topic
from franked.outside import Resolver
from franked.rules.dns_needed import candidates
from franked.rules.policies import lets_ses

EVENT_TYPES = ("SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "RENDERING_FAILURE")


@dataclass(frozen=True, slots=True)
class Office:
    """`resolver` None: a domain is verified when its owner says so, whatever the DNS has. `is_bare`: of mail without a
    configuration set nothing is told, as at SES; else all is, so that a first try needs no set."""

    account: SimulatedAccount
    inbox: Inbox
    topic: Topic
    faults: Faults
    now: Callable[[], datetime]
    suppressed: Suppressed
    estate: Estate
    resolver: Resolver | None = None
    is_bare: bool = False
    people: People = field(default_factory=People)
    metrics: Metrics = field(default_factory=lambda: Metrics(Statistics()))
    denied: set[str] = field(default_factory=set)  # permissions that the credentials lack
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def account_id(self) -> str:
        return self.topic.arn.split(":")[4]

    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{self.account.region}:{self.account_id}:{name}"

    def queue_url(self, name: str) -> str:
        return f"https://sqs.{self.account.region}.amazonaws.com/{self.account_id}/{name}"

    def stamp(self) -> Stamp:
        """An id as SES makes them; the wire's Message-ID is built of it."""
        at, region = self.now(), self.account.region
        ses_id = f"0107{int(at.timestamp() * 1000):012x}-{uuid4()}-000000"
        domain = "email" if region == "us-east-1" else region
        return Stamp(ses_id, f"<{ses_id}@{domain}.amazonses.com>", at)

    def take(self, letter: Letter) -> AwsError | None:
        """None: it was taken, is on the account's list, and its events are on their way. One that names no
        configuration set goes by its identity's."""
        letter = replace(letter, configuration_set=letter.configuration_set or self._default_set(letter.senders[0]))
        refused = self.account.admit(letter.senders, letter.recipients, letter.configuration_set)
        if refused is not None:
            return refused
        stopped = self.suppressed.stops(letter.recipients, letter.configuration_set)
        self.inbox.keep(letter)
        self._count(letter, stopped)
        kinds = self.published(letter.configuration_set)
        for event in events_of(letter, self.account.region, self.people.fate, stopped):
            self.suppressed.learn(event, letter.configuration_set)
            if self.topic.subscriptions and event["eventType"].upper() in kinds:
                self.topic.publish(event)
        return None

    def _default_set(self, sender: str) -> str | None:
        domain = sender.casefold().rpartition("@")[2]
        near = (self.estate.book.of_identity.get(name) for name in (sender.casefold(), *candidates(domain)))
        return next(filter(None, near), None)

    def published(self, configuration_set: str | None) -> frozenset[str]:
        """The kinds of events that its event destinations send to the account's topic."""
        if self.is_bare and not configuration_set:
            return frozenset()
        own = self.estate.book.sets.get(configuration_set or "")
        if own is None or configuration_set in self.account.standing.published:
            return frozenset(self.account.published(configuration_set))
        led = [one for one in own.destinations.values() if one.get("Enabled") and self._is_led_here(one)]
        return frozenset(kind for one in led for kind in one["MatchingEventTypes"])

    def _is_led_here(self, destination: Mapping[str, Any]) -> bool:
        return bool((destination.get("SnsDestination") or {}).get("TopicArn") == self.topic.arn)

    def may_publish(self, topic: str) -> bool:
        """SES, as the topic's policy says."""
        return lets_ses(self.estate.book.topics.get(topic, {}).get("Policy", ""))

    def _count(self, letter: Letter, stopped: Mapping[str, str]) -> None:
        """Neither the mailbox simulator's addresses nor what the account's own list stops."""
        tried = [one for one in letter.recipients if not (one in stopped or is_simulator(one))]
        outcomes = [outcome_of(self.people.fate(one), is_verified=self.account.is_verified(one)) for one in tried]
        self.metrics.statistics.count(outcomes, letter.at)


OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
