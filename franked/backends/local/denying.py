"""What the simulated credentials may not do: permissions by the names that IAM has for them."""

import re
from collections.abc import Mapping
from functools import cache

import botocore.session
from aiohttp import web

from franked.backends.local.answers import AwsError
from franked.backends.local.office import Office

_PARAMETER = re.compile(r"\{[^}]*\}")
_PREFIXES = {"service-quotas": "servicequotas"}  # botocore's name → IAM's, where they differ
_CODES = {"sns": "AuthorizationError", "sqs": "AccessDenied", "sts": "AccessDenied"}  # else AccessDeniedException


def denied(service: str, operation: str, office: Office) -> AwsError | None:
    """None: it is allowed. `service`: botocore's name."""
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    if action not in office.denied:
        return None
    who = f"arn:aws:iam::{office.account_id}:user/simulator"
    said = f"User: {who} is not authorized to perform: {action} because no identity-based policy allows it"
    return AwsError(403, _CODES.get(service, "AccessDeniedException"), said)


def denied_here(request: web.Request, office: Office) -> AwsError | None:
    """Of SES's own API, whose operations are told by method and path."""
    resource = request.match_info.route.resource
    if not office.denied or resource is None:
        return None
    operation = _operations().get((request.method, _PARAMETER.sub("{}", resource.canonical)))
    return denied("ses", operation, office) if operation else None


@cache
def _operations() -> Mapping[tuple[str, str], str]:
    model = botocore.session.get_session().get_service_model("sesv2")
    https = {name: model.operation_model(name).http for name in model.operation_names}
    return {(one["method"], _PARAMETER.sub("{}", one["requestUri"])): name for name, one in https.items()}
