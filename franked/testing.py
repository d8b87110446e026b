"""The pytest fixtures we ship: a simulated SES account, and a whole Franked that sends through one.

`pytest_plugins = ["franked.testing"]` loads them. Each runs in a thread with an event loop of its own, so a test may be
as synchronous as it likes.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from franked.doors.cli.start import examples
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.rules.message import State
from franked.settings import Settings, read
from franked.wiring import Ses, simulator, system_clock

T = TypeVar("T")
Loop = asyncio.AbstractEventLoop
WITHIN = 10.0  # seconds in which everything is settled


@dataclass(frozen=True, slots=True)
class Mail:
    """What one recipient gets; `message` is the whole of it, as on the wire."""

    recipient: str
    subject: str
    text: str  # "" where there is no such part
    message: EmailMessage = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A simulated SES account: any AWS SDK sends to `url`; the rest is what its owner, AWS and a test do to it."""

    url: str

    def taken(self) -> list[Mail]:
        """All mails it took, oldest first."""
        return [self._mail(line["ses_id"], line["recipient"]) for line in json.loads(self._ask("/_simulator/taken"))]

    def grant_production(self, rate: float = 14.0, quota: float = 50_000.0) -> None:
        self._ask("/_simulator/production", {"rate": rate, "quota": quota})

    def verify(self, identity: str) -> None:
        """An address or a domain."""
        self._ask("/_simulator/verify", {"identity": identity})

    def subscribe(self, url: str) -> None:
        """SES's events are posted there from now on, as SNS does it."""
        self._ask("/_simulator/subscribe", {"endpoint": url})

    def fault(
        self,
        what: str,
        times: int = 1,
        when: str = "before",
        seconds: float = 0.0,
        chance: float = 1.0,
        seed: int = 0,
    ) -> None:
        """The next so many sends or events meet it, each by chance. ValueError says what there is to choose from."""
        asked = {"what": what, "times": times, "when": when, "seconds": seconds, "chance": chance, "seed": seed}
        self._ask("/_simulator/faults", asked)

    def vanish(self, seconds: float) -> None:
        """Nobody gets there for so long: no byte leaves whoever tries, as when a name can't be resolved."""
        self._ask("/_simulator/vanish", {"seconds": seconds})

    def _mail(self, ses_id: str, recipient: str) -> Mail:
        message = message_from_bytes(self._ask(f"/mail/{ses_id}/raw"), policy=default)
        text = message.get_body(("plain",))
        return Mail(recipient, str(message["Subject"]), text.get_content() if text else "", message)

    def _ask(self, path: str, told: dict[str, object] | None = None) -> bytes:
        body = None if told is None else json.dumps(told).encode()
        request = Request(self.url + path, body, {"Content-Type": "application/json"})  # noqa: S310 (loopback)
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            raise ValueError(error.read().decode()) from None


@dataclass(frozen=True, slots=True)
class Franked:
    """A whole Franked at `url`, which `key` opens; `inbox` shows a person what its account took."""

    url: str
    key: str
    account: Account
    settle: Callable[[], None] = field(repr=False)  # waits until nothing is under way; raises TimeoutError

    @property
    def inbox(self) -> str:
        return self.account.url

    def mails(self) -> list[Mail]:
        return self.account.taken()


@pytest.fixture
def ses_simulator(tmp_path: Path) -> Iterator[Account]:
    """In its sandbox: 200 mails a day, one a second, to verified addresses only."""
    with _in_a_thread(simulator(tmp_path / "ses", now=system_clock)) as (played, _):
        yield Account(played.url)


@pytest.fixture
def franked_config() -> Path:
    """The settings file that `franked` runs on: override it with your product's."""
    return examples() / "consulting" / "franked.toml"


@pytest.fixture
def franked(franked_config: Path, tmp_path: Path) -> Iterator[Franked]:
    """Out of the sandbox, on free ports; its record is in `tmp_path`."""
    settings = _for_a_test(read(franked_config, {}), tmp_path / "franked")
    with _in_a_thread(running(settings, Ses.SIMULATED)) as (run, loop):
        key, record = make_key("test", frozenset(), frozenset(), system_clock())
        _ask(loop, run.world.store.add_keys([record]))
        assert run.wired.simulator is not None
        yield Franked(run.url, key, Account(run.wired.simulator.url), lambda: _ask(loop, _settled(run)))


def _for_a_test(settings: Settings, directory: Path) -> Settings:
    return replace(
        settings,
        canary=replace(settings.canary, enabled=False),
        store=replace(settings.store, directory=directory),
        server=replace(settings.server, host="127.0.0.1", port=0),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=50_000.0),
    )


async def _settled(run: Running) -> None:
    """First the mails, then their events: what is sent no more brings none."""
    assert run.wired.simulator is not None
    async with asyncio.timeout(WITHIN):
        while (await run.world.store.count_waiting()).keys() & {State.QUEUED, State.SENDING}:
            await run.world.sleep(0.02)
        await run.wired.simulator.quiet(WITHIN)


@contextmanager
def _in_a_thread(room: AbstractAsyncContextManager[T]) -> Iterator[tuple[T, Loop]]:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="franked")
    thread.start()
    try:
        it = _ask(loop, room.__aenter__())
        try:
            yield it, loop
        finally:
            _ask(loop, room.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _ask(loop: Loop, what: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(what, loop).result()
