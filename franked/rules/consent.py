"""Who agreed to what topic, and who left it: where a person stands, what brought them there, and how we know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.address import Address, Sender
from franked.rules.content import Content
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Limit, Stream

CONFIRMATION = "franked-confirmation"
EVERY = "*"  # instead of a topic: all there are, and all there will be


class Standing(StrEnum):
    """What the record says about one address and one topic."""

    NOTHING = "nothing"  # never asked, never left
    CONFIRMED = "confirmed"
    LEFT = "left"


class Step(StrEnum):
    """What happened, as the log has it."""

    ASKED = "asked"  # somebody typed in the address: not yet its reader
    CONFIRMED = "confirmed"  # who has the mailbox said yes
    TURNED_ON = "turned_on"  # at the preferences
    LEFT = "left"

    @property
    def standing(self) -> Standing | None:
        """Where it leads; None: nowhere yet."""
        return _LEADS_TO.get(self)


_LEADS_TO = {
    Step.CONFIRMED: Standing.CONFIRMED,
    Step.TURNED_ON: Standing.CONFIRMED,
    Step.LEFT: Standing.LEFT,
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What a reader agrees to and leaves, as the settings tell it. Texts by language."""

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)

    def title_in(self, language: str) -> str:
        return _in(language, self.title) or self.name

    def description_in(self, language: str) -> str:
        return _in(language, self.description)


def _in(language: str, texts: Mapping[str, str]) -> str:
    """As near to the language as there is: de-CH, de, else the first."""
    near = (texts.get(language), texts.get(language.partition("-")[0]), *texts.values())
    return next((text for text in near if text), "")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How we know. `by`: the key's name, or the page on which it was said."""

    by: str
    source: str = ""  # the form, in the application's own words
    ip: str = ""
    user_agent: str = field(default="", repr=False)
    wording: str = field(default="", repr=False)  # exactly as the person read it
    wording_version: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A step of one person about one topic, or about EVERY topic."""

    address: Address
    topic: str
    step: Step
    at: datetime
    evidence: Evidence
    locale: str | None = None  # the language that was asked for; None: as it was


@dataclass(frozen=True, slots=True)
class Asked:
    """A subscription that waits for its reader. `token_hash`: SHA-256, the token itself is in the mail only."""

    token_hash: bytes = field(repr=False)
    statement: Statement
    until: datetime
    confirmed_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.confirmed_at is None and now < self.until


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Whoever has the mail has pressed the button."""

    token_hash: bytes = field(repr=False)
    at: datetime
    ip: str
    user_agent: str = field(repr=False)
    by: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A reader of a topic."""

    address: Address
    locale: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One line of the log. It is never changed."""

    line: int
    statement: Statement


def standing_of(consents: Mapping[str, Standing], topic: str) -> Standing:
    """What was said of the topic itself goes before what was said of all."""
    return consents.get(topic) or consents.get(EVERY) or Standing.NOTHING


PER_MAILBOX = Limit(3, timedelta(days=1))
PER_IP = Limit(20, timedelta(hours=1))
PER_KEY = Limit(1000, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Asking:
    """How readers are asked whether it was they who asked. `stream`: the one that asks."""

    stream: str = CONFIRMATION
    valid_for: timedelta = timedelta(hours=48)
    per_mailbox: Limit = PER_MAILBOX
    per_ip: Limit = PER_IP
    per_key: Limit = PER_KEY


def confirmation_stream(sender: Sender, valid_for: timedelta) -> Stream:
    """Franked's own, where no other is declared. It is what the reader asked for, and no marketing."""
    return Stream(
        name=CONFIRMATION,
        kind=Kind.TRANSACTIONAL,
        purpose="Asks whoever has the mailbox whether it was they who subscribed",
        sender=sender,
        lane=Lane.NORMAL,
        template=CONFIRMATION,
        useful_for=valid_for,
        trigger_within=timedelta(hours=24),
        if_unknown=IfUnknown.RESEND,  # a second copy is harmless, a lost one leaves a reader waiting
        content=Content.INLINE,
        secret=True,  # whoever has the link confirms
        built_in=True,
    )


def with_confirmation(streams: Mapping[str, Stream], sender: Sender, asking: Asking) -> Mapping[str, Stream]:
    """Where there is something to subscribe to, and no stream of the settings asks."""
    if asking.stream in streams or not any(stream.topic for stream in streams.values()):
        return streams
    return {**streams, asking.stream: confirmation_stream(sender, asking.valid_for)}
