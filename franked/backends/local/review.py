"""Production access: what the account's owner tells AWS, and what AWS's people, whom somebody plays, answer.

https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
"""

from dataclasses import replace
from typing import Any

from aiohttp import web

from franked.backends.local.answers import AwsError, answer, refusal
from franked.backends.local.doors import Door
from franked.backends.local.estate import Review
from franked.backends.local.office import Office
from franked.backends.local.sends import checked

PENDING, GRANTED, DENIED, FAILED = "PENDING", "GRANTED", "DENIED", "FAILED"
_CLOSED = {PENDING, DENIED}  # after a denial AWS wants an answer to its case, and takes no second request
_CONFLICT = AwsError(409, "ConflictException", "There is already a review of the account details: {}.")


async def put_details(request: web.Request, office: Office) -> web.Response:
    wire = checked(await request.read(), "PutAccountDetails")
    if isinstance(wire, AwsError):
        return refusal(wire)
    book = office.estate.book
    if book.review and book.review.status in _CLOSED:
        return refusal(replace(_CONFLICT, message=_CONFLICT.message.format(book.review.status)))
    book.details = {name: value for name, value in wire.items() if name != "ProductionAccessEnabled"}
    if wire.get("ProductionAccessEnabled") and not office.account.limits.production:
        book.review = Review(PENDING, _case(office), office.now())
    office.estate.keep()
    return answer({})


def _case(office: Office) -> str:
    return f"{int(office.now().timestamp() * 1000)}00"


def details(office: Office) -> dict[str, Any] | None:
    """As GetAccount tells them: what its people wrote is not there."""
    book = office.estate.book
    if book.details is None:
        return None
    told = {"ContactLanguage": "EN"} | book.details
    return told | ({"ReviewDetails": {"Status": book.review.status, "CaseId": book.review.case}} if book.review else {})


def decide(office: Office, status: str, reason: str, rate: float, quota: float) -> str | None:
    """What is wrong with that; None: it is done. A grant is in force at once. PENDING: the case is open again."""
    found = office.estate.book.review
    if found is None:
        return "nobody has asked for production access yet"
    found.status, found.reason = status, reason
    office.estate.keep()
    if status == GRANTED:
        limits = office.account.limits
        office.account.set_limits(replace(limits, production=True, rate=rate, quota=quota))
    return None


DOORS: tuple[tuple[str, str, Door], ...] = (("POST", "/v2/email/account/details", put_details),)
