"""The simulator's own API under `/_simulator/`: what a test in another process, or a demo, does to the account.

A POST must be `application/json`, so that no page a browser happens to show can send one without being asked.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from franked.backends.local import amazon_quotas, review
from franked.backends.local.answers import answer
from franked.backends.local.fates import EVERY, Share
from franked.backends.local.faults import EventFault, Fault, SendFault, When
from franked.backends.local.gate import GATE
from franked.backends.local.office import OFFICE, Office

Positive = Annotated[float, Meta(gt=0, le=1e9)]
Quota = Annotated[float, Meta(ge=-1, le=1e9)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Chance = Annotated[float, Meta(gt=0, le=1)]


class Production(Struct, forbid_unknown_fields=True):
    rate: Positive = 14.0
    quota: Quota = 50_000.0


class NewLimits(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays as it is."""

    production: bool | None = None
    rate: Positive | None = None
    quota: Quota | None = None
    sending_enabled: bool | None = None


class Verify(Struct, forbid_unknown_fields=True):
    identity: Annotated[str, Meta(min_length=1, max_length=320)]


class Published(Struct, forbid_unknown_fields=True):
    kinds: list[Literal["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"]]
    configuration_set: Annotated[str, Meta(max_length=64)] = ""


class Subscribe(Struct, forbid_unknown_fields=True):
    endpoint: Annotated[str, Meta(pattern=r"^https?://[!-~]+$")]


class Vanish(Struct, forbid_unknown_fields=True):
    seconds: Annotated[float, Meta(gt=0, le=3600)]


class ControlRate(Struct, forbid_unknown_fields=True):
    """How many control calls a second; null: as many as come."""

    rate: Positive | None = 1.0


class NewFault(Struct, forbid_unknown_fields=True):
    what: str
    times: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    when: When = When.BEFORE
    seconds: Seconds = 0.0
    chance: Chance = 1.0
    seed: int = 0


class NewPeople(Struct, forbid_unknown_fields=True):
    """Shares of the people at a domain; `*`: at every other."""

    domain: Annotated[str, Meta(min_length=1, max_length=255)] = EVERY
    bounce: Annotated[float, Meta(ge=0, le=1)] = 0.0
    full: Annotated[float, Meta(ge=0, le=1)] = 0.0
    complaint: Annotated[float, Meta(ge=0, le=1)] = 0.0


class Reviewed(Struct, forbid_unknown_fields=True):
    """What AWS's people answer; a grant comes with a rate and a quota."""

    status: Literal["PENDING", "GRANTED", "DENIED", "FAILED"]
    reason: Annotated[str, Meta(max_length=5000)] = ""
    rate: Positive = 14.0
    quota: Quota = 50_000.0


class Denied(Struct, forbid_unknown_fields=True):
    permissions: list[Annotated[str, Meta(max_length=100, pattern=r"^[a-z]+:[A-Za-z]+$")]]


class Decided(Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=20)]
    status: Literal["CASE_OPENED", "APPROVED", "DENIED", "CASE_CLOSED", "NOT_APPROVED"] = "APPROVED"


Asked = TypeVar("Asked")


def add_routes(app: web.Application) -> None:
    app.router.add_get("/_simulator/state", get_state)
    app.router.add_get("/_simulator/taken", get_taken)
    app.router.add_post("/_simulator/production", _post(Production, grant_production))
    app.router.add_post("/_simulator/review", _post(Reviewed, answer_request))
    app.router.add_post("/_simulator/increase", _post(Decided, answer_increase))
    app.router.add_post("/_simulator/deny", _post(Denied, deny))
    app.router.add_post("/_simulator/limits", _post(NewLimits, set_limits))
    app.router.add_post("/_simulator/verify", _post(Verify, verify))
    app.router.add_post("/_simulator/subscribe", _post(Subscribe, subscribe))
    app.router.add_post("/_simulator/publishing", _post(Published, publish))
    app.router.add_post("/_simulator/faults", _post(NewFault, plan_fault))
    app.router.add_delete("/_simulator/faults", clear_faults)
    app.router.add_post("/_simulator/people", _post(NewPeople, set_people))
    app.router.add_post("/_simulator/vanish", vanish)
    app.router.add_post("/_simulator/control-rate", _post(ControlRate, limit_control_calls))


def _post(shape: type[Asked], verb: Callable[[Asked, Office], str | None]) -> Any:
    """`verb` answers with what is wrong, or with nothing; then the new state is shown."""

    async def opened(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return answer({"message": "Content-Type must be application/json"}, 415)
        try:
            asked = msgspec.json.decode(await request.read() or b"{}", type=shape)
        except (ValueError, RecursionError) as error:
            return answer({"message": str(error)}, 400)
        wrong = verb(asked, request.app[OFFICE])
        return answer({"message": wrong}, 400) if wrong else answer(state(request.app[OFFICE]))

    return opened


def grant_production(asked: Production, office: Office) -> None:
    limits = office.account.limits
    office.account.set_limits(replace(limits, production=True, rate=asked.rate, quota=asked.quota))


def answer_request(asked: Reviewed, office: Office) -> str | None:
    return review.decide(office, asked.status, asked.reason, asked.rate, asked.quota)


def answer_increase(asked: Decided, office: Office) -> str | None:
    return amazon_quotas.decide(office, asked.code, asked.status)


def deny(asked: Denied, office: Office) -> None:
    office.denied.clear()
    office.denied.update(asked.permissions)


def set_limits(asked: NewLimits, office: Office) -> None:
    office.account.set_limits(replace(office.account.limits, **msgspec.to_builtins(asked)))


def verify(asked: Verify, office: Office) -> None:
    office.account.verify(asked.identity)


def publish(asked: Published, office: Office) -> None:
    office.account.publish(asked.kinds, asked.configuration_set)


def subscribe(asked: Subscribe, office: Office) -> None:
    office.topic.subscribe(asked.endpoint)


def limit_control_calls(asked: ControlRate, office: Office) -> None:
    office.suppressed.limit(asked.rate)


def plan_fault(asked: NewFault, office: Office) -> str | None:
    what = fault_named(asked.what)
    if what is None:
        return f"what is one of: {', '.join([*SendFault, *EventFault])}"
    office.faults.plan(Fault(what, asked.times, asked.when, asked.seconds, asked.chance, asked.seed))
    return None


def set_people(asked: NewPeople, office: Office) -> None:
    office.people.shares[asked.domain.casefold()] = Share(asked.bounce, asked.full, asked.complaint)


def fault_named(name: str) -> SendFault | EventFault | None:
    return next((fault for fault in (*SendFault, *EventFault) if fault == name), None)


async def vanish(request: web.Request) -> web.StreamResponse:
    """Answered first, then gone."""

    def shut(asked: Vanish, _: Office) -> None:
        request.app[GATE].shut(asked.seconds)

    answered: web.StreamResponse = await _post(Vanish, shut)(request)
    return answered


async def clear_faults(request: web.Request) -> web.Response:
    request.app[OFFICE].faults.clear()
    return answer(state(request.app[OFFICE]))


async def get_state(request: web.Request) -> web.Response:
    return answer(state(request.app[OFFICE]))


async def get_taken(request: web.Request) -> web.Response:
    return answer(request.app[OFFICE].inbox.taken())


def state(office: Office) -> dict[str, Any]:
    return {
        "region": office.account.region,
        "topic_arn": office.topic.arn,
        "sent_24h": office.account.sent_24h,
        "taken": len(office.inbox.entries),
        "outstanding": office.topic.outstanding,
        "subscriptions": {one.endpoint: one.confirmed for one in office.topic.subscriptions.values()},
        "faults": office.faults.planned(),
        "people": office.people.shares,
        "suppressed": len(office.suppressed.entries),
        **msgspec.to_builtins(office.estate.shown()),
        **msgspec.to_builtins(office.account.standing),
    }
