"""Refused again: the ways that are left, in order, each with its text."""

from franked.rules.letter import Letter
from franked.rules.request import Refusal

_CASE = """Type: Account and billing, or Service limit increase
Service: {service}, Region {region}
Issue: production access refused on {day}, for the {number}. time
Details: mended since: {mended}
Every sentence of the attached letter was checked; its evidence is in it.
Question: which requirement of the AWS Service Terms, the Acceptable Use Policy or SES's rules is not met?"""
_WAYS = (
    "Support plan: take Business Support for {company} (Support Center, Change plan): it opens chat, phone, and a "
    "person who can ask the SES team.",
    "Direct case: Support Center, Create case, and paste:\n{case}",
    "Phone: Support Center, Create case, Contact options, Phone. Say the case's number, the Region {region} and the "
    "domain {domain}, and ask which requirement was not met.",
    "Account manager: if {company} has one, send them the case's number and this letter, signed by {signer}.",
)


def escalation(letter: Letter, refused: Refusal) -> list[str]:
    said = {
        "service": letter.head["Service"],
        "region": letter.head["Region"],
        "company": letter.head["Company"],
        "domain": letter.head["Domain"],
        "signer": letter.head["Signed by"],
        "day": f"{refused.at:%Y-%m-%d}",
        "number": str(refused.number),
        "mended": " ".join(refused.mended),
    }
    case = _CASE.format_map(said)
    return [way.format_map({**said, "case": case}) for way in _WAYS]
