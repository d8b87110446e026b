"""What SES says of a mail, in its own JSON."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from franked.backends.local.events import aws_time
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG
from tests.recount.plan import BEGIN, Mail

Body = Mapping[str, Any]


def message_id(mail: Mail) -> str:
    return f"m_{mail.number:026d}"


def ses_id(mail: Mail) -> str:
    return f"{'ours' if mail.is_ours else 'else'}-{mail.number:012d}"


def notice(mail: Mail, word: str) -> str:
    """Event publishing, or, without tags, an identity's notification."""
    name, body = WORDS[word](mail, word)
    at = _at(mail)
    told: dict[str, Any] = {"messageId": ses_id(mail), "timestamp": aws_time(at), "destination": list(mail.to)}
    if mail.has_tags:
        told["tags"] = {MESSAGE_TAG: [message_id(mail)], ATTEMPT_TAG: [f"{message_id(mail)}-1"]}
    says = "eventType" if mail.has_tags else "notificationType"
    key = {"Rendering Failure": "failure"}.get(name, name[:1].lower() + name[1:])
    return json.dumps({says: name, key: body, "mail": told})


def _at(mail: Mail, minutes: float = 0) -> datetime:
    return BEGIN + timedelta(seconds=mail.number, minutes=minutes)


def _listed(mail: Mail) -> Sequence[Mapping[str, str]]:
    """Receiving servers spell addresses as they like."""
    return [{"emailAddress": to.upper(), "diagnosticCode": "smtp; 550 5.1.1"} for to in mail.to]


def _bounce(type_: str, subtype: str) -> Callable[[Mail, str], tuple[str, Body]]:
    def said(mail: Mail, word: str) -> tuple[str, Body]:
        feedback = {"feedbackId": f"{ses_id(mail)}-{word}", "timestamp": aws_time(_at(mail, 2))}
        return "Bounce", {
            "bounceType": type_,
            "bounceSubType": subtype,
            "bouncedRecipients": _listed(mail),
        } | feedback

    return said


def _complaint(feedback: str) -> Callable[[Mail, str], tuple[str, Body]]:
    def said(mail: Mail, word: str) -> tuple[str, Body]:
        of = {"feedbackId": f"{ses_id(mail)}-{word}", "timestamp": aws_time(_at(mail, 40))}
        return "Complaint", {"complainedRecipients": _listed(mail), "complaintFeedbackType": feedback} | of

    return said


def _plain(name: str, minutes: float = 1, **more: Any) -> Callable[[Mail, str], tuple[str, Body]]:
    return lambda mail, word: (name, {"timestamp": aws_time(_at(mail, minutes))} | more)


def _delivery(mail: Mail, word: str) -> tuple[str, Body]:
    return "Delivery", {"timestamp": aws_time(_at(mail, 1)), "recipients": list(mail.to)}


def _delay(mail: Mail, word: str) -> tuple[str, Body]:
    at = aws_time(_at(mail, 3 if word == "delay" else 7))
    return "DeliveryDelay", {"timestamp": at, "delayedRecipients": _listed(mail), "delayType": "General"}


WORDS: Mapping[str, Callable[[Mail, str], tuple[str, Body]]] = {
    "send": lambda mail, word: ("Send", {}),
    "delay": _delay,
    "delay again": _delay,
    "delivery": _delivery,
    "soft bounce": _bounce("Transient", "MailboxFull"),
    "soft bounce again": _bounce("Transient", "General"),
    "undetermined": _bounce("Undetermined", "Undetermined"),
    "bounce": _bounce("Permanent", "General"),
    "bounced after all": _bounce("Permanent", "NoEmail"),
    "echo": _bounce("Permanent", "OnAccountSuppressionList"),
    "left": _bounce("Permanent", "UnsubscribedRecipient"),
    "complaint": _complaint("abuse"),
    "complaint again": _complaint("fraud"),
    "praise": _complaint("not-spam"),
    "unsigned": _complaint("auth-failure"),
    "reject": lambda mail, word: ("Reject", {"reason": "Bad content"}),
    "rendering failure": lambda mail, word: ("Rendering Failure", {"errorMessage": "no such attribute"}),
    "open": _plain("Open", 50),
    "click": _plain("Click", 51, link="https://backup.example.com"),
    "something new": _plain("Received", 52),
}
