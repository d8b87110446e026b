"""Commands that write talk to the Franked that runs: SQLite has one writer."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from franked.doors.claim import read_claim
from franked.doors.cli.start import Unusable, settings_for

WITHIN = 60  # seconds
PIECE = 65_536  # bytes


@dataclass(frozen=True, slots=True)
class Client:
    url: str
    key: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises Unusable with the problem's own sentence."""
        text = b"".join(self.read(method, path, body))
        try:
            return msgspec.json.decode(text) if text else None
        except ValueError as error:
            raise self._no_franked(error) from error

    def read(self, method: str, path: str, body: object = None) -> Iterator[bytes]:
        """The answer as it comes, in pieces. Raises Unusable, also when it breaks off."""
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            request = Request(self.url + path, data=data, headers=headers, method=method)  # noqa: S310 (our own door)
            with _opener().open(request, timeout=WITHIN) as answer:
                while piece := answer.read(PIECE):
                    yield piece
        except HTTPError as error:
            raise Unusable(_sentence(error.read(), error.code)) from error
        except (HTTPException, OSError, ValueError) as error:  # ValueError: no URL, no key
            raise self._no_franked(error) from error

    def _no_franked(self, error: Exception) -> Unusable:
        return Unusable(f"{self.url} does not answer as a Franked does ({error}): is `franked up` running?")


def _opener() -> OpenerDirector:
    return build_opener(ProxyHandler({}))


def _sentence(body: bytes, status: int) -> str:
    try:
        problem = msgspec.json.decode(body)
        also = "".join(f"; also {one['pointer'].lstrip('/')}: {one['detail']}" for one in problem.get("errors", [])[1:])
        return f"{problem['title']}: {problem['detail']}{also}"
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"Franked answered {status}"


def client(config: Path | None) -> Client:
    """FRANKED_URL and FRANKED_KEY where both are set, else the Franked that runs on this machine's record.
    Raises Unusable when there is none."""
    url, key = os.environ.get("FRANKED_URL"), os.environ.get("FRANKED_KEY")
    if url and key:
        return Client(url.rstrip("/"), key)
    settings = settings_for(config).settings
    found = read_claim(settings.store.directory)
    if found is None or not found.get("url"):
        raise Unusable(f"no Franked runs on {settings.store.directory}: start it with `franked up`")
    return Client(str(found["url"]), str(found["control_key"]))
