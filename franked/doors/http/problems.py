"""Our errors as RFC 9457 problems: the one table of the HTTP door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from franked.ports import World
from franked.record import IdempotencyConflict
from franked.rules.verdict import TurnedAway
from franked.store import StoreUnavailable

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Meaning:
    status: int
    title: str
    way_out: str


MEANINGS: dict[str, Meaning] = {
    "invalid_request": Meaning(400, "This is not HTTP", "Speak HTTP/1.1, without TLS: that is the proxy's."),
    "invalid_json": Meaning(400, "The body is not JSON", "Send one JSON object with Content-Type: application/json."),
    "invalid_shape": Meaning(422, "A field has the wrong shape", "See `errors`: each names its field."),
    "invalid_text": Meaning(422, "A text holds U+0000", "Take the character out: no mail can carry it."),
    "invalid_address": Meaning(422, "`to` is no address", "Send one bare address, such as ana@example.com."),
    "invalid_sender": Meaning(422, "`from` is no sender", "Send `Name <address>` or leave the field out."),
    "invalid_variables": Meaning(422, "The template's variables don't fit", "Send what the front matter declares."),
    "invalid_idempotency_key": Meaning(422, "The Idempotency-Key can't be used", "Use 1 to 256 printable characters."),
    "invalid_until": Meaning(422, "`until` can't be used", "Give a time to come, or leave it out: for good."),
    "invalid_identity": Meaning(422, "`identity` can't be verified", "Send one address, or one domain."),
    "invalid_limit": Meaning(
        422, "`limit` is no limit", "Say how many in which span, such as 1000/hour: per second, minute, hour or day."
    ),
    "invalid_overlap": Meaning(
        422, "`overlap` can't be used", "Give a span such as 90s, 10m, 24h or 7d, at most 30d; 0s ends the old one."
    ),
    "invalid_since": Meaning(422, "`since` can't be used", "Give a time of the last 7 days."),
    "invalid_send_at": Meaning(422, "`send_at` can't be used", "Give a time to come, or leave it out: at once."),
    "invalid_content": Meaning(422, "The content is no mail", "Send a subject of one line, and html, text or both."),
    "missing_content": Meaning(422, "No content", 'On a stream with content = "inline" send `content`.'),
    "content_not_allowed": Meaning(
        422, "This stream's template writes its mail", 'Send `variables`, or declare content = "inline".'
    ),
    "invalid_attachment": Meaning(422, "An attachment can't go", "See `errors`: each names its attachment and field."),
    "missing_trigger": Meaning(422, "No trigger", "Say which act of a person asked for this mail: act, by, at."),
    "unknown_stream": Meaning(422, "No such stream", "Declare it in franked.toml, or use one that is there."),
    "unknown_template": Meaning(422, "No such template", "Add the folder mail/<template>/ with a file per locale."),
    "unknown_topic": Meaning(422, "No such topic", "Name it as a stream's `topic` in franked.toml."),
    "too_many_subscriptions": Meaning(
        429, "This key asked for too many subscriptions", "[subscriptions] per_key says how many it may ask for."
    ),
    "idempotency_conflict": Meaning(409, "This Idempotency-Key was used for another mail", "Use a new key per mail."),
    "newsletter_conflict": Meaning(409, "This id is another newsletter's", "Give each issue an id of its own."),
    "no_newsletter": Meaning(422, "This stream carries no newsletters", "Use a marketing stream in the bulk lane."),
    "request_not_ready": Meaning(409, "The request can't go now", "`detail` says each reason: mend it first."),
    "invalid_note": Meaning(422, "The note can't be kept", "See `detail`."),
    "aws_unreachable": Meaning(503, "AWS did not answer", "`detail` says which call; try again."),
    "unauthorized": Meaning(401, "No valid API key", "Send `Authorization: Bearer fk_…`; see `franked keys`."),
    "not_allowed": Meaning(403, "This key may not do that", "Use a key with that stream, sender or right."),
    "not_found": Meaning(404, "Nothing here", "See /openapi.json for what is there."),
    "method_not_allowed": Meaning(405, "Not with this method", "See /openapi.json for what is there."),
    "too_slow": Meaning(408, "The request did not come in time", "Send it again, over a line that is fast enough."),
    "too_large": Meaning(
        413, "The body is too large", "A message has at most 10 MB, a batch 20 MB, an SNS message 300 KB."
    ),
    "unsupported_media_type": Meaning(415, "Not this content type", "Send application/json."),
    "forged_event": Meaning(403, "Not a message of our SNS topic", "Name the topic in [feedback] topics."),
    "invalid_query": Meaning(422, "The query can't be answered", "`detail` says which parameter, and what it takes."),
    "invalid_event": Meaning(422, "The event can't be told to a calendar", "`detail` says why; mend the field."),
    "invalid_reply": Meaning(422, "Not the answer of a calendar", "Hand in the mail, or its .ics, as it came."),
    "invite_cancelled": Meaning(409, "The invite was called off", "Make another one."),
    "not_an_attendee": Meaning(409, "The answer is of nobody who was invited", "It may have been passed on."),
    "not_cancellable": Meaning(
        409, "The message can't be taken back", "Only what is queued or held can; see its story."
    ),
    "no_codes": Meaning(
        422, "This stream sends no codes", "Give it a section [streams.NAME.codes], or use one that has it."
    ),
    "totp_enrolled": Meaning(409, "This account has a second factor", "Remove it first: DELETE /v1/totp/{account}."),
    "invalid_ip": Meaning(422, "`ip` is no IP address", "Send the person's IPv4 or IPv6 address, or leave it out."),
    "too_many_codes": Meaning(
        429, "Too many codes were asked for", "No other is sent now: ask again when `Retry-After` has passed."
    ),
    "not_dead": Meaning(409, "The message is not dead", "Only what `GET /v1/dead` lists can be replayed."),
    "not_held_for_a_person": Meaning(
        409, "The message does not wait for a person", "Only mail held for `unknown_outcome` is released by a person."
    ),
    "no_tickets": Meaning(409, "There are no tickets here", "Name [tickets] mailbox, and declare both its streams."),
    "already_decided": Meaning(409, "The ticket was decided otherwise", "The first decision stands; see the ticket."),
    "already_there": Meaning(409, "This version stands there already", "Nothing is left to do; see its reviews."),
    "not_submitted": Meaning(
        409, "Nobody asks for this version's approval", "Submit it first: a changed file is another version."
    ),
    "same_person": Meaning(409, "The same person can't approve it", "Another person than who submitted it approves."),
    "not_at_ses": Meaning(409, "SES's list is left alone", "Say `at_ses = true` in [suppression] of franked.toml."),
    "no_inbox": Meaning(409, "There is no inbox", "Only the simulated account has one; leave `inbox` out."),
    "key_revoked": Meaning(409, "The key was revoked", "Make another one; a revoked key opens nothing ever again."),
    "headers_too_large": Meaning(431, "Too many or too long headers", "Send at most 100, of 32 KB together."),
    "not_braked": Meaning(409, "Nothing stands still", "A stop is released; the steps below it end with the figures."),
    "busy": Meaning(429, "Too much mail at once", "Nothing of it is stored: send it again in a second or two."),
    "unavailable": Meaning(503, "The record can't be written now", "Try again when `Retry-After` has passed."),
    "stopping": Meaning(503, "Franked is being stopped", "Try again when `Retry-After` has passed."),
    "cloudwatch_unreachable": Meaning(
        503, "CloudWatch can't be asked now", "`detail` says why; look at the credentials and their permissions."
    ),
    "ses_unreachable": Meaning(
        503, "SES can't be asked now", "`detail` says why; look at the credentials, then again."
    ),
    "sns_unreachable": Meaning(503, "SNS could not be asked", "SNS sends it again by itself."),
    "internal": Meaning(500, "Franked has a fault", "The log has the request's id; nothing was accepted."),
}

RETRY_AFTER = {429: "1", 503: "5"}  # seconds
_BY_STATUS = {
    400: "invalid_json",
    401: "unauthorized",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_PATH = re.compile(r" - at `\$?(?P<path>[^`]*)`")
_MISSING = re.compile(r"Missing required query parameter '(?P<name>\w+)'")
_UNKNOWN_FIELD = re.compile(r"unknown field `(?P<name>[^`]*)`")


class Problem(Exception):
    """Something a route says no to, by its code in MEANINGS. `also`: what else is wrong with the same request."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        pointer: str | None = None,
        also: Sequence["Problem"] = (),
        retry_after: int | None = None,
    ) -> None:
        """`retry_after`: seconds, where it is not as long as always."""
        super().__init__(detail)
        self.code, self.detail, self.pointer, self.also = code, detail, pointer, also
        self.retry_after = str(retry_after) if retry_after else None


def of_turned_away(answer: TurnedAway) -> Problem:
    return Problem(answer.code, answer.detail, f"/{answer.field}", [of_turned_away(one) for one in answer.also])


def no(parameter: str, why: str) -> Problem:
    """Of a query."""
    return Problem("invalid_query", f"`{parameter[:60]}`: {why}")


def of_busy() -> Problem:
    return Problem("busy", "more mail of this lane came in than could be stored at once")


def of_conflict(answer: IdempotencyConflict) -> Problem:
    return Problem("idempotency_conflict", f"it belongs to {answer.id}, whose content differs")


Answered = Response[dict[str, Any]]


def told(problem: Problem) -> dict[str, Any]:
    """Its body."""
    meaning = MEANINGS[problem.code]
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": meaning.title,
        "status": meaning.status,
        "detail": f"{problem.detail.rstrip('.')}. {meaning.way_out}" if problem.detail else meaning.way_out,
        "code": problem.code,
    }
    if problem.pointer is not None:
        found = [problem, *problem.also]
        body["errors"] = [{"code": one.code, "pointer": one.pointer, "detail": one.detail} for one in found]
    return body


def answer(problem: Problem) -> Answered:
    meaning = MEANINGS[problem.code]
    wait = problem.retry_after or RETRY_AFTER.get(meaning.status)
    headers = {"Retry-After": wait} if wait else {}
    if meaning.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(told(problem), status_code=meaning.status, media_type=PROBLEM_JSON, headers=headers)


def problem_of(error: Exception, path: str, world: World) -> Problem:
    """No traceback reaches a user; the log has it, without the body."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StoreUnavailable):
        return Problem("unavailable", str(error))
    world.log("fault", level="error", path=path, exc_info=error)
    return Problem("internal")


def on_error(request: Request[Any, Any, Any], error: Exception) -> Answered:
    return answer(problem_of(error, request.url.path, request.scope["state"]["door"].world))


def on_http_exception(_: Request[Any, Any, Any], error: HTTPException) -> Answered:
    code = _BY_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "invalid_shape")
    if problem := _in_query(error):
        return answer(problem)
    if isinstance(error, ValidationException) or error.status_code == 400:
        return answer(_of_shape(error))
    told = answer(Problem(code, ""))
    told.headers.update(_allowed(error))
    return told


def _allowed(error: HTTPException) -> dict[str, str]:
    """A 405 names the methods that there are (RFC 9110)."""
    return {"Allow": error.headers["allow"]} if error.status_code == 405 and error.headers else {}


def _in_query(error: HTTPException) -> Problem | None:
    """The first parameter that Litestar missed, or could not read."""
    if missing := _MISSING.search(error.detail):
        return no(missing["name"], "it is needed")
    found = error.extra if isinstance(error.extra, list) else []
    wrong = (one for one in found if isinstance(one, dict) and one.get("source") == "query")
    return next((no(one["key"], one["message"]) for one in wrong), None)


def _of_shape(error: HTTPException) -> Problem:
    cause = error.__cause__
    while cause is not None and not isinstance(cause, msgspec.DecodeError):
        cause = cause.__cause__
    said = str(cause) if cause is not None else error.detail
    if cause is not None and not isinstance(cause, msgspec.ValidationError):
        return Problem("invalid_json", said)
    return of_validation(said)


def of_validation(said: str) -> Problem:
    """msgspec names the first wrong field: ``Expected `str`, got `int` - at `$.to` ``."""
    path = _PATH.search(said)
    pointer = path["path"].removeprefix(".data").replace(".", "/").replace("[", "/").replace("]", "") if path else ""
    unknown = _UNKNOWN_FIELD.search(said)
    if unknown:
        pointer = f"{pointer}/{unknown['name']}"
    return Problem("invalid_shape", _PATH.sub("", said), pointer)
