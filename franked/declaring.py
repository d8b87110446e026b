"""What the settings declare, as the core knows it."""

from franked.ports import Declared
from franked.rules.alarm import Watching, with_admin_mail
from franked.rules.approval import Approval, asking
from franked.rules.canary import CANARY, canary_stream
from franked.rules.code import CodeLimits
from franked.rules.consent import with_confirmation
from franked.rules.ticket import kept_to_its_mailbox
from franked.settings import Settings


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
        site_pages=settings.checks.pages,
    )
