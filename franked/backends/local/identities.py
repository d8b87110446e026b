"""Identities of the simulated account, over the SES API. SES looks into the DNS when somebody asks for one."""

import hashlib
from typing import Any

from aiohttp import web

from franked.backends.local.answers import AwsError, already_exists, answer, bad_request, not_found, refusal
from franked.backends.local.doors import Door
from franked.backends.local.estate import OwnDkim, OwnMailFrom
from franked.backends.local.office import Office
from franked.backends.local.sends import checked
from franked.rules.at_aws import PENDING, SUCCESS, TEMPORARY_FAILURE, Record
from franked.rules.dns_needed import candidates, mail_from_records

ZONE = "dkim.amazonses.com"


async def create(request: web.Request, office: Office) -> web.Response:
    """A new one is pending: its owner clicks, or sets DNS (`verify`, the simulator's own verb, plays both)."""
    wire = checked(await request.read(), "CreateEmailIdentity")
    if isinstance(wire, AwsError):
        return refusal(wire)
    name = wire["EmailIdentity"]
    if not office.account.add_identity(name):
        return refusal(already_exists(f"Email identity {name} already exist."))
    shown = _identity(name.casefold(), office)
    return answer({key: shown[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")})


async def get(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"].casefold()
    if name not in office.account.standing.identities:
        return refusal(_no(name))
    await _look(name, office)
    return answer(_identity(name, office))


async def delete(request: web.Request, office: Office) -> web.Response:
    name = request.match_info["name"]
    if not office.account.remove_identity(name):
        return refusal(_no(name))
    office.estate.forget_identity(name.casefold())
    return answer({})


async def list_all(request: web.Request, office: Office) -> web.Response:
    listed = [
        {
            "IdentityName": name,
            "IdentityType": _kind(name),
            "SendingEnabled": verified,
            "VerificationStatus": _status(verified),
        }
        for name, verified in sorted(office.account.standing.identities.items())
    ]
    return answer({"EmailIdentities": listed})


async def put_mail_from(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "PutEmailIdentityMailFromAttributes")
    if isinstance(wire, AwsError):
        return refusal(wire)
    domain = wire.get("MailFromDomain")
    if not domain:
        office.estate.book.mail_from.pop(name, None)
    elif not domain.casefold().endswith(f".{name.rpartition('@')[2]}"):
        return refusal(bad_request(f"Provided MAIL-FROM domain <{domain}> is not subdomain of the domain <{name}>."))
    else:
        behaviour = wire.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
        office.estate.book.mail_from[name] = OwnMailFrom(domain.casefold(), behaviour)
    office.estate.keep()
    return answer({})


async def put_dkim(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "PutEmailIdentityDkimAttributes")
    if isinstance(wire, AwsError):
        return refusal(wire)
    _dkim_of(name, office).is_on = wire.get("SigningEnabled", False)
    office.estate.keep()
    return answer({})


async def put_dkim_signing(request: web.Request, office: Office) -> web.Response:
    """SES looks anew, for other tokens."""
    name, wire = await _asked(request, office, "PutEmailIdentityDkimSigningAttributes")
    if isinstance(wire, AwsError):
        return refusal(wire)
    dkim = _dkim_of(name, office)
    dkim.generation, dkim.status = dkim.generation + 1, PENDING
    office.estate.keep()
    return answer({"DkimStatus": PENDING, "DkimTokens": _tokens(name, dkim.generation)})


async def put_configuration_set(request: web.Request, office: Office) -> web.Response:
    name, wire = await _asked(request, office, "PutEmailIdentityConfigurationSetAttributes")
    if isinstance(wire, AwsError):
        return refusal(wire)
    chosen = wire.get("ConfigurationSetName")
    if chosen and chosen not in office.account.standing.configuration_sets:
        return refusal(not_found(f"Configuration set <{chosen}> does not exist."))
    office.estate.book.of_identity[name] = chosen or ""
    office.estate.keep()
    return answer({})


async def _asked(request: web.Request, office: Office, operation: str) -> tuple[str, dict[str, Any] | AwsError]:
    name = request.match_info["name"].casefold()
    if name not in office.account.standing.identities:
        return name, _no(name)
    return name, checked(await request.read(), operation)


def _no(name: str) -> AwsError:
    return not_found(f"Email identity {name} does not exist.")


# --- what the DNS says ------------------------------------------------------------------------------------------------


async def _look(name: str, office: Office) -> None:
    """Without a resolver a domain is what its owner says it is."""
    if office.resolver is None or "@" in name:
        return
    dkim = _dkim_of(name, office)
    seen = await office.resolver.has(_dkim_records(name, dkim.generation))
    dkim.status = _next(dkim.status, seen, was_there=office.account.standing.identities[name])
    if dkim.status == SUCCESS and not office.account.standing.identities[name]:
        office.account.verify(name)
    if mail_from := office.estate.book.mail_from.get(name):
        found = await office.resolver.has(mail_from_records(mail_from.domain, office.account.region))
        mail_from.status = _next(mail_from.status, found, was_there=mail_from.status != PENDING)
    office.estate.keep()


def _next(status: str, seen: bool | None, *, was_there: bool) -> str:
    """What nobody can tell leaves it as it was."""
    if seen is None:
        return status
    return SUCCESS if seen else TEMPORARY_FAILURE if was_there else PENDING


def _dkim_records(domain: str, generation: int) -> list[Record]:
    return [Record(f"{one}._domainkey.{domain}", "CNAME", f"{one}.{ZONE}") for one in _tokens(domain, generation)]


# --- how it is told ---------------------------------------------------------------------------------------------------


def _identity(name: str, office: Office) -> dict[str, Any]:
    verified, book = office.account.standing.identities[name], office.estate.book
    chosen, mail_from = book.of_identity.get(name), book.mail_from.get(name)
    return {
        "IdentityType": _kind(name),
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": _status(verified),
        "FeedbackForwardingStatus": True,
        "DkimAttributes": _dkim(name, office),
        "Policies": {},
        "Tags": [],
        **({"ConfigurationSetName": chosen} if chosen else {}),
        **({"MailFromAttributes": _mail_from(mail_from, verified, office)} if mail_from else {}),
    }


def _mail_from(mail_from: OwnMailFrom, verified: bool, office: Office) -> dict[str, Any]:
    return {
        "MailFromDomain": mail_from.domain,
        "MailFromDomainStatus": mail_from.status if office.resolver else _status(verified),
        "BehaviorOnMxFailure": mail_from.behaviour,
    }


def _dkim(name: str, office: Office) -> dict[str, Any]:
    if "@" in name:
        return _dkim_of_address(name, office)
    dkim, verified = office.estate.book.dkim.get(name, OwnDkim()), office.account.standing.identities[name]
    return {
        "SigningEnabled": dkim.is_on,
        "Status": dkim.status if office.resolver else _status(verified),
        "Tokens": _tokens(name, dkim.generation),
        "SigningHostedZone": ZONE,
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    }


def _dkim_of_address(name: str, office: Office) -> dict[str, Any]:
    """As its domain, unless it has settings of its own."""
    known, own = office.account.standing.identities, office.estate.book.dkim.get(name)
    domain = next((one for one in candidates(name.rpartition("@")[2]) if known.get(one)), None)
    inherited = _dkim(domain, office) if domain else {"SigningEnabled": False, "Status": "NOT_STARTED"}
    signs = inherited["SigningEnabled"] if own is None else own.is_on
    return {"SigningEnabled": signs, "Status": inherited["Status"], "SigningAttributesOrigin": "AWS_SES"}


def _dkim_of(name: str, office: Office) -> OwnDkim:
    return office.estate.book.dkim.setdefault(name, OwnDkim())


def _tokens(name: str, generation: int) -> list[str]:
    again = f" {generation}" if generation else ""
    return [hashlib.sha256(f"{number} {name}{again}".encode()).hexdigest()[:32] for number in range(3)]


def _kind(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"


def _status(verified: bool) -> str:
    return SUCCESS if verified else PENDING


DOORS: tuple[tuple[str, str, Door], ...] = (
    ("POST", "/v2/email/identities", create),
    ("GET", "/v2/email/identities", list_all),
    ("POST", "/v2/email/list-identities", list_all),  # newer SDKs
    ("GET", "/v2/email/identities/{name}", get),
    ("DELETE", "/v2/email/identities/{name}", delete),
    ("PUT", "/v2/email/identities/{name}/mail-from", put_mail_from),
    ("PUT", "/v2/email/identities/{name}/dkim", put_dkim),
    ("PUT", "/v2/email/identities/{name}/dkim/signing", put_dkim_signing),
    ("PUT", "/v2/email/identities/{name}/configuration-set", put_configuration_set),
)
