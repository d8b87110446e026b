"""One page in CloudWatch that shows how welcome the account is."""

import json
from collections.abc import Iterator
from typing import Any

from franked.rules.gauge import HOUR, OURS, PREFIX, SES

WIDTH, HEIGHT = 12, 6  # of 24 columns


def dashboard_name(sender: str) -> str:
    return f"{PREFIX}-{sender.replace('.', '-')}"


def dashboard(region: str, sender: str, *, has_ours: bool) -> str:
    """CloudWatch's JSON. `has_ours`: Franked publishes its own figures."""
    graphs = [*_of_ses(), *(_of_ours(sender) if has_ours else ())]
    widgets = [_widget(number, graph, region) for number, graph in enumerate(graphs)]
    return json.dumps({"widgets": widgets}, separators=(",", ":"))


Graph = tuple[str, str, list[list[Any]], tuple[float, ...]]  # title, statistic, metrics, lines


def _of_ses() -> Iterator[Graph]:
    yield "Mail", "Sum", [[SES, one] for one in ("Send", "Delivery", "Bounce", "Complaint", "Reject")], ()
    yield "Bounce rate", "Maximum", [[SES, "Reputation.BounceRate"]], (0.02, 0.05)
    yield "Complaint rate", "Maximum", [[SES, "Reputation.ComplaintRate"]], (0.0005, 0.001)


def _of_ours(sender: str) -> Iterator[Graph]:
    of_us = ("Sender", sender)
    yield "Quota used", "Maximum", [[OURS, "QuotaShare", *of_us]], (0.8,)
    yield "Dead letters", "Maximum", [[OURS, "DeadLetters", *of_us]], ()
    yield "Oldest queued, seconds", "Maximum", [[OURS, "OldestQueuedSeconds", *of_us]], ()


def _widget(number: int, graph: Graph, region: str) -> dict[str, Any]:
    title, statistic, metrics, lines = graph
    properties = {"title": title, "stat": statistic, "period": HOUR, "region": region, "metrics": metrics}
    drawn = {"annotations": {"horizontal": [{"value": one} for one in lines]}} if lines else {}
    place = {"x": number % 2 * WIDTH, "y": number // 2 * HEIGHT, "width": WIDTH, "height": HEIGHT}
    return {"type": "metric", **place, "properties": properties | drawn}
