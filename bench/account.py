"""`python -m bench.account RATE FILE`: an SES account that allows RATE a second, and writes down when each mail came.

A line of FILE: the seconds of CLOCK_MONOTONIC at which the first byte of the call came, and whom the mail was to.
Prints its port; ends with its stdin.
"""

import asyncio
import sys
from pathlib import Path
from time import monotonic
from typing import TextIO

import msgspec

from franked.doors.cli.bench.sink import Sink, listen

ANSWERS_AFTER = 0.05  # seconds, about as the real one


class _To(msgspec.Struct, rename="pascal"):
    to_addresses: list[str]


class _Call(msgspec.Struct, rename="pascal"):
    destination: _To


_calls = msgspec.json.Decoder(_Call)


class Account(Sink):
    notes: TextIO

    def data_received(self, data: bytes) -> None:
        if not self._came:
            self._began = monotonic()
        super().data_received(data)

    def asked(self, head: bytes, body: bytes) -> None:
        if b"/outbound-emails" in head:
            self.notes.write(f"{self._began} {_calls.decode(body).destination.to_addresses[0]}\n")
            self.notes.flush()
        asyncio.get_running_loop().call_later(ANSWERS_AFTER, self.say, self.answer(head))


def main() -> None:
    Account.rate = int(sys.argv[1])
    with Path(sys.argv[2]).open("a") as Account.notes:
        asyncio.run(listen(Account))


if __name__ == "__main__":
    main()
