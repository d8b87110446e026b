"""Have SES verify an address or a domain, and tell how it stands."""

from contextlib import suppress
from typing import TYPE_CHECKING

from franked.ports import Identity

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client
    from types_boto3_sesv2.type_defs import DkimAttributesTypeDef

DKIM_ZONE = "dkim.amazonses.com"  # where SES does not say; some Regions have their own


def verified(ses: "SESV2Client", name: str) -> Identity:
    """SES writes to an address once, as its identity is made: one that still waits is made anew (ses has no other
    way to send that mail again). A domain keeps its tokens: they may be in its DNS already."""
    found = _found(ses, name)
    if found is None or not (found.verified or found.records):
        with suppress(ses.exceptions.NotFoundException):
            ses.delete_email_identity(EmailIdentity=name)
        with suppress(ses.exceptions.AlreadyExistsException):
            ses.create_email_identity(EmailIdentity=name)
        found = _found(ses, name)
    return found or Identity(name, verified=False)


def _found(ses: "SESV2Client", name: str) -> Identity | None:
    try:
        said = ses.get_email_identity(EmailIdentity=name)
    except ses.exceptions.NotFoundException:
        return None
    is_verified = said.get("VerifiedForSendingStatus", False)
    return Identity(name, is_verified, () if is_verified else _records(said.get("DkimAttributes", {}), name))


def _records(dkim: "DkimAttributesTypeDef", domain: str) -> tuple[tuple[str, str], ...]:
    zone = dkim.get("SigningHostedZone", DKIM_ZONE)
    return tuple((f"{token}._domainkey.{domain}", f"{token}.{zone}") for token in dkim.get("Tokens", []))
