"""The command line as a person uses it: in a folder of its own, without the settings of this process."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGINT, Signals
from subprocess import DEVNULL, PIPE, Popen
from threading import Timer
from time import monotonic, sleep
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from typer.testing import CliRunner

FRANKED = str(Path(sys.executable).parent / "franked")
WITHIN = 60.0  # seconds for any command, on a machine that has other things to do


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    out: str
    err: str


def franked(folder: Path, *arguments: str, **variables: str) -> Said:
    return within(WITHIN, folder, *arguments, **variables)


def called(folder: Path, *arguments: str, **variables: str) -> Said:
    """In this process, where a start of its own would cost two seconds and show nothing more. Not within a loop."""
    from franked.doors.cli import cli  # who needs none does not pay for it

    env: dict[str, str | None] = {**dict.fromkeys(os.environ), **environment(variables)}
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(cli, list(arguments), env=env, prog_name="franked", catch_exceptions=False)
    finally:
        os.chdir(before)
    return Said(result.exit_code, result.stdout, result.stderr)


def in_turn(folder: Path, *commands: Sequence[str], **variables: str) -> list[Said]:
    return [called(folder, *command, **variables) for command in commands]


def within(seconds: float, folder: Path, *arguments: str, **variables: str) -> Said:
    """For a command that may take longer than others."""
    return _ended(_started(folder, arguments, variables, PIPE), seconds)


def together(folder: Path, *commands: Sequence[str], **variables: str) -> list[Said]:
    """Several at once: the most of a command's time is its start."""
    return [_ended(process) for process in [_started(folder, command, variables, PIPE) for command in commands]]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's, without what would tell a command something."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FRANKED_", "AWS_"))}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"} | dict(more)


def _started(
    folder: Path, arguments: Sequence[str], variables: dict[str, str], stderr: Any, program: Sequence[str] = (FRANKED,)
) -> Popen[str]:
    env = environment(variables)
    return Popen([*program, *arguments], cwd=folder, env=env, stdin=DEVNULL, stdout=PIPE, stderr=stderr, text=True)


def _ended(process: Popen[str], seconds: float = WITHIN) -> Said:
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    assert "Traceback" not in out + err, out + err
    return Said(process.returncode, out, err)


@dataclass(frozen=True, slots=True)
class Up:
    """A `franked up` that has said where it is."""

    process: Popen[str]
    folder: Path
    log: Path
    url: str
    inbox: str
    key: str
    curl: str

    @property
    def record(self) -> Path:
        return self.folder / ".franked"

    @property
    def by_url(self) -> dict[str, str]:
        """The variables with which a command need not find out who runs here."""
        said = json.loads((self.record / "franked.lock").read_text())
        return {"FRANKED_URL": self.url, "FRANKED_KEY": said["control_key"]}

    def send(self, to: str, stream: str, **variables: object) -> str:
        """The id of the message that was accepted."""
        trigger = {"act": "purchase", "by": "account-1", "at": datetime.now(UTC).isoformat()}
        draft = {"stream": stream, "to": to, "variables": variables, "trigger": trigger}
        return str(self.ask("/v1/messages", draft)["id"])

    def ask(self, path: str, body: object = None) -> Any:
        return _json(self.url + path, body, self.key)

    def account(self, path: str, body: object = None) -> Any:
        """The simulated account's own API."""
        return _json(f"{self.inbox}/_simulator/{path}", body)

    def states(self, ids: Sequence[str]) -> list[str]:
        return [self.ask(f"/v1/messages/{one}")["state"] for one in ids]

    def stop(self, signal: Signals = SIGINT) -> int:
        self.process.send_signal(signal)
        return self.process.wait(WITHIN)


@contextmanager
def up(folder: Path, *arguments: str, program: Sequence[str] = (FRANKED,), **variables: str) -> Iterator[Up]:
    """In a folder that has a franked.toml; its log is a file there. `program`: another way to start the same."""
    log = folder / "up.log"
    with log.open("a") as stderr:
        process = _started(folder, ("up", *arguments), variables, stderr, program)
    with _not_for_ever(process), process:
        try:
            yield _greeted(process, folder, log)
        finally:
            process.kill()
    assert "Traceback" not in log.read_text()


@contextmanager
def _not_for_ever(process: Popen[str]) -> Iterator[None]:
    timer = Timer(10 * WITHIN, process.kill)  # of a whole module's tests, on a machine that has other things to do
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _greeted(process: Popen[str], folder: Path, log: Path) -> Up:
    said: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        label, _, rest = line.strip().partition("  ")
        said[label] = rest.split()[0] if rest else line
        if line.startswith("curl "):
            key = (folder / ".franked" / "first.key").read_text()
            return Up(process, folder, log, said["HTTP door"], said["inbox"].rstrip("/"), key, line)
    raise AssertionError(log.read_text())


def _json(url: str, body: object, key: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = Request(url, None if body is None else json.dumps(body).encode(), headers)
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def until(seen: Callable[[], bool], within: float = 10.0) -> None:
    ends = monotonic() + within
    while not seen():
        assert monotonic() < ends, "it did not come"
        sleep(0.02)
