"""Refused again: the ways that are left, in order, each with its text."""

from franked.rules.letter import Letter
from franked.rules.request import Refusal


def escalation(letter: Letter, refused: Refusal) -> list[str]:
    head, case = letter.head, _case(letter, refused)
    return [
        f"Support plan: take Business Support in the console (Support Center, Change plan) for {head['Company']}; it opens "
        "chat, phone and a person who can ask the SES team.",
        f"Direct case: Support Center, Create case, and paste:\n{case}",
        "Phone: Support Center, Create case, Contact options, Phone. Say the case's number, the Region "
        f"{head['Region']}, the domain {head['Domain']}, and ask which requirement was not met.",
        f"Account manager: if the company has one, forward the case's number and this letter to them, signed {head['Signed by']}.",
    ]


def _case(letter: Letter, refused: Refusal) -> str:
    head = letter.head
    lines = (
        "Type: Account and billing, or Service limit increase",
        f"Service: {head['Service']}, Region {head['Region']}",
        f"Issue: production access refused on {refused.at:%Y-%m-%d}, for the {refused.number}. time",
        f"Details: what was mended since: {' '.join(refused.mended) or 'see the letter'} Every sentence of the attached "
        "letter was checked; its evidence is in it.",
        "Question: which requirement of the AWS Service Terms, the Acceptable Use Policy or SES's rules is not met?",
    )
    return "\n".join(lines)
