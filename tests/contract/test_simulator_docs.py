"""The simulator's page says what is true today: its routes, its faults, and each of its curl lines."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import fields

from franked.backends.local import EventFault, SendFault
from franked.backends.local.control import Decided, NewFault, NewLimits, Production, Reviewed
from franked.backends.local.server import _app
from tests.contract.test_simulator import playing

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
CURLS = re.findall(r"^curl (.*)$", PAGE, re.MULTILINE)
PLANNED = re.findall(r'"what": "(\w+)"', PAGE)


async def routes(directory: Path) -> set[str]:
    async with playing(directory) as played:
        found = _app(played.simulator.office).router.routes()
        return {f"{one.method} {one.resource.canonical}" for one in found if one.resource and one.method != "HEAD"}


async def test_every_route_is_documented_and_every_documented_route_exists(tmp_path: Path) -> None:
    documented = set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", PAGE))
    assert documented == await routes(tmp_path) - {"* /v2/{rest}"}


def test_every_fault_has_its_line() -> None:
    assert sorted(PLANNED) == sorted([*SendFault, *EventFault])
    assert [
        fault for fault in (*SendFault, *EventFault) if f"| `{fault}`" not in PAGE and f", `{fault}` |" not in PAGE
    ] == []


@pytest.mark.parametrize("shape", [NewFault, NewLimits, Production, Reviewed, Decided])
def test_every_field_is_named(shape: type) -> None:
    assert [one.name for one in fields(shape) if f"`{one.name}`" not in PAGE and f'"{one.name}"' not in PAGE] == []


@pytest.mark.parametrize("line", CURLS)
async def test_every_curl_line_works(tmp_path: Path, line: str) -> None:
    async with playing(tmp_path) as played, aiohttp.ClientSession() as http:
        said = line.replace("$SES", f"{played.simulator.url}/_simulator").replace(
            "$JSON", "Content-Type: application/json"
        )
        words = shlex.split(said)
        url = next(word for word in words if word.startswith("http"))
        given = dict(pairwise(words))
        headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
        method = given.get("-X") or ("POST" if "-d" in given else "GET")
        async with http.request(method, url, data=given.get("-d"), headers=headers) as answer:
            assert answer.status == 200, await answer.text()
