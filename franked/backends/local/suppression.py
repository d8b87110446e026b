"""What the account's owner does over the SES API to its suppression list, and to what is honoured of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from franked.backends.local.answers import NOT_SIGNED, AwsError, answer, bad_request, not_found, refusal
from franked.backends.local.denying import denied_here
from franked.backends.local.doors import Door
from franked.backends.local.office import OFFICE, Office
from franked.backends.local.sends import checked
from franked.backends.local.suppressed import REASONS, Entry, Which

MOST = 1000
_TOO_FAST = AwsError(429, "TooManyRequestsException", "Rate exceeded")
_IN_SANDBOX = bad_request("This operation is not available to accounts in the Amazon SES sandbox.")
_NO_TOKEN = AwsError(400, "InvalidNextTokenException", "The specified NextToken is invalid or has expired.")


def add_routes(app: web.Application) -> None:
    for method, path, door in _DOORS:
        app.router.add_route(method, path, _paced(door))


def _paced(door: Door) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def opened(request: web.Request) -> web.StreamResponse:
        office = request.app[OFFICE]
        if "Authorization" not in request.headers:
            return refusal(NOT_SIGNED)
        if error := denied_here(request, office):
            return refusal(error)
        if not office.suppressed.admits():
            return refusal(_TOO_FAST)
        return await door(request, office)

    return opened


async def put(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutSuppressedDestination")
    if isinstance(wire, AwsError):
        return refusal(wire)
    if not office.account.limits.production:
        return refusal(_IN_SANDBOX)
    address = wire["EmailAddress"]
    if "@" not in address or not address.isascii() or not address.isprintable():
        return refusal(bad_request("Invalid email address."))
    office.suppressed.put(address, wire["Reason"])
    return answer({})


async def get(request: web.Request, office: Office) -> web.Response:
    address = request.match_info["address"]
    entry = office.suppressed.entries.get(address)
    return answer({"SuppressedDestination": _whole(address, entry)}) if entry else refusal(_absent(address))


async def delete(request: web.Request, office: Office) -> web.Response:
    address = request.match_info["address"]
    return answer({}) if office.suppressed.remove(address) else refusal(_absent(address))


async def list_all(request: web.Request, office: Office) -> web.Response:
    asked = request.query
    try:
        size = int(asked.get("PageSize", MOST))
        which = Which(frozenset(asked.getall("Reason", REASONS)), _time(asked, "StartDate"), _time(asked, "EndDate"))
    except ValueError as error:
        return refusal(bad_request(str(error)))
    if not 1 <= size <= MOST:
        return refusal(bad_request(f"PageSize must be between 1 and {MOST}."))
    token = asked.get("NextToken")
    page = office.suppressed.next_page(token, size) if token else office.suppressed.page(which, size)
    if page is None:
        return refusal(_NO_TOKEN)
    found, following = page
    listed = {"SuppressedDestinationSummaries": [_summary(address, entry) for address, entry in found]}
    return answer(listed | ({"NextToken": following} if following else {}))


async def put_account_attributes(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutAccountSuppressionAttributes")
    if isinstance(wire, AwsError):
        return refusal(wire)
    office.suppressed.honour(wire.get("SuppressedReasons") or [])
    return answer({})


async def put_set_options(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutConfigurationSetSuppressionOptions")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return refusal(not_found(f"Configuration set <{name}> does not exist."))
    office.suppressed.honour(wire.get("SuppressedReasons") or [], name)
    return answer({})


def _time(asked: Any, name: str) -> datetime | None:
    """As botocore writes it."""
    text = asked.get(name)
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _summary(address: str, entry: Entry) -> dict[str, Any]:
    return {"EmailAddress": address, "Reason": entry.reason, "LastUpdateTime": entry.at.timestamp()}


def _whole(address: str, entry: Entry) -> dict[str, Any]:
    attributes = {"MessageId": entry.message_id, "FeedbackId": entry.feedback_id} if entry.message_id else {}
    return _summary(address, entry) | {"Attributes": attributes}


def _absent(address: str) -> AwsError:
    return not_found(f"Email address {address} does not exist on your suppression list.")


_DOORS: tuple[tuple[str, str, Door], ...] = (
    ("PUT", "/v2/email/suppression/addresses", put),
    ("GET", "/v2/email/suppression/addresses", list_all),
    ("GET", "/v2/email/suppression/addresses/{address}", get),
    ("DELETE", "/v2/email/suppression/addresses/{address}", delete),
    ("PUT", "/v2/email/account/suppression", put_account_attributes),
    ("PUT", "/v2/email/configuration-sets/{name}/suppression-options", put_set_options),
)
