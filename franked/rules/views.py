"""Other people's lists, over the same checks: the checklist before production, the usual reasons, the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from franked.rules.finding import Finding
from franked.rules.request import Phase

CHECKLIST: Mapping[str, tuple[str, ...]] = {  # C12
    "domain verified": ("identity",),
    "DKIM": ("dkim",),
    "SPF includes SES": ("mail_from", "spf"),
    "DMARC": ("dmarc",),
    "bounce endpoint": ("canary:bounce", "events"),
    "complaint endpoint": ("canary:complaint", "events"),
    "suppression list": ("suppression_list", "canary_dropped"),
    "templates reviewed": ("content", "approved"),
    "monitoring": ("cloudwatch_alarms", "admins"),
    "test mails sent": ("tested",),
}

REASONS: Mapping[str, tuple[str, ...]] = {  # D14: the five usual reasons of a refusal
    "unclear business": ("business", "purpose", "website"),
    "missing opt-in or opt-out": ("double_opt_in", "leaving", "unsubscribe_page"),
    "domain not verified": ("identity", "dkim", "dmarc"),
    "suspicion of spam": ("content", "origins", "rate_limits", "governor"),
    "incomplete request": ("signer", "volumes", "quota"),
}

APPROVED: Mapping[str, tuple[str, ...]] = {  # C16: after approval, in order
    "limits raised without a restart": ("account",),
    "production endpoints on": ("events", "identity"),
    "first days watched closely": ("governor", "careful"),
    "reputation dashboard": ("dashboard",),
    "sending-rate alarms": ("cloudwatch_alarms",),
}

PHASES: Mapping[str, tuple[str, ...]] = {  # D15: all but the request itself
    "preparation": (
        *("signer", "business", "sender", "website", "privacy_page", "unsubscribe_page", "contact_page"),
        *("identity", "dkim", "mail_from", "spf", "dmarc"),
    ),
    "compliance": ("purpose", "leaving", "double_opt_in", "content", "approved", "origins", "rules_reviewed"),
    "monitoring": ("events", "canary", "canary_dropped", "suppression_list", "admins", "account", "governor", "tested"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One line of such a list. `open`: what its checks found amiss; a key that was not checked is amiss, too, but for
    those that a product may have no use for."""

    name: str
    open: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        return not self.open


_MAY_LACK = {"double_opt_in", "approved"}  # no marketing; no template that needs approval


def points(view: Mapping[str, tuple[str, ...]], findings: Sequence[Finding]) -> list[Point]:
    return [Point(name, tuple(_open(keys, findings))) for name, keys in view.items()]


def phases(findings: Sequence[Finding]) -> list[Phase]:
    return [Phase(one.name, one.open) for one in points(PHASES, findings)]


def _open(keys: Sequence[str], findings: Sequence[Finding]) -> list[str]:
    amiss = []
    for key in keys:
        found = [one for one in findings if key in {one.key, one.id} and one.is_required]
        amiss += [f"{one.id} is {one.status}: {one.found}" for one in found if not one.is_ok]
        if not found and key not in _MAY_LACK:
            amiss.append(f"{key} was not checked")
    return amiss
