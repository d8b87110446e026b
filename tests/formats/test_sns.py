"""The SNS envelope: what it says, whose signature it bears, and which URLs may be followed (A7, D4, E7)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from franked.formats import sns

TOPIC = "arn:aws:sns:us-east-1:111122223333:ses-events"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem"
CONFIRM = f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f"
NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)


@cache
def a_key(name: str = "sns") -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def notification(**changes: str) -> dict[str, str]:
    return {
        "Type": "Notification",
        "MessageId": "7d1a0b52-0000-4000-8000-000000000001",
        "TopicArn": TOPIC,
        "Message": '{"eventType":"Delivery"}\n',
        "Timestamp": "2026-03-04T10:15:08.400Z",
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    } | changes


def confirmation(kind: str = "SubscriptionConfirmation") -> dict[str, str]:
    return notification(Type=kind, Message="You have chosen to subscribe", Token="2336412f", SubscribeURL=CONFIRM)


def posted(fields: dict[str, Any]) -> bytes:
    return msgspec.json.encode(fields)


def read(fields: dict[str, Any]) -> sns.Envelope:
    envelope = sns.parse_envelope(posted(fields))
    assert isinstance(envelope, sns.Envelope), envelope
    return envelope


# --- reading


def test_an_envelope_is_read_whole() -> None:
    envelope = read(sns.sign(notification(Subject="Amazon SES Email Event Notification"), a_key(), "1"))
    assert (envelope.type, envelope.topic_arn, envelope.region) == ("Notification", TOPIC, "us-east-1")
    assert envelope.message == '{"eventType":"Delivery"}\n'
    assert envelope.subject == "Amazon SES Email Event Notification"
    assert (envelope.token, envelope.subscribe_url) == (None, None)
    assert envelope.cert_url == CERTIFICATE


def test_an_envelope_from_a_queue_is_text() -> None:
    assert sns.parse_envelope(posted(sns.sign(notification(), a_key(), "2")).decode()) == read(
        sns.sign(notification(), a_key(), "2")
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"Message": {"eventType": "Delivery"}}, "Message"),
        ({"MessageId": 7}, "MessageId"),
        ({"Type": "Gossip"}, "Type"),
        ({"Type": "SubscriptionConfirmation"}, "Token"),
        ({"TopicArn": None}, "TopicArn"),
        ({"MessageId": "a\nTimestamp\nb"}, "MessageId"),
        ({"Subject": "a\nb"}, "Subject"),
        ({"Signature": ["x"]}, "Signature"),
    ],
)
def test_a_bad_shape_is_named_and_not_repeated(change: dict[str, Any], named: str) -> None:
    fields = sns.sign(notification(), a_key(), "1") | change
    answer = sns.parse_envelope(posted(fields))
    assert isinstance(answer, sns.NotSns)
    assert named in answer.why
    assert "Gossip" not in answer.why


def test_a_missing_field_is_named() -> None:
    fields = sns.sign(notification(), a_key(), "1")
    del fields["SigningCertURL"]
    assert sns.parse_envelope(posted(fields)) == sns.NotSns("Object missing required field `SigningCertURL`")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[" * 300_000,
        b'{"Type":' * 50_000,
        b'{"x":' + b"[" * 300_000,
        b'{"Message":NaN}',
        b'{"Message":1e999}',
        b'{"Message":' + b"9" * 10_000 + b"}",
        b'{"Message":"\\ud800 and more text"}',
        b'{"Message":"\xff"}',
        '{"Message":"\ud800"}',
        b"\x00" * 100,
        "\ufeff{}",
    ],
)
def test_what_a_stranger_posts_never_raises(body: bytes | str) -> None:
    assert isinstance(sns.parse_envelope(body), sns.NotSns)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
wire_names = st.sampled_from([*confirmation(), "Subject", "Signature", "SignatureVersion"])


@given(st.binary() | st.text())
def test_the_parser_answers_any_body(body: bytes | str) -> None:
    assert isinstance(sns.parse_envelope(body), sns.Envelope | sns.NotSns)


@given(st.dictionaries(wire_names, anything, max_size=4))
@example({"Signature": "é"})
@example({"SignatureVersion": "1", "Signature": "===="})
def test_any_field_may_be_anything(changes: dict[str, Any]) -> None:
    answer = sns.parse_envelope(msgspec.json.encode(sns.sign(confirmation(), a_key(), "2") | changes))
    if isinstance(answer, sns.Envelope):
        sns.verify(answer, a_key().public_key())
        sns.certificate_url_fault(answer.cert_url, answer.topic_arn)
        sns.subscribe_url_fault(answer.subscribe_url or "", answer.topic_arn)


# --- signatures


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "Amazon SES Email Event Notification"}])
def test_both_signature_versions_hold_with_and_without_a_subject(version: str, subject: dict[str, str]) -> None:
    assert sns.verify(read(sns.sign(notification(**subject), a_key(), version)), a_key().public_key())


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_confirmations_sign_their_token_and_url(version: str, kind: str) -> None:
    signed = sns.sign(confirmation(kind), a_key(), version)
    assert sns.verify(read(signed), a_key().public_key())
    for name in ("Token", "SubscribeURL", "Message", "Timestamp", "TopicArn"):
        assert not sns.verify(read(signed | {name: signed[name] + "x"}), a_key().public_key())


def test_an_unsubscription_does_not_pass_for_a_subscription() -> None:
    signed = sns.sign(confirmation("UnsubscribeConfirmation"), a_key(), "1")
    assert not sns.verify(read(signed | {"Type": "SubscriptionConfirmation"}), a_key().public_key())


def test_the_signed_text_is_the_one_aws_writes_down() -> None:
    envelope = read(sns.sign(notification(Message="hello", Subject="greeting"), a_key(), "1"))
    assert sns.string_to_sign(envelope) == (
        b"Message\nhello\nMessageId\n7d1a0b52-0000-4000-8000-000000000001\nSubject\ngreeting\n"
        b"Timestamp\n2026-03-04T10:15:08.400Z\nTopicArn\n" + TOPIC.encode() + b"\nType\nNotification\n"
    )


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_a_signature_over_other_fields_is_refused(name: str) -> None:
    signed = sns.sign(notification(Subject="greeting"), a_key(), "2")
    assert not sns.verify(read(signed | {name: signed[name] + "0"}), a_key().public_key())


def test_a_subject_taken_away_or_added_breaks_the_signature() -> None:
    with_one = sns.sign(notification(Subject="greeting"), a_key(), "2")
    without = sns.sign(notification(), a_key(), "2")
    assert not sns.verify(read({k: v for k, v in with_one.items() if k != "Subject"}), a_key().public_key())
    assert not sns.verify(read(without | {"Subject": "greeting"}), a_key().public_key())


@pytest.mark.parametrize(
    "change",
    [
        {"SignatureVersion": "3"},
        {"SignatureVersion": "2"},
        {"Signature": "!"},
        {"Signature": ""},
        {"Signature": "AAAA"},
    ],
)
def test_a_signature_of_another_kind_is_refused(change: dict[str, str]) -> None:
    assert not sns.verify(read(sns.sign(notification(), a_key(), "1") | change), a_key().public_key())


def test_a_strangers_key_is_refused() -> None:
    assert not sns.verify(read(sns.sign(notification(), a_key("stranger"), "1")), a_key().public_key())


# --- URLs


def test_the_urls_of_sns_pass() -> None:
    assert sns.certificate_url_fault(CERTIFICATE, TOPIC) is None
    assert sns.certificate_url_fault(CERTIFICATE.replace(".com/", ".com:443/"), TOPIC) is None
    assert sns.subscribe_url_fault(CONFIRM, TOPIC) is None
    china = TOPIC.replace("aws:sns:us-east-1", "aws-cn:sns:cn-north-1")
    assert (
        sns.certificate_url_fault(CERTIFICATE.replace("us-east-1.amazonaws.com", "cn-north-1.amazonaws.com.cn"), china)
        is None
    )


PEM = "/SimpleNotificationService-0a1b2c.pem"
TRICKS = [
    f"http://sns.us-east-1.amazonaws.com{PEM}",
    f"HTTPS://sns.us-east-1.amazonaws.com{PEM}",
    f"//sns.us-east-1.amazonaws.com{PEM}",
    f"file:///etc{PEM}",
    f"https:sns.us-east-1.amazonaws.com{PEM}",
    f"https:///sns.us-east-1.amazonaws.com{PEM}",
    f"https://x.s3.amazonaws.com{PEM}",
    f"https://sns.s3.amazonaws.com{PEM}",
    f"https://sns.us-east-1.s3.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com.evil.example.com{PEM}",
    f"https://evil.example.com/sns.us-east-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com@evil.example.com{PEM}",
    f"https://evil.example.com#@sns.us-east-1.amazonaws.com{PEM}",
    f"https://evil.example.com\\@sns.us-east-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com\\@evil.example.com{PEM}",
    f"https://user:secret@sns.us-east-1.amazonaws.com{PEM}",
    f"https://@sns.us-east-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com:8443{PEM}",
    f"https://sns.us-east-1.amazonaws.com:{PEM}",
    f"https://sns.us-east-1.amazonaws.com:0443{PEM}",
    f"https://sns.us-east-1.amazonaws.com:443@evil.example.com{PEM}",
    f"https://sns.eu-central-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com.cn{PEM}",
    f"https://SNS.us-east-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com.{PEM}",
    f"https://sns.us-east-1.amazonaws%2ecom{PEM}",
    f"https://sns.us-east-1%00.amazonaws.com{PEM}",
    f"https://sns.us-east-1。amazonaws.com{PEM}",
    f"https://snſ.us-east-1.amazonaws.com{PEM}",
    f"https://xsns.us-east-1.amazonaws.com{PEM}",
    f"https://sns..amazonaws.com{PEM}",
    f"https://127.0.0.1{PEM}",
    f"https://[::1]{PEM}",
    f"https://[{PEM}",
    f" https://sns.us-east-1.amazonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com{PEM}\n",
    f"https://sns.us-east-1.ama\tzonaws.com{PEM}",
    f"https://sns.us-east-1.amazonaws.com/evil{PEM}",
    f"https://sns.us-east-1.amazonaws.com/..{PEM}",
    f"https://sns.us-east-1.amazonaws.com/{PEM}",
    f"https://sns.us-east-1.amazonaws.com{PEM}/../evil.pem",
    f"https://sns.us-east-1.amazonaws.com{PEM}?x=.pem",
    f"https://sns.us-east-1.amazonaws.com{PEM}?",
    f"https://sns.us-east-1.amazonaws.com{PEM}#",
    f"https://sns.us-east-1.amazonaws.com{PEM};x",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-%30.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0A1B.pem",
    f"https://sns.us-east-1.amazonaws.com/{'a' * 5000}",
    "",
]


@pytest.mark.parametrize("url", TRICKS)
def test_no_trick_passes_for_a_certificate_of_sns(url: str) -> None:
    assert sns.certificate_url_fault(url, TOPIC)


@pytest.mark.parametrize(
    "url",
    [
        CONFIRM.replace("https", "http"),
        CONFIRM.replace("us-east-1.amazonaws.com", "us-east-1.amazonaws.com.evil.example.com"),
        CONFIRM.replace("ConfirmSubscription", "Unsubscribe"),
        CONFIRM.replace("ses-events", "other-events"),
        CONFIRM.replace("Token=2336412f", "Token="),
        CONFIRM.replace("&Token=2336412f", ""),
        CONFIRM + "&Token=twice",
        CONFIRM + "&Action=Publish",
        CONFIRM + "#x",
        CONFIRM.replace(".com/?", ".com/x?"),
        CONFIRM.replace("sns.", "user@sns."),
        CERTIFICATE,
    ],
)
def test_only_a_confirmation_of_this_topic_is_followed(url: str) -> None:
    assert sns.subscribe_url_fault(url, TOPIC)


@pytest.mark.parametrize(
    "arn", ["", "arn:aws:sns::111122223333:x", "arn:aws:sqs:us-east-1:111122223333:x", "us-east-1"]
)
def test_without_a_topic_no_url_is_good(arn: str) -> None:
    assert sns.certificate_url_fault(CERTIFICATE, arn) == "the topic's ARN names no Region"


@given(st.text(), st.text())
def test_the_url_checks_answer_any_text(url: str, arn: str) -> None:
    assert sns.certificate_url_fault(url, arn)
    assert sns.subscribe_url_fault(f"https://sns.us-east-1.amazonaws.com/{url}", TOPIC)


# --- certificates


def a_certificate(name: str = "sns.amazonaws.com", *others: str, key: Any = None) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = key or a_key()
    builder = (
        x509.CertificateBuilder(subject, subject, signer.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    if others:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(x) for x in others]), critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    "names",
    [
        ["sns.amazonaws.com"],
        ["sns.us-east-1.amazonaws.com"],
        ["example.com", "sns.amazonaws.com"],
        ["x", "y", "sns.eu-west-1.amazonaws.com"],
    ],
)
def test_a_certificate_made_out_to_sns_gives_its_key(names: list[str]) -> None:
    key = sns.certificate_key(a_certificate(*names), NOW)
    assert isinstance(key, rsa.RSAPublicKey)
    assert sns.verify(read(sns.sign(notification(), a_key(), "1")), key)


@pytest.mark.parametrize(
    "names", [["example.com"], ["sns.amazonaws.com.example.com"], ["x", "*.amazonaws.com"], ["xsns.amazonaws.com"]]
)
def test_a_certificate_made_out_to_another_is_refused(names: list[str]) -> None:
    assert sns.certificate_key(a_certificate(*names), NOW) == "the certificate is not made out to SNS"


@pytest.mark.parametrize("days", [-2, 2])
def test_a_certificate_out_of_its_time_is_refused(days: int) -> None:
    found = sns.certificate_key(a_certificate(), NOW + timedelta(days=days))
    assert found == "the certificate is not valid at this time"


def test_a_certificate_with_another_kind_of_key_is_refused() -> None:
    pem = a_certificate(key=ec.generate_private_key(ec.SECP256R1()))
    assert sns.certificate_key(pem, NOW) == "the certificate's key is not RSA"


def test_a_certificate_with_a_weak_key_is_refused() -> None:
    pem = a_certificate(key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    assert sns.certificate_key(pem, NOW) == "the certificate's key has less than 2048 bits"


@pytest.mark.parametrize("names", ["3002a300", "3002a500", "3003820541", "30038201ff", "3001", ""])
def test_a_certificate_whose_names_cannot_be_read_is_refused(names: str) -> None:
    """An X.400 address, an EDI party, a host name cut short, one beyond ASCII, half a list, none."""
    extension = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex(names))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    pem = (
        x509.CertificateBuilder(subject, subject, a_key().public_key(), 1, NOW - timedelta(1), NOW + timedelta(1))
        .add_extension(extension, critical=False)
        .sign(a_key(), hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    assert sns.certificate_key(pem, NOW) == "not a certificate that can be read"


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(pem: bytes) -> None:
    assert sns.certificate_key(pem, NOW) == "not a certificate that can be read"
