"""What the settings declare, as the core knows it."""

from collections.abc import Callable, Iterable

from franked.rules.alarm import Watching, with_admin_mail
from franked.rules.approval import Approval, asking
from franked.rules.canary import CANARY, canary_stream
from franked.rules.code import CodeLimits
from franked.rules.consent import with_confirmation
from franked.rules.declared import Declared
from franked.rules.lane import Lane
from franked.rules.ticket import kept_to_its_mailbox
from franked.rules.wanted import EVENTS, WEBHOOK, Wanted
from franked.settings import Settings
from franked.settings.reputation import AtLimit


def declare(settings: Settings, played_topic: str | None) -> Declared:
    """`played_topic`: the ARN of the simulated account's topic; None: SES is real."""
    letterhead = settings.sender
    by_default = Approval.NONE if played_topic else Approval.REQUIRED
    confirming = with_confirmation(settings.streams, letterhead.from_, settings.subscriptions.asking)
    asked = asking(confirming, settings.templates.approval or by_default)
    flying = {**with_admin_mail(asked, letterhead.from_), CANARY: canary_stream(letterhead.from_, settings.canary.plan)}
    watching = Watching(
        webhook=settings.alarms.posted_to,
        to_cloudwatch=settings.alarms.cloudwatch,
        topic=settings.alarms.topic,
        report_at=settings.report.hour if settings.report.daily else None,
    )
    return Declared(
        brand=letterhead.name,
        website=letterhead.website,
        postal_address=letterhead.postal_address,
        sender=letterhead.from_,
        admins=letterhead.admins,
        region=settings.ses.region,
        streams=kept_to_its_mailbox(flying, settings.tickets.office),
        topics=settings.topics,
        asking=settings.subscriptions.asking,
        configuration_sets=settings.configuration_sets.by_lane,
        sns_topics=frozenset([played_topic] if played_topic else settings.feedback.topics),
        default_locale=settings.templates.default_locale,
        call_deadline=settings.ses.call_deadline,
        keep_for=settings.store.keep_for,
        code_limits=CodeLimits(settings.codes.per_mailbox, settings.codes.per_ip, settings.codes.per_key),
        tickets=settings.tickets.office,
        watching=watching,
        canary=settings.canary.plan,
        at_ses=settings.suppression.consent,
        webhooks=tuple(settings.webhooks.values()),
        asked=settings.request.asked(letterhead.name),
        stops_all=settings.governor.at_limit is AtLimit.ALL,
        is_rehearsal=played_topic is not None,
        site_pages=settings.checks.pages,
    )


def keeps_contents(settings: Settings) -> Callable[[str], bool]:
    keeping = {stream.name for stream in settings.streams.values() if stream.keep_content}
    return keeping.__contains__


def wants(settings: Settings, asked: Iterable[str] = (), *, played: bool) -> Wanted:
    """What there must be at AWS for them. `asked`: addresses to be verified, whatever covers them."""
    senders = [settings.sender.from_, *(stream.sender for stream in settings.streams.values())]
    named, public, admins = settings.configuration_sets.by_lane, settings.server.public_url, settings.sender.admins
    webhook = f"{public.rstrip('/')}{WEBHOOK}" if public else None
    return Wanted(
        region=settings.ses.region,
        sender=settings.sender.from_.address.domain,
        domains=tuple(dict.fromkeys(one.address.domain for one in senders)),
        sets={lane: named.get(lane) or f"franked-{lane}" for lane in Lane},
        froms=tuple(dict.fromkeys(one.address.spelled for one in senders)),
        addresses=tuple(one.key for one in admins),
        asked=tuple(asked),
        unnamed=frozenset(set(Lane) - named.keys()),
        topic=None if played else _topic_here(settings),
        queue=_queue(settings) or (None if webhook else EVENTS),
        webhook=webhook,
        has_queue_url=settings.feedback.queue_url is not None,
        publishes_figures=settings.alarms.cloudwatch,
        reports_to=admins[0].spelled if admins else None,
        played=played,
    )


def _topic_here(settings: Settings) -> str | None:
    return next((one for one in settings.feedback.topics if one.split(":")[3] == settings.ses.region), None)


def _queue(settings: Settings) -> str | None:
    """Its name is the end of its URL."""
    return (settings.feedback.queue_url or "").rstrip("/").rpartition("/")[2] or None
