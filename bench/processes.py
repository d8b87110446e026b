"""What the bench starts, it ends: each program in a process group of its own, what it says in a file."""

import asyncio
import os
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from franked.doors.cli.start import Unusable

Command = Sequence[str | Path]

_PATIENCE = 30  # seconds, for a program to begin or to end
_LAST = 600  # characters of what it said


@dataclass(frozen=True, slots=True)
class Program:
    """Raises Unusable, with the last that it said, where it failed."""

    name: str
    process: Process
    log: Path

    def check(self) -> None:
        if self.process.returncode:
            raise Unusable(f"{self.name} ended ({self.process.returncode}): {self._last_words()}")

    async def ended(self) -> None:
        await self.process.wait()
        self.check()

    async def answers(self, port: int) -> None:
        """Until it takes a connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while True:
                    self.check()
                    with suppress(OSError):
                        _, writer = await asyncio.open_connection("127.0.0.1", port)
                        writer.close()
                        return
                    await asyncio.sleep(0.05)
        raise Unusable(f"{self.name} does not answer on port {port}: {self._last_words()}")

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-_LAST:].strip() or "it said nothing"


@asynccontextmanager
async def running(
    name: str, command: Command, folder: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[Program]:
    """`folder`: for its log. `env` is added to this process's own."""
    log = folder / f"{name}.log"
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=said, stderr=said, env=os.environ | (env or {}), cwd=cwd, start_new_session=True
        )
    try:
        yield Program(name, process, log)
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """Told to stop as an operator would; then what does not listen is killed, and what it left behind."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def written(folder: Path, name: str, text: str) -> Path:
    """A file in a folder that is made for it."""
    folder.mkdir()
    (folder / name).write_text(text)
    return folder / name
