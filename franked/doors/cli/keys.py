"""`franked keys`: through the Franked that runs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from franked.doors.cli.client import client
from franked.doors.cli.start import said

COLUMNS = ("id", "name", "streams", "senders", "limit", "made", "old secret ends", "revoked")


def list_keys(config: Path | None, as_json: bool) -> int:
    return said(lambda: _list(config, as_json))


def _list(config: Path | None, as_json: bool) -> int:
    keys = client(config).call("GET", "/v1/keys")
    if as_json:
        print(msgspec.json.encode(keys).decode())  # noqa: T201
        return 0
    table = Table()
    for column in COLUMNS:
        table.add_column(column)
    for key in keys:
        table.add_row(*_cells(key))
    Console(emoji=False, highlight=False).print(table)
    return 0


def _cells(key: dict[str, Any]) -> Sequence[str]:
    return (
        key["id"],
        f"{key['name']} (administrator)" if key["administrator"] else key["name"],
        ", ".join(key["streams"]) or "all",
        ", ".join(key["senders"]) or "each stream's own",
        key["limit"] or "none",
        key["created_at"][:10],
        _minute(key["old_until"]),
        _minute(key["revoked_at"]),
    )


def _minute(moment: str | None) -> str:
    """`2026-03-04 10:15`, as every time here in UTC; nothing for None."""
    return moment[:16].replace("T", " ") if moment else ""


def create_key(
    name: str,
    streams: Sequence[str],
    senders: Sequence[str],
    limit: str | None,
    administrator: bool,
    config: Path | None,
    as_json: bool,
) -> int:
    rights = {"streams": list(streams), "senders": list(senders), "limit": limit, "administrator": administrator}
    body = {"name": name, **rights}
    return said(lambda: _shown_once(client(config).call("POST", "/v1/keys", body), as_json))


def rotate_key(key_id: str, overlap: str, config: Path | None, as_json: bool) -> int:
    def rotate() -> int:
        made = client(config).call("POST", f"/v1/keys/{key_id}/rotate", {"overlap": overlap})
        return _shown_once(made, as_json) or _of_the_old(made, as_json)

    return said(rotate)


def _shown_once(made: dict[str, Any], as_json: bool) -> int:
    print(msgspec.json.encode(made).decode() if as_json else made["key"])  # noqa: T201
    if not as_json:
        _tell("Keep it now: Franked keeps only its hash, and shows it once.")
    return 0


def _of_the_old(made: dict[str, Any], as_json: bool) -> int:
    if not as_json:
        until = made["old_until"]
        _tell(f"The old one opens until {_minute(until)} UTC." if until else "The old one opens nothing any more.")
        if made["ended_early"]:
            _tell(f"The one before it would have opened until {_minute(made['ended_early'])} UTC: it ended now.")
    return 0


def revoke_key(key_id: str, config: Path | None) -> int:
    def revoke() -> int:
        client(config).call("DELETE", f"/v1/keys/{key_id}")
        _tell(f"Key {key_id} opens nothing any more.")
        return 0

    return said(revoke)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
