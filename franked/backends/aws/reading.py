"""AWS's answers about what it has for us, as values. Every member may be missing, and none is believed to be short."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from franked.backends.aws.account import SANDBOX_QUOTA, SANDBOX_RATE
from franked.backends.aws.calls import text
from franked.rules.at_aws import (
    NOT_STARTED,
    Destination,
    Details,
    Dkim,
    Increase,
    MailFrom,
    Queue,
    Quota,
    Review,
    SesAccount,
    SesIdentity,
    SesSet,
    Subscription,
)

Wire = Mapping[str, Any]

LONG = 5000  # characters of a use case; SES takes no more
POLICY = 30_000
_TOKEN = re.compile(r"[A-Za-z0-9]{1,63}")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_WORD = re.compile(r"[A-Za-z0-9_.:/ -]{1,80}")


def account(said: Wire) -> SesAccount:
    quota = said.get("SendQuota") or {}
    return SesAccount(
        production=bool(said.get("ProductionAccessEnabled", False)),
        sending_enabled=bool(said.get("SendingEnabled", True)),
        enforcement=word(said.get("EnforcementStatus"), "HEALTHY"),
        rate=float(quota.get("MaxSendRate", SANDBOX_RATE)),
        quota=float(quota.get("Max24HourSend", SANDBOX_QUOTA)),
        sent_24h=float(quota.get("SentLast24Hours", 0.0)),
        reasons=words((said.get("SuppressionAttributes") or {}).get("SuppressedReasons")),
        details=_details(said.get("Details")),
    )


def _details(said: Wire | None) -> Details | None:
    if not said:
        return None
    review = said.get("ReviewDetails")
    return Details(
        mail_type=word(said.get("MailType")),
        website=text(said.get("WebsiteURL"), 1000),
        language=word(said.get("ContactLanguage"), "EN"),
        contacts=tuple(text(one) for one in (said.get("AdditionalContactEmailAddresses") or [])[:10]),
        use_case=str(said.get("UseCaseDescription") or "")[:LONG],
        review=_review(review.get("Status")) if review else None,
        case=word(review.get("CaseId")) if review else "",
    )


def _review(said: object) -> Review:
    with suppress(ValueError):
        return Review(str(said))
    return Review.UNKNOWN


def identity(name: str, said: Wire) -> SesIdentity:
    verified = bool(said.get("VerifiedForSendingStatus", False))
    return SesIdentity(
        name=name,
        is_domain=word(said.get("IdentityType")) != "EMAIL_ADDRESS" and "@" not in name,
        verified=verified,
        status=word(said.get("VerificationStatus"), "SUCCESS" if verified else "PENDING"),
        dkim=_dkim(said.get("DkimAttributes") or {}),
        mail_from=_mail_from(said.get("MailFromAttributes") or {}),
        configuration_set=word(said.get("ConfigurationSetName")) or None,
        trouble=word((said.get("VerificationInfo") or {}).get("ErrorType")),
    )


def _dkim(said: Wire) -> Dkim:
    zone = str(said.get("SigningHostedZone") or "dkim.amazonses.com")  # older answers do not say it
    return Dkim(
        status=word(said.get("Status"), NOT_STARTED),
        is_on=bool(said.get("SigningEnabled", False)),
        tokens=tuple(one for one in said.get("Tokens") or [] if _TOKEN.fullmatch(str(one)))[:3],
        zone=zone if _HOST.fullmatch(zone) else "",
        bits={"RSA_1024_BIT": 1024, "RSA_2048_BIT": 2048}.get(str(said.get("CurrentSigningKeyLength"))),
        origin=word(said.get("SigningAttributesOrigin")),
    )


def _mail_from(said: Wire) -> MailFrom | None:
    domain = str(said.get("MailFromDomain") or "")
    if not _HOST.fullmatch(domain):
        return None
    behaviour = word(said.get("BehaviorOnMxFailure"), "USE_DEFAULT_VALUE")
    return MailFrom(domain.lower(), word(said.get("MailFromDomainStatus"), "PENDING"), behaviour)


def configuration_set(name: str, said: Wire, destinations: Wire) -> SesSet:
    reasons = (said.get("SuppressionOptions") or {}).get("SuppressedReasons")
    return SesSet(
        name=name,
        sends=bool((said.get("SendingOptions") or {}).get("SendingEnabled", True)),
        counts_reputation=bool((said.get("ReputationOptions") or {}).get("ReputationMetricsEnabled", False)),
        reasons=None if reasons is None else words(reasons),
        destinations=tuple(_destinations(destinations)),
    )


def _destinations(said: Wire) -> Iterator[Destination]:
    for one in said.get("EventDestinations") or []:
        yield Destination(
            name=text(one.get("Name"), 64),
            is_on=bool(one.get("Enabled", False)),
            kinds=words(one.get("MatchingEventTypes")),
            topic=text((one.get("SnsDestination") or {}).get("TopicArn")) or None,
            bus=text((one.get("EventBridgeDestination") or {}).get("EventBusArn")) or None,
        )


def subscriptions(said: Wire) -> Iterator[Subscription]:
    for one in said.get("Subscriptions") or []:
        confirmed = str(one.get("SubscriptionArn") or "").startswith("arn:")
        yield Subscription(word(one.get("Protocol")), text(one.get("Endpoint"), 2048), confirmed)


def queue(url: str, said: Wire, redrive: object) -> Queue:
    """`redrive`: what its policy says about dead letters."""
    dead = redrive if isinstance(redrive, dict) else {}
    waiting, tries = str(said.get("ApproximateNumberOfMessages", "")), str(dead.get("maxReceiveCount", ""))
    return Queue(
        arn=text(said.get("QueueArn")),
        url=text(url, 2048),
        policy=str(said.get("Policy") or "")[:POLICY],
        dead_letters=text(dead.get("deadLetterTargetArn")) or None,
        tries=_whole(tries),
        waiting=_whole(waiting),
    )


def quotas(said: Wire) -> Iterator[Quota]:
    for one in said.get("Quotas") or []:
        if "Value" in one:
            yield Quota(word(one.get("QuotaCode")), text(one.get("QuotaName")), float(one["Value"]))


def increase(said: Wire) -> Increase:
    at = said.get("Created")
    return Increase(
        code=word(said.get("QuotaCode")),
        name=text(said.get("QuotaName")),
        desired=float(said.get("DesiredValue") or 0.0),
        status=word(said.get("Status")),
        case=word(said.get("CaseId")),
        at=at.astimezone(UTC) if isinstance(at, datetime) else None,
    )


def word(said: object, otherwise: str = "") -> str:
    """A short name out of AWS's models; what is none is as if it were not said."""
    spelled = str(said) if said is not None else ""
    return spelled if _WORD.fullmatch(spelled) else otherwise


def words(said: object) -> frozenset[str]:
    return frozenset(filter(None, map(word, said))) if isinstance(said, list) else frozenset()


def _whole(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) < 12 else None
