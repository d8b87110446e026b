"""Each answer of SES, by code and by text, and what it means for the mail."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from franked.formats.ses_answer import outcome
from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater, Unknown

NOT_VERIFIED = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: %s"
A_SET = "Configuration set <franked-bulk> does not exist."


def envelope(text: str) -> bytes:
    return json.dumps({"message": text}).encode()


def short(said: Outcome) -> str:
    match said:
        case Sent():
            return "sent"
        case Refused(why, _):
            return why
        case TryLater(why, _):
            return why.value
        case Unknown():
            return "unknown"


ROWS = [
    # throttles: one code, two meanings; both APIs' spellings
    (429, "TooManyRequestsException", "Maximum sending rate exceeded.", Delay.RATE),
    (429, "TooManyRequestsException", "Daily message quota exceeded.", Delay.QUOTA),
    (429, "TooManyRequestsException", "Something else", Delay.RATE),
    (400, "Throttling", "Maximum sending rate exceeded.", Delay.RATE),
    (400, "Throttling", "Daily message quota exceeded", Delay.QUOTA),
    (400, "Throttling", "Daily sending quota exceeded", Delay.QUOTA),
    (400, "ThrottlingException", "DAILY MESSAGE QUOTA EXCEEDED", Delay.QUOTA),
    (400, "ThrottlingException", "Rate exceeded", Delay.RATE),
    (400, "LimitExceededException", "", Delay.RATE),
    (429, "NewThrottle", "Daily message quota exceeded", Delay.QUOTA),
    # a no to this mail
    (400, "MessageRejected", NOT_VERIFIED % "ana@example.com", "not_verified"),
    (400, "MessageRejected", "Message contains forbidden content", "message_rejected"),
    (400, "BadRequestException", "Missing final '@domain'", "bad_request"),
    (404, "NotFoundException", "Template x does not exist.", "bad_request"),
    (413, "RequestEntityTooLargeException", "", "too_large"),
    (413, "SomethingNew", "too big", "too_large"),
    (400, "ValidationException", "1 validation error detected", "bad_request"),
    # a lane's trouble: its configuration set
    (404, "NotFoundException", A_SET, Delay.LANE),
    (400, "SendingPausedException", "Sending is paused for configuration set franked-bulk", Delay.LANE),
    (400, "ConfigurationSetDoesNotExist", A_SET, Delay.LANE),
    (400, "ConfigurationSetDoesNotExistException", A_SET, Delay.LANE),
    (400, "ConfigurationSetSendingPausedException", "", Delay.LANE),
    (400, "ConfigurationSetSendingPaused", "", Delay.LANE),
    # the account's trouble
    (400, "SendingPausedException", "Sending is paused for this account.", Delay.ACCOUNT),
    (400, "AccountSendingPausedException", "", Delay.ACCOUNT),
    (400, "AccountSendingPaused", "", Delay.ACCOUNT),
    (400, "AccountSuspendedException", "", Delay.ACCOUNT),
    (400, "MailFromDomainNotVerifiedException", "", Delay.SENDER),
    (400, "MailFromDomainNotVerified", "", Delay.SENDER),
    # credentials: nothing was accepted
    (403, "ExpiredToken", "", Delay.CREDENTIALS),
    (403, "ExpiredTokenException", "", Delay.CREDENTIALS),
    (400, "RequestExpired", "", Delay.CREDENTIALS),
    (403, "RequestTimeTooSkewed", "", Delay.CREDENTIALS),
    (403, "SignatureDoesNotMatch", "", Delay.CREDENTIALS),
    (403, "InvalidSignatureException", "", Delay.CREDENTIALS),
    (403, "UnrecognizedClientException", "", Delay.CREDENTIALS),
    (403, "InvalidClientTokenId", "", Delay.CREDENTIALS),
    (403, "AccessDenied", "", Delay.CREDENTIALS),
    (403, "AccessDeniedException", "not authorized to perform `ses:SendEmail`", Delay.CREDENTIALS),
    (400, "IncompleteSignature", "", Delay.CREDENTIALS),
    (400, "IncompleteSignatureException", "", Delay.CREDENTIALS),
    (403, "MissingAuthenticationToken", "", Delay.CREDENTIALS),
    (403, "MissingAuthenticationTokenException", "", Delay.CREDENTIALS),
    (403, "SomethingNew", "", Delay.CREDENTIALS),
    # AWS's own trouble, said by AWS: very likely not accepted
    (500, "InternalServiceErrorException", "", Delay.SERVER),
    (500, "ConcurrentModificationException", "", Delay.SERVER),
    (503, "ServiceUnavailable", "try again", Delay.SERVER),
    (503, "Throttling", "Rate exceeded", Delay.RATE),
    # nobody knows
    (502, "InternalServiceErrorException", "x", "unknown"),
    (504, "InternalServiceErrorException", "x", "unknown"),
    (505, "SomethingNew", "x", "unknown"),
]


@pytest.mark.parametrize(("status", "code", "text", "expected"), ROWS)
def test_each_row_of_the_table(status: int, code: str, text: str, expected: str) -> None:
    assert short(outcome(status, code, envelope(text))) == expected


@pytest.mark.parametrize(
    ("error_type", "body"),
    [
        ("TooManyRequestsException:http://internal.example.com/coral/", envelope("Daily message quota exceeded")),
        ("com.example.ses#TooManyRequestsException", envelope("Daily message quota exceeded")),
        ("ses#TooManyRequestsException:http://x/#y", envelope("Daily message quota exceeded")),
        (None, b'{"__type":"ses#TooManyRequestsException","message":"Daily message quota exceeded"}'),
        (None, b'{"code":"TooManyRequestsException","Message":"Daily message quota exceeded"}'),
        (None, b'{"message":"Daily message quota exceeded"}'),
    ],
)
def test_a_code_may_be_spelled_in_many_ways(error_type: str | None, body: bytes) -> None:
    assert short(outcome(429, error_type, body)) == Delay.QUOTA


def test_a_message_id_is_the_proof_that_ses_took_the_mail() -> None:
    assert outcome(200, None, b'{"MessageId":"0100018c-000000"}') == Sent("0100018c-000000")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"MessageId":""}', b'{"MessageId":7}', b'{"MessageId":"01', b"\xff", b"[]"]
)
def test_a_200_that_cannot_be_read_proves_nothing(body: bytes) -> None:
    assert short(outcome(200, None, body)) == "unknown"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (100, "unknown"),
        (202, "unknown"),
        (301, "unknown"),
        (307, "unknown"),
        (400, Delay.ACCOUNT),
        (401, Delay.ACCOUNT),
        (403, Delay.ACCOUNT),
        (404, Delay.ACCOUNT),
        (407, Delay.ACCOUNT),
        (408, "unknown"),
        (413, "too_large"),
        (429, Delay.RATE),
        (500, "unknown"),
        (502, "unknown"),
        (503, "unknown"),
        (504, "unknown"),
        (600, "unknown"),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad</html>", b"[1]", b'{"error":"no"}', b'{"message":7}', b"[" * 100_000]
)
def test_without_a_word_from_aws_no_mail_is_refused_nor_sent_twice(status: int, body: bytes, expected: str) -> None:
    assert short(outcome(status, None, body)) == expected


def test_a_detail_names_no_recipient_and_has_an_end() -> None:
    said = outcome(400, "MessageRejected", envelope(NOT_VERIFIED % "ana.lopez@example.com, Bo <bo@example.com>"))
    assert isinstance(said, Refused)
    assert "ana.lopez" not in said.detail
    assert "a…@example.com, Bo <b…@example.com>" in said.detail
    endless = outcome(400, "BadRequestException", envelope("x" * 100_000))
    assert isinstance(endless, Refused)
    assert len(endless.detail) <= 400


@given(st.integers(0, 999), st.none() | st.text(max_size=50), st.binary(max_size=200))
@example(400, "é" * 50, b'{"message":"\\ud800"}')
def test_no_answer_makes_it_fall_over(status: int, error_type: str | None, body: bytes) -> None:
    said = outcome(status, error_type, body)
    assert isinstance(said, Sent) <= (status == 200)
