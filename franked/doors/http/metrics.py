"""The record's figures in Prometheus's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from franked.record import PaceStanding
from franked.rules.message import ENDED, State


@dataclass(eq=False)
class Snapshot(Collector):
    waiting: Mapping[State, int]
    counters: Mapping[tuple[str, str], int]
    standing: PaceStanding
    forged: int  # since this process started

    def collect(self) -> Iterable[Metric]:
        messages = GaugeMetricFamily("franked_messages", "Messages that have not ended, by state", labels=["state"])
        for state in sorted(set(State) - ENDED):
            messages.add_metric([state.value], self.waiting.get(state, 0))
        yield messages
        counted = CounterMetricFamily("franked_events", "What happened, by stream", labels=["stream", "what"])
        for (stream, what), number in sorted(self.counters.items()):
            counted.add_metric([stream, what], number)
        yield counted
        yield CounterMetricFamily(
            "franked_forged_events", "SNS messages that were not our topic's, or not signed by SNS", value=self.forged
        )
        yield from self._pace()

    def _pace(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("franked_quota_used", "Recipients in the last 24 hours", value=self.standing.used_24h)
        access = self.standing.access
        if access is not None:
            yield GaugeMetricFamily("franked_quota", "SES's 24-hour quota, -1 = none", value=access.quota)
            yield GaugeMetricFamily("franked_rate", "SES's recipients a second", value=access.rate)
            yield GaugeMetricFamily("franked_production", "1 out of the sandbox", value=int(access.production))
