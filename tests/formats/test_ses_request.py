"""What we say to SES is what botocore would say, and what SES would refuse by shape is refused here."""

import base64
import json
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from boto3.session import Session
from botocore.serialize import create_serializer
from botocore.stub import Stubber
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG, Mail
from franked.formats.ses_request import PATH, encode, fault
from franked.rules.address import Address

SEND_EMAIL = botocore.session.get_session().get_service_model("sesv2").operation_model("SendEmail")

MAIL = Mail(
    sender="Example Backup <no-reply@backup.example.com>",
    to=Address.of_spelled("Ana@example.com"),
    subject="Sicherung fertig – Example Backup",
    html="<p>Grüße</p>",
    text="Grüße",
    reply_to="ops@example.com",
    headers=(("List-Unsubscribe", "<https://backup.example.com/u/1>"), ("X-Ref", "7")),
    tags=((MESSAGE_TAG, "m_01"), (ATTEMPT_TAG, "m_01-1")),
    configuration_set="franked-normal",
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
words = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
printable = st.from_regex(r"[ -~]{1,100}", fullmatch=True)
mails = st.builds(
    Mail,
    sender=printable,
    to=words.map(lambda local: Address.of_spelled(f"{local}@example.com")),
    subject=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
    html=texts,
    text=texts,
    reply_to=st.none() | printable,
    headers=st.lists(st.tuples(words.map(lambda word: f"X-{word}"), printable), max_size=15).map(tuple),
    tags=st.lists(st.tuples(words, words), max_size=5).map(tuple),
    configuration_set=st.none() | words,
    raw=st.none() | st.binary(max_size=300),
)


def params_of(body: bytes) -> dict[str, Any]:
    """The body as a caller of boto3 would have given it: only the blob is spelled otherwise."""
    params: dict[str, Any] = json.loads(body)
    if raw := params["Content"].get("Raw"):
        raw["Data"] = base64.b64decode(raw["Data"])
    return params


@given(mails)
def test_every_mail_is_a_valid_request_and_equal_to_what_botocore_writes(mail: Mail) -> None:
    assert fault(mail) is None
    body = encode(mail)
    params = params_of(body)
    assert SEND_EMAIL.input_shape is not None
    report = ParamValidator().validate(params, SEND_EMAIL.input_shape)
    assert not report.has_errors(), report.generate_report()
    written = create_serializer("rest-json").serialize_to_request(params, SEND_EMAIL)
    assert json.loads(written["body"]) == json.loads(body)
    assert (written["method"], written["url_path"]) == ("POST", PATH)


def test_the_stubbed_client_takes_our_request_as_its_own() -> None:
    ses = Session("AKID", "secret", region_name="eu-central-1").client("sesv2")
    params = params_of(encode(MAIL))
    with Stubber(ses) as stubber:
        stubber.add_response("send_email", {"MessageId": "0100-1"}, params)
        assert ses.send_email(**params)["MessageId"] == "0100-1"


def test_a_mail_says_who_to_whom_and_what() -> None:
    assert json.loads(encode(MAIL)) == {
        "FromEmailAddress": "Example Backup <no-reply@backup.example.com>",
        "Destination": {"ToAddresses": ["Ana@example.com"]},
        "ReplyToAddresses": ["ops@example.com"],
        "Content": {
            "Simple": {
                "Subject": {"Data": "Sicherung fertig – Example Backup", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Grüße", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Grüße</p>", "Charset": "UTF-8"},
                },
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": "<https://backup.example.com/u/1>"},
                    {"Name": "X-Ref", "Value": "7"},
                ],
            }
        },
        "EmailTags": [
            {"Name": "franked-message", "Value": "m_01"},
            {"Name": "franked-attempt", "Value": "m_01-1"},
        ],
        "ConfigurationSetName": "franked-normal",
    }


def test_a_raw_mail_goes_as_it_is_and_speaks_for_itself() -> None:
    """B3: an invite is whole MIME; a second Reply-To beside its own would be refused."""
    said = json.loads(encode(replace(MAIL, raw=b"From: a\r\n\r\n\xff\x00")))
    assert base64.b64decode(said["Content"]["Raw"]["Data"]) == b"From: a\r\n\r\n\xff\x00"
    assert "Simple" not in said["Content"]
    assert "ReplyToAddresses" not in said
    assert said["Destination"] == {"ToAddresses": ["Ana@example.com"]}


def test_what_is_not_set_is_not_said() -> None:
    bare = Mail("no-reply@example.com", Address.of_spelled("ana@example.com"), "Hello", "", "Hi")
    said = json.loads(encode(bare))
    assert set(said) == {"FromEmailAddress", "Destination", "Content"}
    assert set(said["Content"]["Simple"]["Body"]) == {"Text"}
    html_only = json.loads(encode(replace(bare, html="<p>Hi</p>", text="")))
    assert set(html_only["Content"]["Simple"]["Body"]) == {"Html"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sender": "Zoë <a@example.com>"}, "sender"),
        ({"sender": "a@example.com\r\nBcc: b@example.com"}, "sender"),
        ({"sender": ""}, "sender"),
        ({"to": Address.of_spelled("zoë@example.com")}, "recipient"),
        ({"reply_to": "a@example.com\nBcc: b@example.com"}, "Reply-To"),
        ({"subject": "Hi\r\nBcc: b@example.com"}, "subject"),
        ({"subject": "half \ud800"}, "surrogate"),
        ({"html": "half \udfff"}, "surrogate"),
        ({"text": "half \udfff"}, "surrogate"),
        ({"headers": tuple((f"X-{n}", "1") for n in range(16))}, "15"),
        ({"headers": (("X Y", "1"),)}, "name"),
        ({"headers": (("X:Y", "1"),)}, "name"),
        ({"headers": (("", "1"),)}, "name"),
        ({"headers": (("X" * 127, "1"),)}, "name"),
        ({"headers": (("X-Name\n", "1"),)}, "name"),
        ({"headers": (("X-A", ""),)}, "X-A"),
        ({"headers": (("X-A", "a" * 996),)}, "995"),
        ({"headers": (("X-A", "a" * 994),)}, "996"),
        ({"headers": (("X-A", "Grüße"),)}, "ASCII"),
        ({"headers": (("X-A", "1\r\nBcc: b@example.com"),)}, "ASCII"),
        ({"headers": (("X-A", "1\n"),)}, "ASCII"),
        ({"headers": (("SUBJECT", "again"),)}, "only one"),
        ({"headers": (("Reply-To", "b@example.com"),)}, "only one"),
        ({"headers": (("List-Unsubscribe", "<a>"), ("list-unsubscribe", "<b>"))}, "only one"),
        ({"tags": (("name", "ana@example.com"),)}, "tag"),
        ({"tags": (("na me", "1"),)}, "tag"),
        ({"tags": (("name", ""),)}, "tag"),
        ({"tags": (("name", "a" * 257),)}, "tag"),
        ({"tags": (("name", "a\n"),)}, "tag"),
        ({"configuration_set": "a b"}, "configuration set"),
        ({"configuration_set": "a" * 65}, "configuration set"),
    ],
)
def test_what_ses_would_refuse_by_shape_is_found_before_the_call(change: dict[str, Any], why: str) -> None:
    assert why in (fault(replace(MAIL, **change)) or "")


def test_at_its_limits_a_mail_is_still_taken() -> None:
    longest = (("X-A", "a" * 993), *((f"X-{n}", "a" * 990) for n in range(14)))
    tags = (("a" * 256, "b" * 256),)
    assert fault(replace(MAIL, headers=longest, tags=tags, configuration_set="a" * 64)) is None


def test_a_raw_mails_headers_are_its_own_business() -> None:
    unused = replace(MAIL, raw=b"...", subject="\n", headers=(("Subject", "x"),))
    assert fault(unused) is None
    assert "tag" in (fault(replace(unused, tags=(("a b", "c"),))) or "")
