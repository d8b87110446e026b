"""What is asked of `servicequotas.REGION.amazonaws.com`: how much, and how much more."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from franked.backends.local.answers import AwsError
from franked.backends.local.estate import QUOTA_NAMES, Increase
from franked.backends.local.office import Office

Wire = Mapping[str, Any]

QUOTA, RATE = QUOTA_NAMES
OPEN = {"PENDING", "CASE_OPENED"}
_NO_SERVICE = AwsError(400, "NoSuchResourceException", "The specified service does not exist.")
_NO_QUOTA = AwsError(400, "NoSuchResourceException", "The specified quota does not exist.")
_OPEN = AwsError(400, "ResourceAlreadyExistsException", "Only one open increase is allowed per quota.")
_TOO_LITTLE = AwsError(400, "IllegalArgumentException", "The value must be greater than the current quota.")


def list_all(wire: Wire, office: Office) -> Wire | AwsError:
    if wire["ServiceCode"] != "ses":
        return _NO_SERVICE
    return {"Quotas": [_quota(code, office) for code in QUOTA_NAMES]}


def ask(wire: Wire, office: Office) -> Wire | AwsError:
    code, desired = wire["QuotaCode"], float(wire["DesiredValue"])
    if wire["ServiceCode"] != "ses" or code not in QUOTA_NAMES:
        return _NO_QUOTA
    if any(one.code == code and one.status in OPEN for one in office.estate.book.increases):
        return _OPEN
    if desired <= _value(code, office):
        return _TOO_LITTLE
    asked = Increase(uuid4().hex, code, desired, office.now())
    office.estate.book.increases.append(asked)
    office.estate.keep()
    return {"RequestedQuota": _increase(asked, office)}


def history(wire: Wire, office: Office) -> Wire | AwsError:
    """Oldest first: AWS promises no order."""
    status = wire.get("Status")
    found = [one for one in office.estate.book.increases if status in {None, one.status}]
    return {"RequestedQuotas": [_increase(one, office) for one in found]}


def decide(office: Office, code: str, status: str) -> str | None:
    """What is wrong with that; None: it is done. What is approved is in force at once."""
    found = next((one for one in office.estate.book.increases if one.code == code and one.status in OPEN), None)
    if found is None:
        return f"no increase of {code} is open"
    found.status = status
    office.estate.keep()
    if status == "APPROVED":
        limits = office.account.limits
        of_quota, of_rate = replace(limits, quota=found.desired), replace(limits, rate=found.desired)
        office.account.set_limits(of_quota if code == QUOTA else of_rate)
    return None


def _value(code: str, office: Office) -> float:
    limits = office.account.limits
    return float(limits.quota if code == QUOTA else limits.rate)


def _named(code: str) -> Wire:
    service = {"ServiceCode": "ses", "ServiceName": "Amazon Simple Email Service (Amazon SES)"}
    return service | {"QuotaCode": code, "QuotaName": QUOTA_NAMES[code]}


def _quota(code: str, office: Office) -> Wire:
    arn = f"arn:aws:servicequotas:{office.account.region}:{office.account_id}:ses/{code}"
    about = {"QuotaArn": arn, "Value": _value(code, office), "Unit": "None", "Adjustable": True, "GlobalQuota": False}
    return {**_named(code), **about}


def _increase(one: Increase, office: Office) -> Wire:
    at = one.at.timestamp()
    about = {"Id": one.id, "DesiredValue": one.desired, "Status": one.status, "Created": at, "LastUpdated": at}
    return {**_named(one.code), **about, "CaseId": f"{int(at)}00"}


OPERATIONS: Mapping[str, Callable[[Wire, Office], Wire | AwsError]] = {
    "ListServiceQuotas": list_all,
    "RequestServiceQuotaIncrease": ask,
    "ListRequestedServiceQuotaChangeHistory": history,
}
