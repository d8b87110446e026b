"""DNS records as lines of a zone file, which most DNS hosts can take in."""

from collections.abc import Iterable

from franked.rules.at_aws import Record
from franked.rules.domain.lines import quoted

TTL = 3600


def zone_lines(records: Iterable[Record]) -> list[str]:
    """Names end with a dot: no DNS host appends its zone to them."""
    return [f"{one.name}. {TTL} IN {one.kind} {_value(one)}" for one in records]


def _value(record: Record) -> str:
    return quoted(record.value) if record.kind == "TXT" else f"{record.value}."
