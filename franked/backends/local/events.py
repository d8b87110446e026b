"""The events SES publishes about one mail, in SES's own shape.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from franked.backends.local.fates import ALL_GET_IT, Fate, FateOf, of_fate
from franked.backends.local.letter import Letter, header_lines

ACCOUNT_ID = "111122223333"
SUBJECT = "Amazon SES Email Event Notification"

_UNKNOWN_USER = "smtp; 550 5.1.1 user unknown"
_ON_SES_LIST = "Amazon SES did not send to this address, because it bounced for others not long ago"
_ON_ACCOUNT_LIST = (
    "Amazon SES did not send the message to this address because it is on the suppression list of your account"
)
ON_LIST = "OnAccountSuppressionList"
_OF_A_REPORT = {"userAgent", "complaintFeedbackType", "arrivalDate"}
_FULL = "smtp; 452 4.2.2 mailbox full"
_AWAY = "smtp; 250 2.0.0 out of the office"


def events_of(
    letter: Letter, region: str, fate_of: FateOf = ALL_GET_IT, stopped: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """In the order in which they come to pass. Simulated bounces of one mail are one event, as at SES.

    `stopped`: who is on the account's list, and for which reason: it is not even tried."""
    stopped = stopped or {}
    who, mail = [one for one in letter.recipients if one not in stopped], _mail(letter, region)
    yield {"eventType": "Send", "mail": mail, "send": {}}
    yield from _echoes(letter, mail, stopped)
    delivered = of_fate(who, fate_of, Fate.DELIVERED, Fate.OUT_OF_OFFICE, Fate.COMPLAINED)
    if delivered:
        yield {"eventType": "Delivery", "mail": _from_outside(mail), "delivery": _delivery(letter, delivered, region)}
    for fate, kind, subtype, status, why in _BOUNCES:
        bounced = of_fate(who, fate_of, fate)
        if bounced:
            bounce = {"bounceType": kind, "bounceSubType": subtype} | _bounce(letter, bounced, status, why)
            yield {"eventType": "Bounce", "bounce": bounce, "mail": mail}
    complained = of_fate(who, fate_of, Fate.COMPLAINED)
    if complained:
        yield _complained(mail, complained, aws_time(letter.at))


def _echoes(letter: Letter, mail: dict[str, Any], stopped: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for address, reason in stopped.items():
        if reason == "COMPLAINT":
            complaint = _complained(mail, [address], aws_time(letter.at))
            yield complaint | {"complaint": _unreported(complaint["complaint"]) | {"complaintSubType": ON_LIST}}
        else:
            why = _bounce(letter, [address], "5.1.1", _ON_ACCOUNT_LIST)
            yield {
                "eventType": "Bounce",
                "bounce": {"bounceType": "Permanent", "bounceSubType": ON_LIST} | why,
                "mail": mail,
            }


def _unreported(complaint: dict[str, Any]) -> dict[str, Any]:
    """Nobody sent a report: SES itself says no."""
    return {name: value for name, value in complaint.items() if name not in _OF_A_REPORT}


_BOUNCES = (
    (Fate.BOUNCED, "Permanent", "General", "5.1.1", _UNKNOWN_USER),
    (Fate.SUPPRESSED, "Permanent", "Suppressed", "5.1.1", _ON_SES_LIST),
    (Fate.FULL, "Transient", "MailboxFull", "4.2.2", _FULL),
    (Fate.OUT_OF_OFFICE, "Transient", "General", "2.0.0", _AWAY),
)


def forged(event: dict[str, Any]) -> dict[str, Any]:
    """What somebody would post who wants this mail's recipients off the list."""
    mail = event["mail"]
    return _complained(mail, mail["destination"], mail["timestamp"])


def elsewhere(event: dict[str, Any]) -> dict[str, Any]:
    """The same, about an address that is spelled otherwise than the mail's: a receiving server may do so."""
    kind = event["eventType"].lower()
    listed = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients"}.get(kind)
    if listed is None:
        return event
    named = [one | {"emailAddress": _unlabelled(one["emailAddress"])} for one in event[kind][listed]]
    return event | {kind: event[kind] | {listed: named}}


def _unlabelled(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _complained(mail: dict[str, Any], recipients: Sequence[str], at: str) -> dict[str, Any]:
    complaint = {
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": at,
        "feedbackId": _feedback_id(),
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": at,
    }
    return {"eventType": "Complaint", "complaint": complaint, "mail": mail}


def _delivery(letter: Letter, recipients: Sequence[str], region: str) -> dict[str, Any]:
    return {
        "timestamp": aws_time(letter.at),
        "processingTimeMillis": 412,
        "recipients": list(recipients),
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "127.0.0.1",
        "reportingMTA": f"a1-1.smtp-out.{region}.amazonses.com",
    }


def _bounce(letter: Letter, recipients: Sequence[str], status: str, why: str) -> dict[str, Any]:
    return {
        "bouncedRecipients": [
            {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": why}
            for address in recipients
        ],
        "timestamp": aws_time(letter.at),
        "feedbackId": _feedback_id(),
        "reportingMTA": "dns; mx.example.com",
    }


def _feedback_id() -> str:
    return f"0107-{uuid4()}-000000"


# --- the mail object --------------------------------------------------------------------------------------------------


def _mail(letter: Letter, region: str) -> dict[str, Any]:
    domain = letter.senders[0].rpartition("@")[2]
    return {
        "timestamp": aws_time(letter.at),
        "source": letter.source,
        "sourceArn": f"arn:aws:ses:{region}:{ACCOUNT_ID}:identity/{domain}",
        "sendingAccountId": ACCOUNT_ID,
        "messageId": letter.ses_id,
        "destination": list(letter.recipients),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in header_lines(letter)],
        "commonHeaders": _common_headers(letter),
        "tags": _tags(letter, domain),
    }


def _common_headers(letter: Letter) -> dict[str, Any]:
    common = {"from": [letter.source], "to": list(letter.to), "messageId": letter.ses_id, "subject": letter.subject}
    return common | ({"replyTo": list(letter.reply_to)} if letter.reply_to else {})


def _tags(letter: Letter, domain: str) -> dict[str, list[str]]:
    tags = {
        "ses:operation": ["SendEmail"],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [domain],
        "ses:caller-identity": ["simulator"],
    }
    if letter.configuration_set:
        tags["ses:configuration-set"] = [letter.configuration_set]
    for name, value in letter.tags:
        tags.setdefault(name, []).append(value)
    return tags


def _from_outside(mail: dict[str, Any]) -> dict[str, Any]:
    return mail | {"tags": mail["tags"] | {"ses:outgoing-ip": ["127.0.0.1"]}}


def aws_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
