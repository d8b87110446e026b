"""DNS records as lines of a zone file, which most DNS hosts can take in."""

from collections.abc import Iterable

from franked.rules.at_aws import Record

TTL = 3600
STRING = 255  # bytes of one string of a TXT record


def zone_lines(records: Iterable[Record]) -> list[str]:
    """Names end with a dot: no DNS host appends its zone to them."""
    return [f"{one.name}. {TTL} IN {one.kind} {_value(one)}" for one in records]


def _value(record: Record) -> str:
    if record.kind == "TXT":
        return _quoted(record.value)
    return f"{record.value}."


def _quoted(text: str) -> str:
    escaped = [one if one not in '"\\' else f"\\{one}" for one in text]
    pieces = [""]
    for one in escaped:
        if len((pieces[-1] + one).encode()) > STRING:
            pieces.append("")
        pieces[-1] += one
    return " ".join(f'"{piece}"' for piece in pieces)
