"""Whom SES lets this account mail from, and in the sandbox to: ask it to verify one more."""

from typing import Annotated

from litestar import post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.problems import Problem
from franked.ports import AccountUnreadable, Identity
from franked.rules.address import NotAnAddress, parse
from franked.sending.refresh import refresh


class NewIdentity(Struct, forbid_unknown_fields=True, frozen=True):
    """Who is to be verified."""

    identity: Annotated[
        str, Meta(max_length=1000, description="an address, or a domain for all in it", examples=["ana@example.com"])
    ]


class ToldRecord(Struct, frozen=True):
    """A DNS record that proves a domain."""

    name: Annotated[str, Meta(examples=["abc._domainkey.example.com"])]
    type: Annotated[str, Meta(examples=["CNAME"])]
    value: Annotated[str, Meta(examples=["abc.dkim.amazonses.com"])]


class ToldIdentity(Struct, frozen=True):
    """`verified`: it may be mailed from and to now. Else SES waits for the link in its mail, or for the records."""

    identity: Annotated[str, Meta(examples=["example.com"])]
    verified: bool
    records: Annotated[list[ToldRecord], Meta(description="of a domain that is not verified: to be set in its DNS")]


@post(
    "/v1/identities",
    status_code=200,
    before_request=readable_text,
    summary="Have SES verify an address or a domain",
    tags=["account"],
)
async def post_identity(request: AnyRequest, data: JSONBody[NewIdentity]) -> ToldIdentity:
    """SES writes to an address, with a link that its reader opens; a domain gets DNS records. What was held in the
    sandbox for it goes by itself once it is verified. Safe to repeat: then it says how things stand."""
    world = door_of(request).world
    try:
        found = await world.account.verify(_checked(data.identity))
    except AccountUnreadable as error:
        raise Problem("ses_unreachable", str(error)) from error
    world.log("identity", verified=found.verified, by=key_of(request).caller.name)
    await refresh(world)
    return _told(found)


def _checked(text: str) -> str:
    """An address or a domain: what would be its postmaster's address has to be one."""
    text = text.strip()
    address = parse(text if "@" in text else f"postmaster@{text}")
    if isinstance(address, NotAnAddress):
        raise Problem("invalid_identity", address.why, "/identity")
    return address.spelled if "@" in text else address.domain


def _told(identity: Identity) -> ToldIdentity:
    records = [ToldRecord(name, "CNAME", value) for name, value in identity.records]
    return ToldIdentity(identity.name, identity.verified, records)
