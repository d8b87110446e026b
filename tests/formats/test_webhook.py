"""A webhook's signature is the standard's, and its body holds nothing that a mail says."""

import json
from datetime import UTC, datetime, timedelta

from franked.formats.webhook import body, headers, signature
from franked.rules.webhook import Notice, OfMail, parse_secret

AT = datetime(2026, 3, 4, 10, 15, 7, 120_000, tzinfo=UTC)
MAIL = OfMail("receipt", "ana@example.net", AT - timedelta(seconds=2), "account-1042", "order-7")
SECRET = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") or b""


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks: the vector that its libraries are tested with."""
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', SECRET)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_secrets_change_there_are_two_signatures() -> None:
    given = headers("w_1", AT, b"{}", (b"n" * 32, SECRET))
    assert given["webhook-timestamp"] == "1772619307"
    seconds = given["webhook-timestamp"]
    assert given["webhook-signature"].split() == [
        signature("w_1", seconds, b"{}", b"n" * 32),
        signature("w_1", seconds, b"{}", SECRET),
    ]


def test_a_message() -> None:
    told = Notice("w_1", "shop", "message.bounced", "m_1", AT, 3, "Permanent/NoEmail", None, MAIL)
    assert json.loads(body(told)) == {
        "type": "message.bounced",
        "timestamp": "2026-03-04T10:15:07.120Z",
        "data": {
            "id": "m_1",
            "state": "bounced",
            "reason": "Permanent/NoEmail",
            "at": "2026-03-04T10:15:07.120Z",
            "stream": "receipt",
            "to": "ana@example.net",
            "accepted_at": "2026-03-04T10:15:05.120Z",
            "trigger": {"by": "account-1042", "ref": "order-7"},
        },
    }


def test_a_suppression_and_a_consent() -> None:
    until = AT + timedelta(days=30)
    soft = Notice("w_2", "shop", "suppression.added", "ana@example.net", AT, 0, "soft_bounces", until)
    assert json.loads(body(soft))["data"] == {
        "address": "ana@example.net",
        "why": "soft_bounces",
        "at": "2026-03-04T10:15:07.120Z",
        "until": "2026-04-03T10:15:07.120Z",
    }
    left = Notice("w_3", "shop", "consent.left", "ana@example.net", AT, 0, "*")
    assert json.loads(body(left))["data"] == {
        "address": "ana@example.net",
        "topic": "*",
        "at": "2026-03-04T10:15:07.120Z",
    }
