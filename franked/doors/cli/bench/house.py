"""A Franked of its own for a bench: its settings, its template, its account a sink that takes everything."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from franked.ports import World
from franked.sending.refresh import refresh
from franked.settings import read
from franked.wiring import Ses, opened

STREAM = "receipt"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:franked-events"
_TOML = """
[ses]
region = "eu-central-1"
endpoint = "{endpoint}"

[sender]
name = "Example Shop"
website = "https://shop.example.com"
postal_address = "Example Shop Ltd, 1 Sample Street, 8000 Zurich"
from = "Example Shop <no-reply@shop.example.com>"

[store]
directory = "{record}"

[feedback]
topics = ["{topic}"]

[templates]
approval = "none"

[canary]
enabled = false

[log]
level = "error"

[streams.receipt]
kind = "transactional"
purpose = "What was bought, for whom, and when"
"""
_TEMPLATE = """+++
subject = "Your receipt {{ number }}"
variables = ["number", "name", "items"]
+++
<style>td { padding: 4px } h1 { color: #204a87 }</style>
<h1>Thank you, {{ name }}</h1>
<table>{% for item in items %}<tr><td>{{ item.what }}</td><td>{{ item.price }}</td></tr>{% endfor %}</table>
<p>Receipt {{ number }}. {{ sender.name }}, {{ sender.postal_address }}</p>
"""
_TEXT = """Thank you, {{ name }}
{% for item in items %}
{{ item.what }}: {{ item.price }}
{% endfor %}
Receipt {{ number }}. {{ sender.name }}, {{ sender.postal_address }}
"""
_ITEMS = [{"what": f"Article {number}", "price": f"{number}.90"} for number in range(5)]


@asynccontextmanager
async def house(folder: Path, record: str, endpoint: str, url: str | None = None) -> AsyncIterator[World]:
    """`record`: a name of its own, so that each begins with an empty one; with `url` it is on PostgreSQL."""
    mail = folder / "mail" / STREAM
    mail.mkdir(parents=True, exist_ok=True)
    (mail / "en.html").write_text(_TEMPLATE)
    (mail / "en.txt").write_text(_TEXT)  # made from each rendered HTML, it would cost more than all the rest
    file = folder / f"{record}.toml"
    file.write_text(_TOML.format(endpoint=endpoint, record=record, topic=TOPIC))
    os.environ |= {"AWS_ACCESS_KEY_ID": "sink", "AWS_SECRET_ACCESS_KEY": "sink"}
    async with opened(read(file, {"FRANKED_STORE_URL": url} if url else {}), Ses.AWS) as wired:
        await refresh(wired.world)
        yield wired.world


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    command = [sys.executable, "-m", "franked.doors.cli.bench.sink"]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


def variables(number: int) -> dict[str, Any]:
    return {"number": f"R-{number}", "name": "Ana", "items": _ITEMS}


def body(number: int) -> dict[str, Any]:
    """One mail, as it comes to the door."""
    trigger = {"act": "purchase", "by": f"account-{number}", "at": datetime.now(UTC).isoformat()}
    return {"stream": STREAM, "to": f"p{number}@example.net", "variables": variables(number), "trigger": trigger}
