"""`franked consents`: the log of consents, through the Franked that runs."""

import sys
from pathlib import Path
from urllib.parse import urlencode

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said


def export(address: str | None, config: Path | None) -> int:
    return said(lambda: _export(address, client(config)))


def _export(address: str | None, franked: Client) -> int:
    asked = f"?{urlencode({'address': address})}" if address else ""
    try:
        with open(sys.stdout.fileno(), "wb", closefd=False) as out:
            out.writelines(franked.read("GET", f"/v1/consents/export{asked}"))
    except OSError as error:
        raise Unusable(f"the export could not be written: {error}") from error
    return 0
