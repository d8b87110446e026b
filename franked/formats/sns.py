"""The SNS envelope: reading it, what its signature covers, and which of its URLs may be believed.

Whoever finds our webhook can post to it, so nothing here raises for what a stranger wrote: a bad shape is a `NotSns`,
a bad URL or certificate a sentence, a bad signature a False. Two more rules are the caller's: cap the body (SNS sends
at most 256 KB) and compare the topic with the pinned ones before anything is fetched.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import NameOID

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"
CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[0-9a-f]{1,64}\.pem")
WEAKEST = 2048  # bits of a key; SNS's have that many

_SIGNED_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SIGNED_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {NOTIFICATION: _SIGNED_NOTIFICATION, SUBSCRIPTION: _SIGNED_CONFIRMATION, UNSUBSCRIPTION: _SIGNED_CONFIRMATION}
_SHA1 = hashes.SHA1()  # noqa: S303 (it is the default of a new topic: refusing it would lose bounces)
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": _SHA1, "2": hashes.SHA256()}

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z]{2}[a-z0-9-]{1,30}):[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNREADABLE = (  # what reading a hostile certificate may raise
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
_CERTIFIED = re.compile(r"sns(?:\.[a-z0-9-]{3,32})?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class Envelope:
    type: str  # NOTIFICATION, SUBSCRIPTION or UNSUBSCRIPTION
    message_id: str
    topic_arn: str
    subject: str | None
    message: str
    timestamp: str  # as signed; RFC 3339
    token: str | None = field(repr=False)  # whoever has it can confirm the subscription
    subscribe_url: str | None = field(repr=False)
    signature: str  # base64
    signature_version: str
    cert_url: str
    unsubscribe_url: str | None = None  # not signed

    @property
    def region(self) -> str | None:
        return region_of(self.topic_arn)


@dataclass(frozen=True, slots=True)
class NotSns:
    """Why a body is not an SNS envelope. It repeats nothing of the body: `why` may be logged."""

    why: str


# --- reading ----------------------------------------------------------------------------------------------------------


class _Wire(msgspec.Struct):
    type: str = msgspec.field(name="Type")
    message_id: str = msgspec.field(name="MessageId")
    topic_arn: str = msgspec.field(name="TopicArn")
    message: str = msgspec.field(name="Message")
    timestamp: str = msgspec.field(name="Timestamp")
    signature_version: str = msgspec.field(name="SignatureVersion")
    signature: str = msgspec.field(name="Signature")
    cert_url: str = msgspec.field(name="SigningCertURL")
    subject: str | None = msgspec.field(name="Subject", default=None)
    token: str | None = msgspec.field(name="Token", default=None)
    subscribe_url: str | None = msgspec.field(name="SubscribeURL", default=None)
    unsubscribe_url: str | None = msgspec.field(name="UnsubscribeURL", default=None)


_decoder = msgspec.json.Decoder(_Wire)


def parse_envelope(body: bytes | str) -> Envelope | NotSns:
    """One envelope as SNS posts it over HTTP or puts it into SQS. Keys we don't know are left aside."""
    try:
        wire = _decoder.decode(body)
    except msgspec.ValidationError as error:
        return NotSns(str(error))  # names the field and the types, never a value
    except (ValueError, RecursionError):
        return NotSns("the body is not JSON")
    envelope = Envelope(**msgspec.structs.asdict(wire))
    fault = _shape_fault(envelope)
    return NotSns(fault) if fault else envelope


def _shape_fault(envelope: Envelope) -> str | None:
    if envelope.type not in _SIGNED:
        return "Type is none of SNS's three"
    if envelope.type != NOTIFICATION and not (envelope.token and envelope.subscribe_url):
        return f"a {envelope.type} has a Token and a SubscribeURL"
    return next((f"{name} has control characters" for name, value in _lines(envelope) if _CONTROL.search(value)), None)


def _lines(envelope: Envelope) -> Iterator[tuple[str, str]]:
    """The signed text is joined by line feeds: a value with one in it could pass for another field."""
    yield "MessageId", envelope.message_id
    yield "TopicArn", envelope.topic_arn
    yield "Timestamp", envelope.timestamp
    yield "Subject", envelope.subject or ""
    yield "Token", envelope.token or ""
    yield "SubscribeURL", envelope.subscribe_url or ""


# --- signatures -------------------------------------------------------------------------------------------------------


def string_to_sign(envelope: Envelope) -> bytes:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html"""
    return _signed_text(_fields(envelope))


def _fields(envelope: Envelope) -> Mapping[str, str | None]:
    return {
        "Message": envelope.message,
        "MessageId": envelope.message_id,
        "Subject": envelope.subject,
        "SubscribeURL": envelope.subscribe_url,
        "Timestamp": envelope.timestamp,
        "Token": envelope.token,
        "TopicArn": envelope.topic_arn,
        "Type": envelope.type,
    }


def _signed_text(fields: Mapping[str, str | None]) -> bytes:
    names = _SIGNED[fields["Type"] or NOTIFICATION]
    return "".join(f"{name}\n{fields[name]}\n" for name in names if fields.get(name) is not None).encode()


def verify(envelope: Envelope, public_key: RSAPublicKey) -> bool:
    algorithm = _HASHES.get(envelope.signature_version)
    if algorithm is None:
        return False
    try:
        signature = b64decode(envelope.signature, validate=True)
        public_key.verify(signature, string_to_sign(envelope), PKCS1v15(), algorithm)
    except (ValueError, InvalidSignature):
        return False
    return True


def sign(fields: Mapping[str, str], private_key: RSAPrivateKey, version: str) -> dict[str, str]:
    """The envelope's fields (wire names) with SignatureVersion and Signature: what SNS does on its side."""
    signature = private_key.sign(_signed_text(fields), PKCS1v15(), _HASHES[version])
    return {**fields, "SignatureVersion": version, "Signature": b64encode(signature).decode()}


# --- what may be believed ---------------------------------------------------------------------------------------------


def region_of(topic_arn: str) -> str | None:
    found = _TOPIC.fullmatch(topic_arn)
    return found["region"] if found else None


def certificate_url_fault(url: str, topic_arn: str) -> str | None:
    """Why this is not where SNS keeps the certificate of this topic's Region; None when it is."""
    fault = _host_fault(url, topic_arn)
    if fault:
        return fault
    parts = urlsplit(url)
    if not CERTIFICATE_PATH.fullmatch(parts.path):
        return "the path is not that of an SNS certificate"
    return "a certificate's URL ends with its path" if "?" in url or "#" in url else None


def subscribe_url_fault(url: str, topic_arn: str) -> str | None:
    """Why a GET of this would do anything else than confirm a subscription to this topic; None when it would not."""
    fault = _host_fault(url, topic_arn)
    if fault:
        return fault
    parts = urlsplit(url)
    if parts.path != "/" or "#" in url:
        return "the path is not that of the SNS API"
    asked = sorted(parse_qsl(parts.query, keep_blank_values=True, separator="&"))
    if [name for name, _ in asked] != ["Action", "Token", "TopicArn"]:
        return "the query does not ask for exactly Action, TopicArn and Token"
    action, token, topic = (value for _, value in asked)
    wanted = action == "ConfirmSubscription" and topic == topic_arn and token
    return None if wanted else "the query does not confirm a subscription to this topic"


def _host_fault(url: str, topic_arn: str) -> str | None:
    """Compared as spelled: what a lenient parser would first have to repair is no URL of SNS."""
    region = region_of(topic_arn)
    if region is None:
        return "the topic's ARN names no Region"
    if len(url) > 2048 or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        return "the URL has characters that no URL of SNS has"
    if not url.startswith("https://"):
        return "the URL is not https"
    host = f"sns.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
    spelled = re.split(r"[/?#]", url.removeprefix("https://"), maxsplit=1)[0]
    return None if spelled in {host, f"{host}:443"} else f"the host is not {host}"


def certificate_key(pem: bytes, now: datetime) -> RSAPublicKey | str:
    """The key of a certificate that speaks for SNS at this time; else what is wrong with it. The chain is not
    checked: that the certificate is SNS's is what its https URL says."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names, key = list(_names(certificate)), certificate.public_key()
        lasts = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    except _UNREADABLE:
        return "not a certificate that can be read"
    if not lasts:
        return "the certificate is not valid at this time"
    if not any(_CERTIFIED.fullmatch(name) for name in names):
        return "the certificate is not made out to SNS"
    if not isinstance(key, RSAPublicKey):
        return "the certificate's key is not RSA"
    return key if key.key_size >= WEAKEST else f"the certificate's key has less than {WEAKEST} bits"


def _names(certificate: x509.Certificate) -> Iterator[str]:
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        yield str(attribute.value)
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return
    yield from alternatives.value.get_values_for_type(x509.DNSName)
