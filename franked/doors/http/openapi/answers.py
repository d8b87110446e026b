"""What each route may answer with, for the OpenAPI document: a new route has its line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from franked.doors.http.code_shapes import EXAMPLE_CODE
from franked.doors.http.invite_shapes import EXAMPLE_INVITE
from franked.doors.http.shapes import EXAMPLE_ID
from franked.doors.http.template_shapes import EXAMPLE_VERSION
from franked.doors.http.ticket_shapes import EXAMPLE_TICKET
from franked.formats.sheet import row

# What a draft can be refused for; in a batch each message's answer has it.
_OF_A_DRAFT = (
    "content_not_allowed",
    "invalid_address",
    "invalid_attachment",
    "invalid_content",
    "invalid_idempotency_key",
    "invalid_send_at",
    "invalid_sender",
    "invalid_variables",
    "missing_content",
    "missing_trigger",
    "not_allowed",
    "unknown_stream",
    "unknown_template",
)

# The problems that are a route's own, by its function's name.
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "post_message": (*_OF_A_DRAFT, "busy", "idempotency_conflict"),
    "post_batch": (),
    "get_messages": (),
    "get_message": ("not_found",),
    "delete_message": ("not_found", "not_cancellable"),
    "get_dead": (),
    "post_replay": ("not_found", "not_dead"),
    "post_release": ("not_found", "not_held_for_a_person"),
    "get_streams": (),
    "get_access_checks": (),
    "get_access_letter": (),
    "get_access_defence": (),
    "get_access_request": ("aws_unreachable",),
    "post_access_request": ("aws_unreachable", "request_not_ready"),
    "post_access_note": ("invalid_note",),
    "post_access_quota": ("aws_unreachable", "request_not_ready"),
    "get_alarms": (),
    "post_alarm_test": (),
    "post_cloudwatch_alarms": ("cloudwatch_unreachable",),
    "get_report": ("invalid_query",),
    "get_reputation": (),
    "post_brake_release": ("not_braked",),
    "post_invite": (*_OF_A_DRAFT, "busy", "idempotency_conflict", "invalid_event"),
    "put_invite": (*_OF_A_DRAFT, "busy", "invalid_event", "invite_cancelled", "not_found"),
    "delete_invite": (*_OF_A_DRAFT, "busy", "not_found"),
    "get_invite": ("not_found",),
    "post_reply": ("busy", "invalid_reply", "not_an_attendee", "not_found", "too_large"),
    "post_subscription": ("busy", "invalid_address", "not_allowed", "too_many_subscriptions", "unknown_topic"),
    "post_newsletter": (
        "content_not_allowed",
        "invalid_content",
        "invalid_variables",
        "missing_content",
        "newsletter_conflict",
        "no_newsletter",
        "not_allowed",
        "unknown_stream",
        "unknown_template",
    ),
    "get_newsletter": ("not_found",),
    "post_code": (
        *("busy", "invalid_address", "invalid_ip", "invalid_variables", "no_codes", "not_allowed"),
        *("too_many_codes", "unknown_stream", "unknown_template"),
    ),
    "post_guess": ("not_allowed",),
    "post_claim": ("not_allowed",),
    "get_code": ("not_found",),
    "post_totp": ("not_allowed", "totp_enrolled"),
    "post_totp_confirmation": ("not_allowed",),
    "post_totp_guess": ("not_allowed",),
    "get_totp": ("not_allowed",),
    "delete_totp": ("not_allowed", "not_found"),
    "post_key": ("invalid_limit", "invalid_sender", "unknown_stream"),
    "get_keys": (),
    "post_rotation": ("invalid_overlap", "key_revoked", "not_found"),
    "delete_key": ("not_found",),
    "get_suppressions": (),
    "post_suppression": ("invalid_address", "invalid_until"),
    "delete_suppression": ("not_found",),
    "post_import": (),
    "get_export": (),
    "get_reconcile": (),
    "post_reconcile": ("not_at_ses",),
    "get_conflicts": (),
    "get_stale": (),
    "get_person": ("invalid_address", "not_found"),
    "get_why_not": ("invalid_address",),
    "post_people": (),
    "get_consents": (),
    "post_identity": ("invalid_identity", "ses_unreachable"),
    "get_templates": (),
    "get_template": ("not_found",),
    "post_submission": ("already_there", "not_found"),
    "post_approval": ("already_there", "not_found", "not_submitted", "same_person"),
    "post_rejection": ("already_there", "not_found", "not_submitted"),
    "get_difference": ("not_found",),
    "get_canary": (),
    "post_run": (),
    "get_everything": ("invalid_address",),
    "delete_person": ("invalid_address",),
    "delete_account": (
        "not_allowed",
        "unknown_stream",
    ),
    "post_reopening": ("not_found",),
    "get_webhooks": (),
    "post_webhook_test": ("not_found",),
    "post_webhook_replay": ("invalid_since", "not_found"),
    "post_webhook_enabling": ("not_found",),
    "post_ticket": (
        "busy",
        "idempotency_conflict",
        "invalid_address",
        "invalid_idempotency_key",
        "invalid_variables",
        "no_tickets",
        "not_allowed",
        "unknown_template",
    ),
    "get_ticket": ("no_tickets", "not_allowed", "not_found"),
    "post_ticket_decision": (
        "already_decided",
        "busy",
        "invalid_address",
        "invalid_variables",
        "no_tickets",
        "not_allowed",
        "not_found",
        "unknown_template",
    ),
    "post_preview": ("invalid_variables", "no_inbox", "not_found"),
    "post_sns": ("forged_event", "sns_unreachable", "too_large", "unavailable"),
    "livez": (),
    "readyz": ("stopping", "unavailable"),
    "metrics": ("unavailable",),
    "problem": ("not_found",),
    "get_openapi": (),
}

# The problems that come with what a route takes.
OF_A_KEY = ("stopping", "unauthorized", "unavailable")
OF_THE_ADMINISTRATOR = ("not_allowed",)
OF_A_BODY = ("invalid_json", "invalid_shape", "invalid_text", "too_large")
OF_A_QUERY = ("invalid_query",)
OF_ALL = ("internal",)


@dataclass(frozen=True, slots=True)
class Text:
    """An answer or a body that is not JSON of one of our shapes."""

    media_type: str
    means: str
    example: str | dict[str, object]

    @property
    def schema(self) -> dict[str, str]:
        return {"type": "string" if isinstance(self.example, str) else "object"}


_EXPORTED = row(("address", "type", "scope", "since", "until", "source")) + row(
    ("ana@example.com", "manual", "*", "2026-03-04T10:15:07Z", "", "shop: asked us by phone")
)
TEXTS: Mapping[str, Text] = {
    "get_export": Text("text/csv", "A sheet with a line of headings", _EXPORTED),
    "post_sns": Text("text/plain", "`settled` and how many events were new, `confirmed`, or `ignored`", "settled 1"),
    "get_consents": Text(
        "application/jsonl",
        "A line of JSON for each step",
        '{"at":"2026-03-04T10:15:07Z","what":"confirmed","address":"ana@example.com","topic":"news"}\n',
    ),
    "get_openapi": Text("application/vnd.oai.openapi+json", "The document", {"openapi": "3.1.0"}),
    "livez": Text("text/plain", "It answers", "alive"),
    "metrics": Text(
        CONTENT_TYPE_LATEST.partition(";")[0], "Prometheus's text format", 'franked_messages{state="queued"} 0.0\n'
    ),
    "problem": Text("text/plain", "A sentence or two", "busy (429): Too much mail at once.\n"),
}
TAKEN_AS_TEXT: Mapping[str, Text] = {
    "post_sns": Text(
        "text/plain", "An SNS message in JSON, as SNS posts it", '{"Type": "Notification", "MessageId": "…"}'
    ),
    "post_reply": Text("text/plain", "The mail that came to the organizer, or its .ics", "BEGIN:VCALENDAR…"),
}


@dataclass(frozen=True, slots=True)
class Also:
    """Another status than the route's own, with the same shape. `example`: what is otherwise in it."""

    means: str
    example: Mapping[str, object]


ANOTHER_STATUS: Mapping[str, Mapping[str, Also]] = {
    "post_suppression": {
        "200": Also("The address was on the list already, for a reason as strong and as long", {"result": "already"})
    },
}


@dataclass(frozen=True, slots=True)
class Word:
    means: str
    example: object


# Parameters, by their names: an example for each, and a meaning where the route gives none.
PARAMETERS: Mapping[str, Word] = {
    "message_id": Word("the message's id", EXAMPLE_ID),
    "invite_id": Word("the invite's id", EXAMPLE_INVITE),
    "newsletter_id": Word("the newsletter's id, as you gave it", "2026-03-news"),
    "code_id": Word("the code's id", EXAMPLE_CODE),
    "key_id": Word("the key's id: the middle of it, between the underscores", "4k2m8x1p"),
    "address": Word("one address, whatever its case", "ana@example.com"),
    "account": Word("the account, in your own terms", "account-1042"),
    "code": Word("the problem's code", "busy"),
    "after": Word("`next` of the page before", ""),
    "limit": Word("at most so many on a page", 50),
    "stream": Word("a stream's name", "receipt"),
    "state": Word("a message's state", "dropped"),
    "language": Word("en, or de for reading", "en"),
    "reason": Word("the reason's word", "suppressed"),
    "to": Word("one address, whatever its case", "ana@example.com"),
    "since": Word("then or later", "2026-03-04T10:15:00Z"),
    "until": Word("before", "2026-03-05T10:15:00Z"),
    "stop": Word("what stopped it", "dead"),
    "why": Word("a person's reason, which the record keeps", "asked us by phone"),
    "of": Word("which sheet", "standing"),
    "days": Word("so many days of UTC, today the last of them", 14),
    "day": Word("a day of UTC, one of the last 39; else yesterday", "2026-03-04"),
    "months": Word("not mailed for so many months, of 30 days", 12),
    "keep": Word("a stream whose mail it gets all the same", ["account-deleted"]),
    "ticket_id": Word("the ticket's id", EXAMPLE_TICKET),
    "webhook": Word("its name in franked.toml", "shop"),
    "name": Word("the template's name", "receipt"),
    "version": Word("the hash of its files; else the one in the folder now", EXAMPLE_VERSION),
    "old": Word("a version; else the one that was approved last", EXAMPLE_VERSION),
    "new": Word("a version; else the one in the folder now", EXAMPLE_VERSION),
    "Idempotency-Key": Word("the same key and the same mail: one message", "order-1042-receipt"),
}
PARTICULAR: Mapping[tuple[str, str], object] = {  # examples of one route's parameter
    ("get_suppressions", "why"): "hard_bounce",
    ("get_stale", "reason"): "not_mailed",
}
