"""`franked keys`: through the Franked that runs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from franked.doors.cli.client import client
from franked.doors.cli.start import said


def list_keys(config: Path | None, as_json: bool) -> int:
    return said(lambda: _list(config, as_json))


def _list(config: Path | None, as_json: bool) -> int:
    keys = client(config).call("GET", "/v1/keys")
    if as_json:
        print(msgspec.json.encode(keys).decode())  # noqa: T201
        return 0
    table = Table()
    for column in ("id", "name", "streams", "senders", "made", "revoked"):
        table.add_column(column)
    for key in keys:
        streams, senders = ", ".join(key["streams"]) or "all", ", ".join(key["senders"]) or "each stream's own"
        table.add_row(key["id"], key["name"], streams, senders, key["created_at"][:10], (key["revoked_at"] or "")[:10])
    Console(highlight=False).print(table)
    return 0


def create_key(name: str, streams: Sequence[str], senders: Sequence[str], config: Path | None, as_json: bool) -> int:
    return said(lambda: _create(name, streams, senders, config, as_json))


def _create(name: str, streams: Sequence[str], senders: Sequence[str], config: Path | None, as_json: bool) -> int:
    made = client(config).call("POST", "/v1/keys", {"name": name, "streams": list(streams), "senders": list(senders)})
    print(msgspec.json.encode(made).decode() if as_json else made["key"])  # noqa: T201
    if not as_json:
        Console(stderr=True, highlight=False).print("Keep it now: Franked keeps only its hash, and shows it once.")
    return 0


def revoke_key(key_id: str, config: Path | None) -> int:
    def revoke() -> int:
        client(config).call("DELETE", f"/v1/keys/{key_id}")
        Console(stderr=True, highlight=False).print(f"Key {key_id} opens nothing any more.")
        return 0

    return said(revoke)
