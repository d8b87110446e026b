"""What a reader's request says besides its link: from where it came, and what a form holds."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from litestar.exceptions import HTTPException

from franked.doors.http.context import AnyRequest, client_of
from franked.rules.consent import Evidence

LONGEST_FORM = 64_000  # bytes
LONGEST_AGENT = 300  # characters

Form = Mapping[str, tuple[str, ...]]


def evidence_of(request: AnyRequest, source: str) -> Evidence:
    """`source`: what was pressed, on which page."""
    path = request.url.path.split("/")
    return Evidence(f"page {'/'.join(path[:3])}", source, client_of(request) or "", agent_of(request))


def agent_of(request: AnyRequest) -> str:
    return request.headers.get("user-agent", "")[:LONGEST_AGENT].replace("\x00", "")


async def form_of(request: AnyRequest) -> Form:
    """Its fields. What is no form at all is an empty one: mail providers that unsubscribe their readers spell it in
    more than one way (RFC 8058 allows two), and a link that is posted to says enough."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return await _multipart(request)
    body = (await request.body())[:LONGEST_FORM].decode("utf-8", "replace")
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(body, max_num_fields=None):
        found[name] = (*found.get(name, ()), value)
    return found


async def _multipart(request: AnyRequest) -> Form:
    try:
        fields = await request.form()
    except (HTTPException, ValueError):
        return {}
    return {name: tuple(map(str, fields.getall(name))) for name in fields}
