"""A small product for tests: its settings, its templates, its clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from franked.settings import Settings, read
from franked.wiring import system_clock

TOML = """
[ses]
region = "eu-central-1"

[sender]
name = "Example Backup"
website = "https://backup.example.com"
postal_address = "Example Backup Ltd, 1 Sample Street, 8000 Zurich"
from = "Example Backup <no-reply@backup.example.com>"
admins = ["ops@example.com"]

[server]
port = 0

[simulator]
port = 0
production = true
rate = 500
quota = 50000

[templates]
approval = "none"

[canary]
enabled = false

[log]
level = "debug"

[streams.sign-in-code]
kind = "transactional"
purpose = "A one-time code for a person who has just asked to sign in"
lane = "urgent"
useful_for = "10m"
per_recipient = "5/hour"
if_unknown = "resend"
secret = true

[streams.receipt]
kind = "transactional"
purpose = "What was bought, for whom, and when"
from = "Example Backup Billing <billing@backup.example.com>"

[streams.digest]
kind = "notification"
purpose = "Tells the owner what was backed up this week"
lane = "bulk"
topic = "digests"
if_unknown = "drop"

[streams.note]
kind = "transactional"
purpose = "What an agent of the support desk writes to a customer"
content = "inline"
"""

TEMPLATES = {
    "sign-in-code": ("Your sign-in code", ["code"], "<p>{{ code }}</p>"),
    "receipt": ("Your receipt {{ number }}", ["number"], "<h1>Thank you</h1><p>Number {{ number }}</p>"),
    "digest": ("Your week", ["count"], "<p>{{ count }} backups</p>"),
}


@dataclass(slots=True)
class MovableClock:
    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += timedelta(**by)


def settings_in(folder: Path, *changes: tuple[str, str]) -> Settings:
    """A product in `folder`. `changes`: (a line of the TOML, what stands there instead)."""
    text = TOML
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "franked.toml").write_text(text)
    for name, (subject, variables, html) in TEMPLATES.items():
        place = folder / "mail" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "en.html").write_text(f'+++\nsubject = "{subject}"\nvariables = {variables!r}\n+++\n{html}')
    return read(folder / "franked.toml", {})
