"""The one table of settings: a section a line, of the classes that say what stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from franked.rules.consent import Topic
from franked.rules.stream import Stream
from franked.rules.webhook import Endpoint
from franked.settings.canary import Canary
from franked.settings.checks import Checks
from franked.settings.coding import AllCodes
from franked.settings.consents import DeclaredTopic, Subscriptions
from franked.settings.flows import Suppression, Tickets
from franked.settings.reputation import Governor
from franked.settings.request import Request
from franked.settings.setting import section_of, settings_of
from franked.settings.table import (
    ConfigurationSets,
    Declaration,
    Feedback,
    Keeping,
    Letterhead,
    Log,
    Server,
    Ses,
    Simulator,
    TemplateFolder,
)
from franked.settings.watching import Alarms, Report


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, as they apply. `origins`: where each that was said came from, by its path."""

    ses: Ses = field(default_factory=Ses)
    configuration_sets: ConfigurationSets = field(default_factory=ConfigurationSets)
    sender: Letterhead = field(default_factory=Letterhead)
    server: Server = field(default_factory=Server)
    store: Keeping = field(default_factory=Keeping)
    feedback: Feedback = field(default_factory=Feedback)
    templates: TemplateFolder = field(default_factory=TemplateFolder)
    tickets: Tickets = field(default_factory=Tickets)
    suppression: Suppression = field(default_factory=Suppression)
    simulator: Simulator = field(default_factory=Simulator)
    log: Log = field(default_factory=Log)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    codes: AllCodes = field(default_factory=AllCodes)
    governor: Governor = field(default_factory=Governor)
    alarms: Alarms = field(default_factory=Alarms)
    report: Report = field(default_factory=Report)
    canary: Canary = field(default_factory=Canary)
    request: Request = field(default_factory=Request)
    checks: Checks = field(default_factory=Checks)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    webhooks: Mapping[str, Endpoint] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)


SECTIONS = (
    section_of("ses", "ses", Ses),
    section_of("ses.configuration_sets", "configuration_sets", ConfigurationSets),
    section_of("sender", "sender", Letterhead),
    section_of("server", "server", Server),
    section_of("store", "store", Keeping),
    section_of("feedback", "feedback", Feedback),
    section_of("templates", "templates", TemplateFolder),
    section_of("tickets", "tickets", Tickets),
    section_of("suppression", "suppression", Suppression),
    section_of("simulator", "simulator", Simulator),
    section_of("log", "log", Log),
    section_of("subscriptions", "subscriptions", Subscriptions),
    section_of("codes", "codes", AllCodes),
    section_of("governor", "governor", Governor),
    section_of("alarms", "alarms", Alarms),
    section_of("report", "report", Report),
    section_of("canary", "canary", Canary),
    section_of("request", "request", Request),
    section_of("checks", "checks", Checks),
)
STREAM = settings_of("streams.*", Declaration)
TOPIC = settings_of("topics.*", DeclaredTopic)
