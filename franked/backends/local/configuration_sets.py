"""Configuration sets of the simulated account, and where their events go, over the SES API."""

from typing import Any

from aiohttp import web

from franked.backends.local.answers import AwsError, already_exists, answer, bad_request, not_found, refusal
from franked.backends.local.doors import Door
from franked.backends.local.estate import OwnSet
from franked.backends.local.office import EVENT_TYPES, Office
from franked.backends.local.sends import checked


async def create(request: web.Request, office: Office) -> web.Response:
    """It publishes nothing until it gets an event destination."""
    wire = checked(await request.read(), "CreateConfigurationSet")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = wire["ConfigurationSetName"]
    if not office.account.add_configuration_set(name):
        return refusal(already_exists(f"Configuration set <{name}> already exists."))
    counts = (wire.get("ReputationOptions") or {}).get("ReputationMetricsEnabled", False)
    office.estate.book.sets[name] = OwnSet(counts)
    office.estate.keep()
    if "SuppressionOptions" in wire:
        office.suppressed.honour(wire["SuppressionOptions"].get("SuppressedReasons") or [], name)
    return answer({})


async def get(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return refusal(_no(name))
    enabled, own = name not in office.account.standing.paused_sets, office.suppressed.by_set.get(name)
    said = {
        "ConfigurationSetName": name,
        "SendingOptions": {"SendingEnabled": enabled},
        "ReputationOptions": {"ReputationMetricsEnabled": _own(name, office).counts_reputation},
    }
    return answer(said | ({} if own is None else {"SuppressionOptions": {"SuppressedReasons": list(own)}}))


async def put_sending_options(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutConfigurationSetSendingOptions")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = request.match_info["name"]
    known = office.account.set_sending(name, enabled=wire.get("SendingEnabled", False))
    return answer({}) if known else refusal(_no(name))


async def put_reputation_options(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "PutConfigurationSetReputationOptions")
    if isinstance(wire, AwsError):
        return refusal(wire)
    _changing(name, office).counts_reputation = wire.get("ReputationMetricsEnabled", False)
    office.estate.keep()
    return answer({})


async def list_all(request: web.Request, office: Office) -> web.Response:
    return answer({"ConfigurationSets": sorted(office.account.standing.configuration_sets)})


# --- event destinations -----------------------------------------------------------------------------------------------


async def get_destinations(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return refusal(_no(name))
    return answer({"EventDestinations": [{"Name": one} | led for one, led in _led(name, office).items()]})


async def create_destination(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "CreateConfigurationSetEventDestination")
    if isinstance(wire, AwsError):
        return refusal(wire)
    called = wire["EventDestinationName"]
    if called in _led(name, office):
        return refusal(already_exists(f"Event destination <{called}> already exists."))
    return _put(name, called, wire["EventDestination"], office)


async def update_destination(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "UpdateConfigurationSetEventDestination")
    if isinstance(wire, AwsError):
        return refusal(wire)
    called = request.match_info["destination"]
    if called not in _led(name, office):
        return refusal(not_found(f"Event destination <{called}> does not exist."))
    return _put(name, called, wire["EventDestination"], office)


def _put(name: str, called: str, led: dict[str, Any], office: Office) -> web.Response:
    """SES publishes a test message first."""
    topic = (led.get("SnsDestination") or {}).get("TopicArn")
    if topic and topic not in office.estate.book.topics:
        return refusal(bad_request(f"SNS topic <{topic}> not found."))
    if topic and not office.may_publish(topic):
        return refusal(bad_request(f"Amazon SES does not have permission to publish to the SNS topic <{topic}>."))
    office.account.unpublish(name)
    _changing(name, office).destinations[called] = led
    office.estate.keep()
    return answer({})


def _led(name: str, office: Office) -> dict[str, dict[str, Any]]:
    """What a person said over the control API wins; a set that was there from the start publishes all."""
    said = office.account.standing.published.get(name)
    if said is None:
        return _own(name, office).destinations
    return _to_topic(said, office) if said else {}


def _own(name: str, office: Office) -> OwnSet:
    return office.estate.book.sets.get(name) or OwnSet(
        counts_reputation=True, destinations=_to_topic(EVENT_TYPES, office)
    )


def _changing(name: str, office: Office) -> OwnSet:
    return office.estate.book.sets.setdefault(name, _own(name, office))


def _to_topic(kinds: tuple[str, ...], office: Office) -> dict[str, dict[str, Any]]:
    topic = {"TopicArn": office.topic.arn}
    return {"franked-events": {"Enabled": True, "MatchingEventTypes": list(kinds), "SnsDestination": topic}}


async def _asked(request: web.Request, office: Office, operation: str) -> tuple[str, dict[str, Any] | AwsError]:
    name = request.match_info["name"]
    if name not in office.account.standing.configuration_sets:
        return name, _no(name)
    return name, checked(await request.read(), operation)


def _no(name: str) -> AwsError:
    return not_found(f"Configuration set <{name}> does not exist.")


_SET = "/v2/email/configuration-sets/{name}"
DOORS: tuple[tuple[str, str, Door], ...] = (
    ("POST", "/v2/email/configuration-sets", create),
    ("GET", "/v2/email/configuration-sets", list_all),
    ("POST", "/v2/email/list-configuration-sets", list_all),
    ("GET", _SET, get),
    ("GET", f"{_SET}/event-destinations", get_destinations),
    ("POST", f"{_SET}/event-destinations", create_destination),
    ("PUT", f"{_SET}/event-destinations/{{destination}}", update_destination),
    ("PUT", f"{_SET}/sending", put_sending_options),
    ("PUT", f"{_SET}/reputation-options", put_reputation_options),
)
