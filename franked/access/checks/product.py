"""What the settings and templates must say before anybody is asked for anything."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from franked.formats.lint.lint import lint
from franked.ports import World
from franked.rules.asking import Volume, total
from franked.rules.content import Content
from franked.rules.declared import Declared
from franked.rules.finding import Evidence, Finding, Status
from franked.rules.rates import WEEK
from franked.rules.stream import Kind, Stream

OK, MISSING, WRONG = Status.OK, Status.MISSING, Status.WRONG
FREE_MAIL = {
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "gmx.net",
    "gmx.de",
    "icloud.com",
}
RESERVED = ("example.com", "example.org", "example.net")


def own_streams(declared: Declared) -> Sequence[Stream]:
    """Those of the product: AWS is not told of Franked's own, which mail the admins and SES's simulator."""
    return [stream for name, stream in declared.streams.items() if not name.startswith("franked-")]


def domains_of(declared: Declared) -> tuple[str, ...]:
    """Of all senders, the account's own first."""
    senders = [declared.sender, *(stream.sender for stream in own_streams(declared))]
    return tuple(dict.fromkeys(one.address.key.rpartition("@")[2] for one in senders))


async def of_request(world: World) -> Iterator[Finding]:
    return iter([*_signed(world.declared), *_described(world.declared)])


def _signed(declared: Declared) -> Iterator[Finding]:
    asked = declared.asked
    unsaid = [
        name for name, said in (("signer", asked.signer), ("role", asked.role), ("email", asked.email)) if not said
    ]
    if unsaid:
        fix = tuple(f'[request] {name} = "…"' for name in unsaid)
        yield Finding("signer", MISSING, f"[request] says no {' and no '.join(unsaid)}", fix=fix)
    elif asked.email and asked.email.key.rpartition("@")[2] in FREE_MAIL:
        found = "the signer's address is one of a free mail service"
        yield Finding("signer", WRONG, found, fix=('[request] email = "you@your-domain"',))
    else:
        yield Finding("signer", OK, f"{asked.signer}, {asked.role}")


def _described(declared: Declared) -> Iterator[Finding]:
    asked = declared.asked
    unsaid = [name for name, said in (("business", asked.business), ("recipients", asked.recipients)) if len(said) < 20]
    if unsaid:
        fix = tuple(f'[request] {name} = "…"' for name in unsaid)
        yield Finding("business", MISSING, f"[request] says too little of {' and '.join(unsaid)}", fix=fix)
    else:
        yield Finding("business", OK, asked.business)


async def of_streams(world: World) -> Iterator[Finding]:
    found = [one for stream in own_streams(world.declared) for one in _of_stream(stream)]
    if not found:
        return iter([Finding("purpose", MISSING, "no stream is declared", fix=("[streams.NAME] …: franked init",))])
    return iter(found)


def _of_stream(stream: Stream) -> Iterator[Finding]:
    yield _purpose(stream)
    yield _leaving(stream)
    if stream.kind is Kind.MARKETING:
        yield _opt_in(stream)


def _purpose(stream: Stream) -> Finding:
    section = f"[streams.{stream.name}]"
    unsaid = [name for name, said in (("purpose", stream.purpose), ("asked_by", stream.asked_by)) if len(said) < 10]
    if unsaid:
        fix = tuple(f'{section} {name} = "…"' for name in unsaid)
        found = f"{section} does not say {' and '.join(unsaid)}"
        return Finding("purpose", MISSING, found, stream.name, fix=fix)
    return Finding("purpose", OK, stream.purpose, stream.name)


def _leaving(stream: Stream) -> Finding:
    if stream.topic:
        found = f"its readers leave the topic {stream.topic!r}: one-click header, link in the mail"
        return Finding("leaving", OK, found, stream.name)
    if stream.kind is Kind.NOTIFICATION:
        found = "a notification can be turned off, and this one has no topic"
        return Finding("leaving", WRONG, found, stream.name, fix=(f'[streams.{stream.name}] topic = "…"',))
    if not stream.not_left_because:
        fix = (f'[streams.{stream.name}] not_left_because = "…"',)
        return Finding("leaving", MISSING, "nothing says why it can't be left", stream.name, fix=fix)
    return Finding("leaving", OK, f"can't be left: {stream.not_left_because}", stream.name)


def _opt_in(stream: Stream) -> Finding:
    """rules.verdict holds it: row 6 drops marketing without a confirmed consent."""
    found = f"only readers with a confirmed consent to {stream.topic!r} are mailed; others are dropped as no_consent"
    return Finding("double_opt_in", OK, found, stream.name)


async def of_templates(world: World) -> Iterator[Finding]:
    approved = await world.store.approved_versions()
    streams = [one for one in own_streams(world.declared) if one.content is Content.TEMPLATE]
    return iter([finding for one in streams for finding in _of_template(one, approved, world)])


def _of_template(stream: Stream, approved: frozenset[str], world: World) -> Iterator[Finding]:
    template = world.templates.current(stream.template)
    if template is None:
        found = f"there is no template {stream.template!r}"
        yield Finding(
            "content", MISSING, found, stream.name, fix=(f"write mail/{stream.template}/en.html: franked init",)
        )
        return
    objections = [one for one in lint(template, [stream], world.declared.contact) if one.matters]
    if objections:
        fix = tuple(f"{one.file}:{one.line}: {one.why}; {one.way_out}" for one in objections[:5])
        yield Finding("content", WRONG, f"{len(objections)} things to mend", stream.name, fix=fix)
    else:
        yield Finding("content", OK, f"template {stream.template!r} passes the lint", stream.name)
    yield _approval(stream, template.version, template.version in approved, world)


def _approval(stream: Stream, version: str, is_approved: bool, world: World) -> Finding:
    seen = (Evidence(f"template {stream.template}", version, world.now()),)
    name = stream.template
    if is_approved:
        return Finding("approved", OK, f"{name!r} stands approved by a second person", stream.name, seen)
    fix = (f"franked templates submit {name} --by NAME", f"franked templates approve {name} --by ANOTHER")
    return Finding(
        "approved", MISSING, f"nobody has approved the template {name!r} as it is", stream.name, seen, fix=fix
    )


async def of_limits(world: World) -> Iterator[Finding]:
    """Codes are limited by mailbox, caller and address, always; here is what the settings add."""
    limits = world.declared.code_limits
    per = {"mailbox": limits.per_mailbox, "IP address": limits.per_ip, "API key": limits.per_key}
    said = [f"{limit} per {what}" for what, limit in per.items() if limit]
    codes = [stream for stream in own_streams(world.declared) if stream.codes]
    if codes and not said:
        fix = ('[codes] per_mailbox = "10/hour"', '[codes] per_ip = "30/hour"')
        return iter([Finding("rate_limits", MISSING, "codes have no limit", fix=fix)])
    limited = [
        f"{one.name}: {one.per_recipient} per recipient" for one in own_streams(world.declared) if one.per_recipient
    ]
    found = "; ".join([*([f"codes: {', '.join(said)}"] if said else []), *limited]) or "no stream sends codes"
    return iter([Finding("rate_limits", OK, found)])


async def of_volume(world: World) -> Iterator[Finding]:
    sent: Counter[str] = Counter()
    for part in await world.store.parts(world.now() - WEEK, world.now()):
        sent[part.stream] += part.n if part.what == "sent" else 0
    return iter([volumes(world.declared, sent), _quota(world.declared)])


def volumes(declared: Declared, sent: Mapping[str, int]) -> Finding:
    """`sent`: in the last week, by stream. A plan that it has overtaken is out of date (F7)."""
    silent = [one.name for one in own_streams(declared) if one.planned is None]
    if silent:
        fix = tuple(f'[streams.{name}] planned = "10-50"' for name in silent)
        return Finding("volumes", MISSING, f"no volume is planned for {', '.join(silent)}", fix=fix)
    for one in own_streams(declared):
        if one.planned and sent.get(one.name, 0) > one.planned.most * WEEK.days:
            a_day = f"{sent[one.name] / WEEK.days:.0f}"
            found = f"{one.name} sent {a_day} mails a day in the last week, and {one.planned} are planned"
            return Finding("volumes", WRONG, found, fix=(f'[streams.{one.name}] planned = "0-{a_day}"',))
    return Finding("volumes", OK, f"{planned_of(declared)} a day")


def planned_of(declared: Declared) -> Volume | None:
    """A day of all streams together."""
    return total(one.planned for one in own_streams(declared) if one.planned)


def _quota(declared: Declared) -> Finding:
    """What is asked for holds the busiest day that is expected, and is not a hundred times that."""
    asked, planned = declared.asked, planned_of(declared)
    if asked.per_day is None:
        return Finding("quota", MISSING, "[request] names no quota", fix=("[request] per_day = 1000",))
    busiest = max(asked.peak_per_day or 0, asked.later or 0, planned.most if planned else 0)
    if asked.per_day < busiest:
        found = f"{asked.per_day:,} a day are asked for, and {busiest:,} expected"
        return Finding("quota", WRONG, found, fix=(f"[request] per_day = {busiest}",))
    if asked.per_day > 2 * busiest and not asked.reason:
        found = f"{asked.per_day:,} a day are asked for, {busiest:,} expected, and nothing says why"
        return Finding("quota", WRONG, found, fix=('[request] reason = "…"', f"[request] per_day = {2 * busiest}"))
    return Finding("quota", OK, f"{asked.per_day:,} a day for {busiest:,} on the busiest")


async def of_senders(world: World) -> Iterator[Finding]:
    """Each From is of one domain of the product's own."""
    senders = {stream.sender.address.key for stream in own_streams(world.declared)} | {
        world.declared.sender.address.key
    }
    foreign = sorted(one for one in senders if one.rpartition("@")[2] in FREE_MAIL)
    if foreign:
        fix = ('[streams.NAME] from = "You <no-reply@your-domain>"',)
        return iter([Finding("sender", WRONG, f"{', '.join(foreign)}: not a domain of yours", fix=fix)])
    return iter([Finding("sender", OK, ", ".join(sorted(senders)))])
