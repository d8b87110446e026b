"""The part of the table that is about the production-access request: who asks AWS for what."""

# ruff: noqa: RUF009 (as in settings.table)

from dataclasses import dataclass

from franked.rules.address import Address
from franked.rules.asking import Asked
from franked.settings import forms
from franked.settings.setting import setting

_CASE = forms.shaped("a support case's number", r"[0-9-]{6,40}")


@dataclass(frozen=True, slots=True)
class Request:
    """The production-access request (docs/access.md). Without these the letter is not released."""

    signer: str | None = setting(forms.text(), None, "Who signs the letter.", unsaid="nobody")
    role: str | None = setting(forms.text(), None, "The signer's role in the company.", unsaid="not said")
    email: Address | None = setting(
        forms.address(), None, "Where AWS reaches the signer: a mailbox that is read.", unsaid="nowhere"
    )
    company: str | None = setting(forms.text(), None, "The company's name.", unsaid="`[sender] name`")
    business: str | None = setting(
        forms.text(), None, "What the product is and for whom, in a sentence or two.", unsaid="not said"
    )
    recipients: str | None = setting(forms.text(), None, "Who the recipients are, in a sentence.", unsaid="not said")
    per_day: int | None = setting(
        forms.whole(1, 10**9), None, "The 24-hour quota that is asked for, in recipients.", unsaid="not said"
    )
    per_second: float | None = setting(
        forms.number("a number above 0, at most 100000", lambda rate: 0 < rate <= 100_000),
        None,
        "The sending rate that is asked for, in recipients a second.",
        unsaid="AWS chooses",
    )
    peak_per_day: int | None = setting(
        forms.whole(1, 10**9), None, "Mails on the busiest day.", unsaid="the streams' together"
    )
    peak_per_hour: int | None = setting(forms.whole(1, 10**9), None, "Mails in the busiest hour.", unsaid="not said")
    in_six_months: int | None = setting(
        forms.whole(1, 10**9), None, "Mails a day expected in six months.", unsaid="not said"
    )
    reason: str | None = setting(
        forms.text(), None, "Why this quota, where it is more than the volumes.", unsaid="the volumes"
    )
    dedicated_ip: bool = setting(forms.flag(), False, "Whether a dedicated IP address is asked for.")
    case: str | None = setting(
        _CASE, None, "The number of AWS's support case, once it has asked something.", unsaid="none"
    )

    def asked(self, brand: str) -> Asked:
        return Asked(
            signer=self.signer or "",
            role=self.role or "",
            email=self.email,
            company=self.company or brand,
            business=self.business or "",
            recipients=self.recipients or "",
            per_day=self.per_day,
            per_second=self.per_second,
            peak_per_day=self.peak_per_day,
            peak_per_hour=self.peak_per_hour,
            later=self.in_six_months,
            reason=self.reason or "",
            dedicated_ip=self.dedicated_ip,
            case_id=self.case or "",
        )
