"""A mail as SES is told it. The template is compiled once, and its CSS is in place already, as in Franked."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

REGION = "eu-central-1"
SENDER = "Example Shop <no-reply@shop.example.com>"
LETTERHEAD = {"name": "Example Shop", "postal_address": "Example Shop Ltd, 1 Sample Street, 8000 Zurich"}

_RECEIPT = Path(__file__).with_name("receipt")
_PLAIN = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_MARKUP = Environment(undefined=StrictUndefined, autoescape=True)
_SUBJECT = _PLAIN.from_string((_RECEIPT / "subject.txt").read_text())
_TEXT = _PLAIN.from_string((_RECEIPT / "mail.txt").read_text())
_HTML = _MARKUP.from_string((_RECEIPT / "mail.html").read_text())


def request(to: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `send_email`."""
    told = {**variables, "sender": LETTERHEAD}
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": _SUBJECT.render(told)},
                "Body": {"Html": {"Data": _HTML.render(told)}, "Text": {"Data": _TEXT.render(told)}},
            }
        },
    }
