"""The SES of the bench: one nginx, which takes every mail, and writes down when each came."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import jinja2

from bench.needs import ECHO, program
from bench.processes import Program, free_port, running, written
from franked.doors.cli.start import Unusable

SLOW = 0.05  # seconds until the slow one answers
_CONFIG = Path(__file__).with_name("nginx.conf")
_FLUSH = 0.1  # seconds, as the configuration says
_STALLED = 60  # seconds without a mail


class Sink:
    """`name` and `what`: which one it is, and how it answers, for people."""

    def __init__(self, name: str, port: int, log: Path, what: str) -> None:
        self.name = name
        self.endpoint = f"http://127.0.0.1:{port}"
        self.what = what
        self._log = log
        self._read = 0
        self._times: list[float] = []

    def took(self) -> int:
        """How many mails came until now, within the tenth of a second that nginx keeps its log in hand."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            came = file.read()
        whole = came[: came.rfind(b"\n") + 1]
        self._read += len(whole)
        self._times.extend(map(float, whole.split()))
        return len(self._times)

    async def reached(self, number: int, *senders: Program) -> None:
        """Until so many have come in all. Raises Unusable where a sender has ended, or nothing comes any more."""
        before, since = -1, monotonic()
        while (now := self.took()) < number:
            if now > before:
                before, since = now, monotonic()
            if monotonic() - since > _STALLED:
                raise Unusable(f"{senders[0].name} stopped sending {number - now} mails before the end")
            for sender in senders:
                sender.check()
            await asyncio.sleep(0.05)

    async def settled(self) -> None:
        """Until nginx has written down what it had in hand."""
        await asyncio.sleep(3 * _FLUSH)

    def rate(self, first: int, last: int) -> float:
        """Mails a second between the arrivals of two, counted from the sink's begin."""
        return (last - first) / (self._times[last] - self._times[first])


def config(folder: Path, servers: Sequence[tuple[int, Path, float]]) -> str:
    """`servers`: port, log and seconds of delay of each."""
    template = jinja2.Template(_CONFIG.read_text(), undefined=jinja2.StrictUndefined)
    return str(template.render(folder=folder, servers=servers, echo=ECHO))


@asynccontextmanager
async def sinks(folder: Path) -> AsyncIterator[tuple[Sink, Sink]]:
    """One that answers at once, and one that takes its time, as SES does."""
    servers = [(free_port(), folder / "quick.log", 0.0), (free_port(), folder / "slow.log", SLOW)]
    file = written(folder, "nginx.conf", config(folder, servers))
    async with running(
        "nginx", (program("nginx"), "-p", folder, "-e", folder / "errors", "-c", file), folder
    ) as started:
        for port, _, _ in servers:
            await started.answers(port)
        (quick, quick_log, _), (slow, slow_log, _) = servers
        yield (
            Sink("quick", quick, quick_log, "nginx, which answers at once"),
            Sink("slow", slow, slow_log, f"nginx, echo_sleep {SLOW * 1000:.0f} ms"),
        )
