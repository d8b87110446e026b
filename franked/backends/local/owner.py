"""What the account's owner does over the SES API: look at the account, and ask for production access."""

from typing import Any

from aiohttp import web

from franked.backends.local import configuration_sets, identities, review
from franked.backends.local.answers import UNKNOWN_OPERATION, answer, refusal
from franked.backends.local.doors import Door, add_doors
from franked.backends.local.office import Office


def add_routes(app: web.Application) -> None:
    for doors in (_DOORS, identities.DOORS, configuration_sets.DOORS, review.DOORS, _LAST):
        add_doors(app, doors)


async def get_account(request: web.Request, office: Office) -> web.Response:
    limits, details = office.account.limits, review.details(office)
    said: dict[str, Any] = {
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
    return answer(said | ({"Details": details} if details else {}))


async def no_such_operation(request: web.Request, office: Office) -> web.Response:
    return refusal(UNKNOWN_OPERATION)


_DOORS: tuple[tuple[str, str, Door], ...] = (("GET", "/v2/email/account", get_account),)
_LAST: tuple[tuple[str, str, Door], ...] = (("*", "/v2/{rest:.*}", no_such_operation),)
