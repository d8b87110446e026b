"""What SES, SNS and CloudWatch have for us in this Region."""

import asyncio
from collections.abc import Iterator, Sequence

from franked.access.checks.dns import SendingDomain, domain_checks
from franked.access.checks.product import MISSING, OK, WRONG, domains_of, own_streams
from franked.access.checks.website import Website, website_checks
from franked.access.covers import covers
from franked.outside import Control, ControlUnreadable
from franked.ports import World
from franked.rules.at_aws import BOTH_REASONS, SUCCESS, SesIdentity, SesSet, SnsTopic
from franked.rules.dashboard import dashboard_name
from franked.rules.declared import Declared
from franked.rules.finding import Evidence, Finding, Status
from franked.rules.gauge import PREFIX, alarms_for

SETUP = ("franked setup --apply",)
KINDS = frozenset({"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE"})


async def of_identities(world: World) -> Iterator[Finding]:
    control = _control(world)
    domains = domains_of(world.declared)
    found = await asyncio.gather(*(covers(domain, control) for domain in domains))
    of_domains = [_domain(name, one, world) for name, one in zip(domains, found, strict=True)]
    of_mail = [_default_set(name, one, world) for name, one in zip(domains, found, strict=True)]
    return iter([*of_domains, *of_mail, *await _addresses(control, world)])


def _domain(name: str, identity: SesIdentity | None, world: World) -> Finding:
    region = world.declared.region
    if identity is None:
        return Finding("identity", MISSING, f"SES in {region} does not know {name}", name, fix=SETUP)
    known, dkim = identity.name, identity.dkim
    seen = (Evidence(f"GetEmailIdentity {known}", f"{identity.status}, DKIM {dkim.status}", world.now()),)
    if not identity.verified or dkim.status != SUCCESS:
        trouble = f" ({identity.trouble})" if identity.trouble else ""
        fix = tuple(f"{one.name}. {one.kind} {one.value}." for one in identity.dkim_records)
        found = f"{known} is {identity.status}, its DKIM {dkim.status}{trouble}"
        return Finding("identity", WRONG, found, name, seen, fix=(*fix, "franked setup --wait"))
    if not dkim.is_on:
        fix = (f"aws sesv2 put-email-identity-dkim-attributes --email-identity {known} --signing-enabled",)
        return Finding("identity", WRONG, f"the DKIM signing of {known} is switched off", name, seen, fix=fix)
    by = "" if known == name else f" for {name}"
    return Finding("identity", OK, f"{known} is verified in {region}, and may send{by}", name, seen)


def _default_set(name: str, identity: SesIdentity | None, world: World) -> Finding:
    """Of mail that is sent past Franked, which names no set."""
    has, ours = identity.configuration_set if identity else None, list(world.declared.configuration_sets.values())
    found = f"mail of {name} that names no configuration set goes by {has or 'none'}"
    if has in ours:
        return Finding("default_set", OK, found, name, is_required=False)
    fix = SETUP
    if identity and has and ours:
        put = "aws sesv2 put-email-identity-configuration-set-attributes"
        fix = (f"{put} --email-identity {identity.name} --configuration-set-name {ours[0]}",)
    unheard = f"{found}: its bounces are not heard"
    return Finding("default_set", WRONG if has else MISSING, unheard, name, fix=fix, is_required=False)


async def _addresses(control: Control, world: World) -> Sequence[Finding]:
    """An address that SES knows besides its domain has settings of its own: unsigned, it fails DMARC (ses/05)."""
    known = await control.identities()
    senders = {stream.sender.address.key for stream in own_streams(world.declared)}
    found = [await _address(name, control) for name in sorted(senders & set(known))]
    return found or [Finding("address", OK, "no sender's address is known to SES besides its domain")]


async def _address(name: str, control: Control) -> Finding:
    identity, remove = await control.identity(name), f"aws sesv2 delete-email-identity --email-identity {name}"
    if identity is None or not identity.verified:
        return Finding("address", WRONG, f"{name} is not verified, and stands before its domain", name, fix=(remove,))
    if not (identity.dkim.is_on and identity.dkim.status == SUCCESS):
        found = f"{name} is verified besides its domain, stands before it, and does not sign"
        sign = f"aws sesv2 put-email-identity-dkim-attributes --email-identity {name} --signing-enabled"
        return Finding("address", WRONG, found, name, fix=(sign, remove))
    return Finding("address", OK, f"{name} is verified besides its domain, and signs as it does", name)


async def of_dns(world: World) -> Iterator[Finding]:
    """What the domains publish, beside what SES wants them to."""
    control = _control(world)
    if world.dns is None:
        return iter([Finding("dkim", Status.UNKNOWN, "nothing here asks the DNS")])
    domains = domains_of(world.declared)
    found = await asyncio.gather(*(covers(domain, control) for domain in domains))
    expected = [_sending(name, one, world.declared) for name, one in zip(domains, found, strict=True)]
    return iter(await domain_checks(expected, world.dns, world.now))


def _sending(name: str, identity: SesIdentity | None, declared: Declared) -> SendingDomain:
    answers = {stream.reply_to.address.key for stream in own_streams(declared) if stream.reply_to}
    return SendingDomain(
        domain=name,
        region=declared.region,
        parent=identity.name if identity and identity.name != name else "",
        dkim_tokens=identity.dkim.tokens if identity else (),
        hosted_zone=identity.dkim.zone if identity else "",
        mail_from=identity.mail_from.domain if identity and identity.mail_from else "",
        senders=(name,),
        replies_to=tuple(sorted({one.rpartition("@")[2] for one in answers})),
        reports_to=declared.admins[0].spelled if declared.admins else "",
    )


async def of_website(world: World) -> Iterator[Finding]:
    if world.visitor is None:
        return iter([Finding("website", Status.UNKNOWN, "nothing here opens websites")])
    declared = world.declared
    return iter(await website_checks(Website(declared.website, declared.site_pages), world.visitor, world.now))


async def of_events(world: World) -> Iterator[Finding]:
    """Each lane has its set, which publishes all to a topic that we believe, and the topic is subscribed."""
    control, sets = _control(world), world.declared.configuration_sets
    if not sets:
        fix = ("[ses.configuration_sets] urgent, normal, bulk", *SETUP)
        return iter([Finding("events", MISSING, "no configuration set is named: nobody hears of a bounce", fix=fix)])
    found = await asyncio.gather(*(control.configuration_set(name) for name in sets.values()))
    of_sets = [_set(lane, name, one, world) for (lane, name), one in zip(sets.items(), found, strict=True)]
    return iter([*of_sets, *await _topics(control, world)])


def _set(lane: str, name: str, one: SesSet | None, world: World) -> Finding:
    if one is None:
        return Finding("events", MISSING, f"there is no configuration set {name!r}", lane, fix=SETUP)
    silent = KINDS - one.kinds_to(world.declared.sns_topics)
    published = ", ".join(sorted(KINDS - silent)) or "nothing"
    seen = (Evidence(f"configuration set {name} publishes", published, world.now()),)
    if silent:
        found = f"{name!r} does not publish {', '.join(sorted(silent))} to a topic of [feedback] topics"
        return Finding("events", WRONG, found, lane, seen, fix=SETUP)
    if not one.sends:
        fix = ("franked governor", "franked governor release")
        return Finding("events", WRONG, f"{name!r} is switched off at SES", lane, seen, fix=fix)
    return Finding("events", OK, f"{name!r} publishes every event that matters", lane, seen)


async def _topics(control: Control, world: World) -> Sequence[Finding]:
    topics = sorted(world.declared.sns_topics)
    if not topics:
        return [Finding("topic", MISSING, "[feedback] topics names none", fix=SETUP)]
    return [_topic(arn, await control.topic(arn), world) for arn in topics]


def _topic(arn: str, topic: SnsTopic | None, world: World) -> Finding:
    name = arn.rpartition(":")[2]
    if topic is None:
        return Finding("topic", MISSING, f"there is no topic {arn}", name, fix=SETUP)
    confirmed = [one for one in topic.subscriptions if one.confirmed]
    if not confirmed:
        return Finding("topic", WRONG, f"nobody is subscribed to {name}", name, fix=SETUP)
    value = ", ".join(f"{one.protocol} {one.endpoint}" for one in confirmed)
    seen = (Evidence(f"subscriptions of {arn}", value, world.now()),)
    return Finding("topic", OK, f"{name} is subscribed", name, seen)


async def of_suppression(world: World) -> Iterator[Finding]:
    account = await _control(world).account()
    seen = (Evidence("SuppressedReasons", ", ".join(sorted(account.reasons)) or "none", world.now()),)
    if account.reasons >= BOTH_REASONS:
        found = "SES's own list is on for bounces and complaints"
        return iter([Finding("suppression_list", OK, found, evidence=seen)])
    off = ", ".join(sorted(BOTH_REASONS - account.reasons))
    return iter([Finding("suppression_list", WRONG, f"SES's own list is off for {off}", evidence=seen, fix=SETUP)])


async def of_alarms(world: World) -> Iterator[Finding]:
    """Those that setup keeps, by name: what stands on AWS's own figures."""
    there = await _control(world).alarms(PREFIX)
    standing = await world.store.standing(world.now())
    rate = standing.access.rate if standing.access else 1.0
    wanted = [f"{PREFIX}-{one.name}" for one in alarms_for(rate) if not one.is_ours]
    seen = (Evidence("DescribeAlarms", ", ".join(sorted(there)) or "none", world.now()),)
    missing = [name for name in wanted if name not in there]
    if missing:
        found = f"CloudWatch has no {', '.join(missing)}"
        return iter([Finding("cloudwatch_alarms", MISSING, found, evidence=seen, fix=("franked alarms --cloudwatch",))])
    return iter([Finding("cloudwatch_alarms", OK, f"{len(wanted)} alarms stand on AWS's own figures", evidence=seen)])


async def of_dashboard(world: World) -> Iterator[Finding]:
    name = dashboard_name(world.declared.sender.address.domain)
    if await _control(world).dashboard(name) is None:
        found = f"CloudWatch has no dashboard {name}"
        return iter([Finding("dashboard", MISSING, found, fix=SETUP, is_required=False)])
    return iter([Finding("dashboard", OK, f"the dashboard {name} shows rates and sends", is_required=False)])


def _control(world: World) -> Control:
    if world.control is None:
        raise ControlUnreadable("nothing here asks AWS")
    return world.control
