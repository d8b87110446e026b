"""What the account's owner does over the SES API: look at the account, add identities and configuration sets."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from franked.backends.local.answers import (
    NOT_SIGNED,
    UNKNOWN_OPERATION,
    AwsError,
    already_exists,
    answer,
    not_found,
    refusal,
)
from franked.backends.local.office import OFFICE, Office
from franked.backends.local.sends import checked

Door = Callable[[web.Request, Office], Awaitable[web.Response]]


def add_routes(app: web.Application) -> None:
    for method, path, door in _DOORS:
        app.router.add_route(method, path, _signed(door))


def _signed(door: Door) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def opened(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return refusal(NOT_SIGNED)
        return await door(request, request.app[OFFICE])

    return opened


async def get_account(request: web.Request, office: Office) -> web.Response:
    limits = office.account.limits
    return answer(
        {
            "DedicatedIpAutoWarmupEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": limits.production,
            "SendQuota": {
                "Max24HourSend": float(limits.quota),
                "MaxSendRate": float(limits.rate),
                "SentLast24Hours": float(office.account.sent_24h),
            },
            "SendingEnabled": limits.sending_enabled,
            "SuppressionAttributes": {"SuppressedReasons": list(office.suppressed.reasons)},
            "VdmAttributes": {"VdmEnabled": "DISABLED"},
        }
    )


# --- identities -------------------------------------------------------------------------------------------------------


async def create_identity(request: web.Request, office: Office) -> web.Response:
    """A new one is pending: only `verify`, the simulator's own verb, plays the owner who clicks or sets DNS."""
    wire = checked(await request.read(), "CreateEmailIdentity")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = wire["EmailIdentity"]
    if not office.account.add_identity(name):
        return refusal(already_exists(f"Email identity {name} already exist."))
    shown = _identity(name.casefold(), office)
    return answer({key: shown[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")})


async def get_identity(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"].casefold()
    if name not in office.account.standing.identities:
        return refusal(not_found(f"Email identity {name} does not exist."))
    return answer(_identity(name, office))


async def delete_identity(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"]
    gone = office.account.remove_identity(name)
    return answer({}) if gone else refusal(not_found(f"Email identity {name} does not exist."))


async def list_identities(request: web.Request, office: Office) -> web.Response:
    listed = [
        {
            "IdentityName": name,
            "IdentityType": _kind(name),
            "SendingEnabled": verified,
            "VerificationStatus": _status(verified),
        }
        for name, verified in sorted(office.account.standing.identities.items())
    ]
    return answer({"EmailIdentities": listed})


def _identity(name: str, office: Office) -> dict[str, Any]:
    verified = office.account.standing.identities[name]
    return {
        "IdentityType": _kind(name),
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": _status(verified),
        "FeedbackForwardingStatus": True,
        "DkimAttributes": _dkim(name, verified),
        "Policies": {},
        "Tags": [],
    }


def _dkim(name: str, verified: bool) -> dict[str, Any]:
    if "@" in name:
        return {"SigningEnabled": False, "Status": "NOT_STARTED", "SigningAttributesOrigin": "AWS_SES"}
    return {
        "SigningEnabled": True,
        "Status": _status(verified),
        "Tokens": [hashlib.sha256(f"{number} {name}".encode()).hexdigest()[:32] for number in range(3)],
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    }


def _kind(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"


def _status(verified: bool) -> str:
    return "SUCCESS" if verified else "PENDING"


# --- configuration sets -----------------------------------------------------------------------------------------------


async def create_configuration_set(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "CreateConfigurationSet")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = wire["ConfigurationSetName"]
    new = office.account.add_configuration_set(name)
    if new and "SuppressionOptions" in wire:
        office.suppressed.honour(wire["SuppressionOptions"].get("SuppressedReasons") or [], name)
    return answer({}) if new else refusal(already_exists(f"Configuration set <{name}> already exists."))


async def get_configuration_set(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return refusal(not_found(f"Configuration set <{name}> does not exist."))
    enabled = name not in office.account.standing.paused_sets
    said = {"ConfigurationSetName": name, "SendingOptions": {"SendingEnabled": enabled}}
    own = office.suppressed.by_set.get(name)
    return answer(said | ({} if own is None else {"SuppressionOptions": {"SuppressedReasons": list(own)}}))


async def put_sending_options(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutConfigurationSetSendingOptions")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = request.match_info["name"]
    known = office.account.set_sending(name, enabled=wire.get("SendingEnabled", False))
    return answer({}) if known else refusal(not_found(f"Configuration set <{name}> does not exist."))


async def get_event_destinations(request: web.Request, office: Office) -> web.Response:
    """Where it publishes anything, to the one topic there is."""
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return refusal(not_found(f"Configuration set <{name}> does not exist."))
    kinds = office.account.published(name)
    topic = {"SnsDestination": {"TopicArn": office.topic.arn}}
    only = {"Name": "franked-events", "Enabled": True, "MatchingEventTypes": list(kinds)} | topic
    return answer({"EventDestinations": [only] if kinds else []})


async def list_configuration_sets(request: web.Request, office: Office) -> web.Response:
    return answer({"ConfigurationSets": sorted(office.account.standing.configuration_sets)})


async def no_such_operation(request: web.Request, office: Office) -> web.Response:
    return refusal(UNKNOWN_OPERATION)


_DOORS: tuple[tuple[str, str, Door], ...] = (
    ("GET", "/v2/email/account", get_account),
    ("POST", "/v2/email/identities", create_identity),
    ("GET", "/v2/email/identities", list_identities),
    ("POST", "/v2/email/list-identities", list_identities),  # newer SDKs
    ("GET", "/v2/email/identities/{name}", get_identity),
    ("DELETE", "/v2/email/identities/{name}", delete_identity),
    ("POST", "/v2/email/configuration-sets", create_configuration_set),
    ("GET", "/v2/email/configuration-sets", list_configuration_sets),
    ("POST", "/v2/email/list-configuration-sets", list_configuration_sets),
    ("GET", "/v2/email/configuration-sets/{name}", get_configuration_set),
    ("GET", "/v2/email/configuration-sets/{name}/event-destinations", get_event_destinations),
    ("PUT", "/v2/email/configuration-sets/{name}/sending", put_sending_options),
    ("*", "/v2/{rest:.*}", no_such_operation),
)
