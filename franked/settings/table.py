"""What stands in franked.toml, its default, its meaning: all but what the flows and the reputation room are told.

Reading, the error sentences, `franked config` and docs/settings.md all follow from these classes (see whole).
"""

# ruff: noqa: RUF009 (`setting` is `dataclasses.field` with notes: no call is left in a default)

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from franked.rules.address import Address, Sender
from franked.rules.approval import Approval
from franked.rules.asking import Volume
from franked.rules.content import Content
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Limit
from franked.rules.suppression import SOFT_MEMORY
from franked.settings import forms
from franked.settings.setting import setting

_PROXY = Address.of_spelled("no-reply@example.com")


class Addresses(StrEnum):
    MASKED = "masked"
    FULL = "full"


class Level(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    JSON = "json"
    CONSOLE = "console"


_REGION = forms.shaped("an AWS Region such as eu-central-1", r"[a-z]{2}(-[a-z]+)+-[0-9]")
_SET = forms.shaped("a configuration set's name (letters, digits, _ and -, at most 64)", r"[A-Za-z0-9_-]{1,64}")
_HOST = forms.shaped("a host name or an IP address", r"[A-Za-z0-9.:_-]+")
_LOCALE = forms.shaped("a locale such as en or de-CH", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Ses:
    """The account that sends."""

    region: str = setting(
        _REGION,
        "eu-central-1",
        "The Region whose account sends: limits, identities and letter are this one's.",
        required=True,
    )
    endpoint: str | None = setting(
        forms.url(), None, "Where SES is called, if not at AWS's own address.", unsaid="AWS's, for the Region"
    )
    call_deadline: timedelta = setting(forms.span(), timedelta(seconds=30), "How long one call to SES may take in all.")


@dataclass(frozen=True, slots=True)
class ConfigurationSets:
    """One configuration set per lane, so that a brake at SES stops bulk mail and leaves sign-in codes alone."""

    urgent: str | None = setting(_SET, None, "Configuration set of the urgent lane.")
    normal: str | None = setting(_SET, None, "Configuration set of the normal lane.")
    bulk: str | None = setting(_SET, None, "Configuration set of the bulk lane.")

    @property
    def by_lane(self) -> dict[Lane, str]:
        named = {Lane.URGENT: self.urgent, Lane.NORMAL: self.normal, Lane.BULK: self.bulk}
        return {lane: name for lane, name in named.items() if name}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the contact block of each mail and of the letter to AWS."""

    name: str = setting(forms.text(), "Franked", "The brand, as readers know it.", required=True)
    website: str = setting(forms.url(), "https://example.com", "The product's public website.", required=True)
    postal_address: str = setting(
        forms.text(),
        "Example Company, 1 Sample Street",
        "The sender's postal address: it stands in each mail.",
        required=True,
    )
    from_: Sender = setting(
        forms.sender(),
        Sender("Franked", _PROXY),
        "Sender of alarms, reports and streams that name no other.",
        name="from",
        required=True,
    )
    admins: tuple[Address, ...] = setting(forms.addresses(), (), "Who is told about alarms.", unsaid="nobody")


@dataclass(frozen=True, slots=True)
class Server:
    """Where Franked listens."""

    host: str = setting(_HOST, "127.0.0.1", "The address to listen on; 0.0.0.0 for all of the machine's.")
    port: int = setting(forms.whole(0, 65535), 8025, "The port to listen on; 0 for any that is free.")
    public_url: str | None = setting(
        forms.url(), None, "How the world reaches Franked: links in mails begin with it.", unsaid="host and port"
    )
    trusted_proxies: tuple[str, ...] = setting(
        forms.list_of("IP addresses or networks", forms.network()),
        (),
        "The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; those of all others are ignored.",
        unsaid="none",
    )


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the record is kept."""

    directory: Path = setting(
        forms.folder(), Path(".franked"), "Folder of the record, relative to the file's own folder."
    )
    keep_for: timedelta = setting(
        forms.span_of_at_least(SOFT_MEMORY),
        timedelta(days=180),
        "How long ended messages and events are kept, where their stream says nothing else; the ledger, suppressions "
        "and origins stay.",
    )
    url: str | None = setting(
        forms.postgres(),
        None,
        "The PostgreSQL that several processes share.",
        secret=True,
        unsaid="one SQLite file in the folder",
    )
    secret: bytes | None = setting(
        forms.key(),
        None,
        "The server's key: variables are encrypted and links signed with it.",
        secret=True,
        unsaid="made at the first start, in the folder",
    )


@dataclass(frozen=True, slots=True)
class Feedback:
    """Where bounces and complaints come from."""

    topics: tuple[str, ...] = setting(
        forms.list_of("SNS topic ARNs", forms.topic()),
        (),
        "The topics whose events are believed; all others are refused.",
        unsaid="none",
    )
    queue_url: str | None = setting(forms.url(), None, "The SQS queue to read events from.", unsaid="no queue")


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """The mails' texts."""

    directory: Path = setting(
        forms.folder(), Path("mail"), "Folder of the templates, relative to the file's own folder."
    )
    default_locale: str = setting(_LOCALE, "en", "The language of a message that asks for none.")
    approval: Approval | None = setting(
        forms.member(Approval),
        None,
        "Whether mail waits until a second person has approved the version of the template that writes it.",
        unsaid="required with `--ses aws`, none with the simulated account",
    )


@dataclass(frozen=True, slots=True)
class Simulator:
    """The SES account that is played on this machine, until there is a real one."""

    port: int = setting(forms.whole(0, 65535), 4579, "The port it listens on, on loopback; 0 for any that is free.")
    production: bool = setting(forms.flag(), False, "Whether it plays an account that is out of the sandbox.")
    rate: float = setting(
        forms.number("a number above 0, at most 100000", lambda rate: 0 < rate <= 100_000),
        1.0,
        "Its sending rate, in recipients a second.",
    )
    quota: float = setting(
        forms.number("a number above 0, or -1 for none", lambda quota: 0 < quota <= 10**9 or quota == -1),
        200.0,
        "Its quota, in recipients in any 24 hours; -1 for none.",
    )


@dataclass(frozen=True, slots=True)
class Log:
    """What is written down while Franked runs."""

    level: Level = setting(forms.member(Level), Level.INFO, "The least that is worth a line.")
    addresses: Addresses = setting(forms.member(Addresses), Addresses.MASKED, "How addresses are written.")
    format: Format = setting(forms.member(Format), Format.JSON, "Lines for programs, or for people.")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A stream as it is declared, before what was left unsaid is filled in."""

    kind: Kind | None = setting(
        forms.member(Kind), None, "notification can be turned off, marketing must have been asked for.", required=True
    )
    purpose: str = setting(
        forms.text(), "", "What the mail is for, in a sentence; the letter quotes it.", required=True
    )
    from_: Sender | None = setting(forms.sender(), None, "The sender.", name="from", unsaid="`[sender] from`")
    reply_to: Sender | None = setting(forms.sender(), None, "Where answers go.", unsaid="to the sender")
    lane: Lane | None = setting(
        forms.member(Lane), None, "Who goes first when SES is the bottleneck.", unsaid="normal; bulk for marketing"
    )
    template: str | None = setting(forms.name(), None, "The template's name.", unsaid="the stream's name")
    useful_for: timedelta = setting(forms.span(), timedelta(hours=72), "After that the mail is not worth sending.")
    trigger_within: timedelta = setting(forms.span(), timedelta(hours=24), "How old the act that asks for it may be.")
    per_recipient: Limit | None = setting(forms.limit(), None, "How many one mailbox may get.", unsaid="no limit")
    content: Content = setting(
        forms.member(Content), Content.TEMPLATE, "Whether a template writes its mails, or each caller, inline."
    )
    if_unknown: IfUnknown | None = setting(
        forms.member(IfUnknown),
        None,
        "When nobody can tell whether SES took a mail.",
        unsaid="hold; drop for marketing",
    )
    topic: str | None = setting(
        forms.name(), None, "What a reader leaves by unsubscribing; marketing needs one.", unsaid="cannot be left"
    )
    secret: bool = setting(forms.flag(), False, "Whether it carries codes: its variables are never shown.")
    keep_for: timedelta | None = setting(
        forms.span_of_at_least(SOFT_MEMORY),
        None,
        "How long its ended messages and their events are kept.",
        unsaid="`[store] keep_for`",
    )
    keep_content: timedelta | None = setting(
        forms.span(),
        None,
        "How long its messages' variables, own words and attachments are kept, though they have ended.",
        unsaid="until the message has ended",
    )
    standing: bool | None = setting(
        forms.flag(),
        None,
        "Whether a standing setting or a consent is the trigger, not an act.",
        unsaid="false; true for marketing",
    )
    asked_by: str | None = setting(
        forms.text(),
        None,
        "What a person does that asks for it; the letter quotes it.",
        unsaid="not said",
    )
    not_left_because: str | None = setting(
        forms.text(), None, "Why it can't be left, where it has no topic; the letter quotes it.", unsaid="not said"
    )
    planned: Volume | None = setting(
        forms.volume(),
        None,
        "Mails a day that are expected, such as 10-50.",
        unsaid="not said",
    )
