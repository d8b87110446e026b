"""The root, which several of AWS's services have to themselves: which it is stands in a header, or in the form."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from franked.backends.local import amazon_figures, amazon_queues, amazon_quotas, amazon_topics
from franked.backends.local.answers import NOT_SIGNED, UNKNOWN_OPERATION, AwsError, answer, refusal
from franked.backends.local.denying import denied
from franked.backends.local.office import OFFICE, Office
from franked.backends.local.sends import checked
from franked.backends.local.xml import refused

Wire = Mapping[str, Any]
Operations = Mapping[str, Callable[[Wire, Office], Wire | AwsError]]
Action = Callable[[Mapping[str, str], Office], str | AwsError]

_BY_TARGET: Mapping[str, tuple[str, Operations]] = {  # → botocore's name of the service
    "GraniteServiceVersion20100801": ("cloudwatch", amazon_figures.OPERATIONS),
    "AmazonSQS": ("sqs", amazon_queues.OPERATIONS),
    "ServiceQuotasV20190624": ("service-quotas", amazon_quotas.OPERATIONS),
}
_BY_ACTION: Mapping[str, Action] = {
    **amazon_figures.ACTIONS,
    **amazon_topics.ACTIONS,
}


def add_routes(app: web.Application) -> None:
    app.router.add_post("/", asked)


async def asked(request: web.Request) -> web.Response:
    office, body = request.app[OFFICE], await request.read()
    if "Authorization" not in request.headers:
        return refusal(NOT_SIGNED)
    service, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
    if service in _BY_TARGET:
        return _answered(_of_json(body, operation, *_BY_TARGET[service], office))
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    action = form.get("Action", "")
    door = _BY_ACTION.get(action)
    told = _of_form(form, action, door, office) if door else _unknown(action)
    if isinstance(told, AwsError):
        return web.Response(status=told.status, text=refused(told), content_type="text/xml")
    return web.Response(text=told, content_type="text/xml")


def _unknown(action: str) -> AwsError:
    return AwsError(400, "InvalidAction", f"Could not find operation {action}")


def _of_form(form: Mapping[str, str], action: str, door: Action, office: Office) -> str | AwsError:
    service = "ses" if action in amazon_figures.ACTIONS else "sts" if action == "GetCallerIdentity" else "sns"
    return denied(service, action, office) or door(form, office)


def _of_json(body: bytes, operation: str, service: str, operations: Operations, office: Office) -> Wire | AwsError:
    door = operations.get(operation)
    if door is None:
        return UNKNOWN_OPERATION
    if error := denied(service, operation, office):
        return error
    wire = checked(body, operation, service)
    return wire if isinstance(wire, AwsError) else door(wire, office)


def _answered(told: Wire | AwsError) -> web.Response:
    """This protocol has the error's code in the body."""
    if isinstance(told, AwsError):
        return answer({"__type": told.code, "message": told.message}, told.status)
    return answer(told)
