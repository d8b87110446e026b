"""The command line. Each command's room is imported when it is called: `--help` answers at once."""

import sys

import typer

from franked.doors.cli.commands.access import access
from franked.doors.cli.commands.canary import canary_page
from franked.doors.cli.commands.consent import consents, newsletter
from franked.doors.cli.commands.content import content
from franked.doors.cli.commands.dead import dead
from franked.doors.cli.commands.house import house
from franked.doors.cli.commands.keys import keys
from franked.doors.cli.commands.mail import mail, people
from franked.doors.cli.commands.reputation import governor
from franked.doors.cli.commands.setting_up import setting_up
from franked.doors.cli.commands.suppressions import suppressions
from franked.doors.cli.commands.templates import templates
from franked.doors.cli.commands.watching import watching
from franked.doors.cli.commands.webhooks import webhooks

cli = typer.Typer(
    name="franked",
    help="A self-hosted mail service for products that send through Amazon SES.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
PAGES = (
    *(house, mail, keys, people, suppressions, dead, templates, consents, newsletter, content),
    *(governor, canary_page, webhooks, watching, access, setting_up),
)
for page in PAGES:
    cli.add_typer(page)


def main() -> None:
    """Exit status: 0 done, 1 something is wrong with what was found, 2 with what was asked."""
    try:
        cli()
    except KeyboardInterrupt:
        sys.exit(130)
