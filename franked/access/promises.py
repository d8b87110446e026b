"""What the letter can say, each sentence with what makes it true.

The words stand in words/en.toml and, for reading, words/de.toml, by the promise's key. A promise whose checks fail is
on the list of what is to be done, and not in the letter.
"""

from collections.abc import Iterator

from franked.access.checks.product import own_streams, planned_of
from franked.access.facts import Facts
from franked.rules.promise import Promise, Section
from franked.rules.stream import Stream


def promises(facts: Facts) -> Iterator[Promise]:
    """In the order of the letter."""
    yield from _of_sender(facts)
    yield from _of_streams(facts)
    yield from _of_recipients(facts)
    yield from _of_bounces(facts)
    yield from _of_leaving(facts)
    yield from _of_authentication(facts)
    yield from _of_lists(facts)
    yield from _of_templates(facts)
    yield from _of_monitoring(facts)
    yield from _of_compliance(facts)
    yield from _of_volumes(facts)
    yield from _of_tests(facts)


def _of_sender(facts: Facts) -> Iterator[Promise]:
    asked, declared = facts.declared.asked, facts.declared
    for domain in facts.domains:
        slots = {"domain": domain, "region": declared.region, "company": asked.company}
        yield Promise("identity", Section.SENDER, (f"identity:{domain}", "account"), slots, domain)
    yield Promise("kinds", Section.SENDER, ("purpose", "sender"), {"kinds": facts.kinds})
    yield Promise("business", Section.SENDER, ("business", "signer"), {"business": _full(asked.business)})
    yield Promise(
        "website",
        Section.SENDER,
        ("website", "privacy_page", "unsubscribe_page", "contact_page"),
        {"website": declared.website},
    )


def _of_streams(facts: Facts) -> Iterator[Promise]:
    for stream in own_streams(facts.declared):
        slots = {
            "stream": stream.name,
            "kind": stream.kind.value,
            "from": stream.sender.address.spelled,
            "purpose": _full(stream.purpose),
            "asked_by": _full(stream.asked_by),
        }
        yield Promise("stream", Section.STREAMS, (f"purpose:{stream.name}",), slots, stream.name)
        yield _volume(stream, facts)


def _volume(stream: Stream, facts: Facts) -> Promise:
    """Measured where there is history, else planned; and it says which."""
    if measured := facts.measured.get(stream.name):
        slots = {"volume": f"{measured.a_day:,.0f}", "days": str(measured.days), "busiest": f"{measured.busiest:,}"}
        return Promise("volume_measured", Section.STREAMS, ("volumes",), slots, stream.name)
    return Promise("volume_planned", Section.STREAMS, ("volumes",), {"volume": str(stream.planned)}, stream.name)


def _of_recipients(facts: Facts) -> Iterator[Promise]:
    yield Promise(
        "recipients", Section.RECIPIENTS, ("business",), {"recipients": _full(facts.declared.asked.recipients)}
    )
    if any(not stream.standing for stream in own_streams(facts.declared)):
        yield Promise("triggered", Section.RECIPIENTS, ("purpose", "origins"))
    if facts.origins:
        yield Promise("origins", Section.RECIPIENTS, ("origins",), {"origins": facts.origins})
    else:
        yield Promise("origins_none", Section.RECIPIENTS, ("origins",))
    if facts.marketing:
        yield Promise("double_opt_in", Section.RECIPIENTS, ("double_opt_in",), {"topics": facts.marketing})
    if any(stream.codes or stream.per_recipient for stream in own_streams(facts.declared)):
        yield Promise("rate_limits", Section.RECIPIENTS, ("rate_limits",), {"limits": facts.limits})


def _of_bounces(facts: Facts) -> Iterator[Promise]:
    loop = ("canary_dropped", "events")
    yield Promise("bounce", Section.BOUNCES, ("canary:bounce", *loop), facts.canary("bounce"))
    yield Promise("complaint", Section.BOUNCES, ("canary:complaint", *loop), facts.canary("complaint"))
    yield Promise("soft_bounce", Section.BOUNCES, ("events",))
    yield Promise("ses_list", Section.BOUNCES, ("suppression_list",))
    key = "governor_all" if facts.stops_all else "governor"
    yield Promise(key, Section.BOUNCES, ("governor",))


def _of_leaving(facts: Facts) -> Iterator[Promise]:
    for stream in own_streams(facts.declared):
        needs = (f"leaving:{stream.name}", f"content:{stream.name}")
        if stream.topic:
            topic = facts.declared.topics.get(stream.topic)
            slots = {"stream": stream.name, "topic": topic.title_in("en") if topic else stream.topic}
            yield Promise("can_be_left", Section.LEAVING, needs, slots, stream.name)
        else:
            slots = {"stream": stream.name, "because": _full(stream.not_left_because)}
            yield Promise("not_left", Section.LEAVING, needs, slots, stream.name)


def _of_authentication(facts: Facts) -> Iterator[Promise]:
    for domain in facts.domains:
        mail_from = facts.mail_from(domain)
        slots = {"domain": domain, "mail_from": mail_from}
        yield Promise(
            "dkim", Section.AUTHENTICATION, (f"dkim:{domain}", f"identity:{domain}", "address"), slots, domain
        )
        yield Promise(
            "spf",
            Section.AUTHENTICATION,
            (f"mail_from:{domain}", f"spf:{mail_from or domain}"),
            slots,
            domain,
        )
        yield Promise("dmarc", Section.AUTHENTICATION, (f"dmarc:{domain}", f"dkim_alignment:{domain}"), slots, domain)
        yield Promise("mx", Section.AUTHENTICATION, (f"mx:{domain}",), slots, domain)


def _of_lists(facts: Facts) -> Iterator[Promise]:
    yield Promise("no_list" if not facts.marketing else "lists", Section.LISTS, ("origins", "purpose"))
    if facts.imports:
        yield Promise("imports", Section.LISTS, ("origins",), {"imports": facts.imports})
    yield Promise("cleaning", Section.LISTS, ("events", "origins"))


def _of_templates(facts: Facts) -> Iterator[Promise]:
    if any(stream.needs_approval for stream in own_streams(facts.declared)):
        yield Promise("approval", Section.TEMPLATES, ("approved", "content"), {"approvals": facts.approvals})
    for name in facts.inline:
        yield Promise("inline", Section.TEMPLATES, (f"purpose:{name}",), {"stream": name}, name)


def _of_monitoring(facts: Facts) -> Iterator[Promise]:
    admins = {"admins": str(len(facts.declared.admins))}
    yield Promise("alarms", Section.MONITORING, ("admins",), admins)
    yield Promise("cloudwatch", Section.MONITORING, ("cloudwatch_alarms",))
    if facts.declared.watching.report_at is not None:
        yield Promise("report", Section.MONITORING, ("admins",), admins)


def _of_compliance(facts: Facts) -> Iterator[Promise]:
    yield Promise("aup", Section.COMPLIANCE, ("rules_reviewed",), {"reviewed": facts.reviewed})
    yield Promise("can_spam", Section.COMPLIANCE, ("content", "leaving"), {"address": facts.declared.postal_address})
    yield Promise("gdpr", Section.COMPLIANCE, ("origins",))


def _of_volumes(facts: Facts) -> Iterator[Promise]:
    asked, planned = facts.declared.asked, planned_of(facts.declared)
    needs = ("volumes", "quota")
    if planned:
        slots = {"day": str(planned), "month": str(planned.times(30))}
        yield Promise("total", Section.VOLUMES, ("volumes",), slots)
    if asked.peak_per_day:
        yield Promise("peak_day", Section.VOLUMES, needs, {"peak": f"{asked.peak_per_day:,}"})
    if asked.peak_per_hour:
        yield Promise("peak_hour", Section.VOLUMES, needs, {"peak": f"{asked.peak_per_hour:,}"})
    if asked.later:
        yield Promise("later", Section.VOLUMES, needs, {"later": f"{asked.later:,}"})
    yield Promise("asked", Section.VOLUMES, needs, {"quota": f"{asked.per_day or 0:,}", "reason": _full(asked.reason)})
    if asked.per_second:
        yield Promise("rate", Section.VOLUMES, needs, {"rate": f"{asked.per_second:g}"})
    yield Promise("pace", Section.VOLUMES, ("account",))
    yield Promise("dedicated_ip" if asked.dedicated_ip else "shared_ip", Section.VOLUMES, ("quota",))


def _of_tests(facts: Facts) -> Iterator[Promise]:
    for stream in own_streams(facts.declared):
        if item := facts.tested.get(stream.name):
            slots = {"stream": stream.name, "message": item.value, "at": f"{item.at:%Y-%m-%d %H:%M} UTC"}
            yield Promise("tested", Section.TESTS, (f"tested:{stream.name}",), slots, stream.name)
        else:
            yield Promise("tested", Section.TESTS, (f"tested:{stream.name}",), {}, stream.name)


def _full(sentence: str) -> str:
    """Ends as a sentence does."""
    said = sentence.strip()
    return said if not said or said.endswith((".", "!", "?")) else f"{said}."
