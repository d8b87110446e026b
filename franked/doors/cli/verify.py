"""`franked verify`: have SES verify an address or a domain, through the Franked that runs."""

from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.client import client
from franked.doors.cli.start import said


def verify(identity: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _verify(identity, config, as_json))


def _verify(identity: str, config: Path | None, as_json: bool) -> int:
    """Exit status 1 while it is not verified."""
    told = client(config).call("POST", "/v1/identities", {"identity": identity})
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _tell(told)
    return 0 if told["verified"] else 1


def _tell(told: dict[str, Any]) -> None:
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    name = told["identity"]
    if told["verified"]:
        out.print(f"{name} is verified. What was held in the sandbox for it goes now.")
    elif told["records"]:
        out.print(f"{name} is not verified yet. Set these records in its DNS:")
        for record in told["records"]:
            out.print(f"  {record['name']}  {record['type']}  {record['value']}")
    else:
        out.print(f"SES has written to {name}: the address is verified when its reader opens the link in that mail.")
    if not told["verified"]:
        out.print("Franked looks every few minutes; what is held for it goes by itself then.")
