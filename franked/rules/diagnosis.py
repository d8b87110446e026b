"""What is broken when the canary does not come back: told by the evidence, one clear sentence for each way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from franked.rules.event import Kind
from franked.rules.message import State


class Amiss(StrEnum):
    """What came in on the way back, or should have, and could not be believed or settled."""

    OTHER_TOPIC = "other_topic"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "unsigned"  # SES's JSON by webhook, without SNS's envelope
    CERTIFICATE = "certificate"  # SNS's could not be fetched: nothing can be checked
    QUEUE = "queue"  # could not be read
    ERROR = "error"  # of our own, or the record's: SNS was answered with an error


@dataclass(frozen=True, slots=True)
class Ears:
    """When something last went amiss on the way back, by what: in this process, since its start."""

    _heard: dict[Amiss, datetime] = field(default_factory=dict)

    def note(self, what: Amiss, at: datetime) -> None:
        self._heard[what] = at

    def since(self, then: datetime) -> frozenset[Amiss]:
        return frozenset(what for what, at in self._heard.items() if at >= then)


class Fault(StrEnum):
    # the mail itself did not go
    SENDING_PAUSED = "sending_paused"
    CONFIGURATION_SET = "configuration_set"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    # it went, and nothing comes back
    NOT_LISTENING = "not_listening"
    UNSUBSCRIBED = "unsubscribed"
    NO_DESTINATION = "no_destination"
    WRONG_TOPIC = "wrong_topic"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "raw_delivery"
    CERTIFICATE = "certificate_unreachable"
    QUEUE = "queue_unreachable"
    ERROR = "events_not_taken"
    NO_EVENTS = "no_events"
    # something comes back, but not all
    NO_BOUNCES = "bounces_not_published"
    NO_COMPLAINTS = "complaints_not_published"
    LATE = "events_late"
    # it came back, and changed nothing
    NOT_SUPPRESSED = "not_suppressed"
    NOT_DROPPED = "not_dropped"

    @property
    def is_of_the_way_back(self) -> bool:
        return self not in _OF_THE_WAY_OUT


_OF_THE_WAY_OUT = {Fault.SENDING_PAUSED, Fault.CONFIGURATION_SET, Fault.REFUSED, Fault.NOT_SENT}


class Finding(Struct, frozen=True):
    """`detail`: what the evidence adds, such as SES's own words; may be empty."""

    fault: Fault
    detail: str = ""


class Told(Struct, frozen=True):
    """One of the canary's mails, as the record has it."""

    state: State
    detail: str = ""  # of its last attempt
    kinds: frozenset[Kind] = frozenset()  # of its events
    suppressed: bool = False  # its address

    def has_come(self, proof: State) -> bool:
        return self.state is proof


class Publishing(Struct, frozen=True):
    """Where a configuration set's events go, as SES tells it. `kinds`: those that go to a topic or bus which is not
    known to be another's; `topics`: the topics that it names."""

    kinds: frozenset[str] = frozenset()  # SES's words: SEND, BOUNCE, COMPLAINT, …
    topics: frozenset[str] = frozenset()
    elsewhere: bool = False  # to EventBridge, or what else we can't see into


class Evidence(Struct, frozen=True):
    bounce: Told
    complaint: Told
    amiss: frozenset[Amiss] = frozenset()  # since the run began
    alarms: Mapping[str, str] = {}  # open ones: key → text
    sending_enabled: bool = True
    listens: bool = True  # a topic or a queue is named
    ours: frozenset[str] = frozenset()  # the topics that are
    configuration_set: str | None = None
    publishing: Publishing | None = None  # None: SES was not asked, or did not say

    def of(self, probe: str) -> Told:
        return self.bounce if probe == Kind.BOUNCE else self.complaint

    @property
    def both(self) -> tuple[Told, Told]:
        return self.bounce, self.complaint


def diagnose(evidence: Evidence, *, given_up: bool) -> tuple[Finding, ...]:
    """`given_up`: its time is over. Before, only what will not mend by waiting is told. The first says most."""
    if refused := tuple(_refused(evidence)):
        return refused
    if not given_up:
        return ()
    return tuple(dict.fromkeys(_stuck(evidence) or _silence(evidence) or _gaps(evidence)))


def _refused(evidence: Evidence) -> Iterator[Finding]:
    for mail in evidence.both:
        if mail.state in {State.REFUSED, State.DEAD}:
            yield Finding(Fault.REFUSED, mail.detail)
            return


def _stuck(evidence: Evidence) -> list[Finding]:
    """Of two, one that went would not be enough: it is told what holds the other."""
    waiting = [mail for mail in evidence.both if not mail.state.taken_by_ses and mail.state is not State.UNKNOWN]
    if not waiting:
        return []
    said = next((mail.detail for mail in waiting if mail.detail), "")
    if not evidence.sending_enabled or "account_stopped" in evidence.alarms:
        return [Finding(Fault.SENDING_PAUSED, evidence.alarms.get("account_stopped", said))]
    if stopped := evidence.alarms.get("lane_stopped.normal"):
        return [Finding(Fault.CONFIGURATION_SET, said or stopped)]
    other = next((text for key, text in evidence.alarms.items() if _stops(key)), "")
    return [Finding(Fault.NOT_SENT, said or other or f"it is {waiting[0].state.value}")]


def _stops(alarm: str) -> bool:
    return alarm.partition(".")[0] in {"credentials", "sender_stopped", "daily_quota"}


def _silence(evidence: Evidence) -> list[Finding]:
    """Both went, and not a word came. What is certain goes before what was seen, and that before what is guessed."""
    if any(mail.kinds for mail in evidence.both):
        return []
    if not evidence.listens:
        return [Finding(Fault.NOT_LISTENING)]
    if told := evidence.alarms.get("feedback_unsubscribed"):
        return [Finding(Fault.UNSUBSCRIBED, told)]
    return _published(evidence) or [_SEEN[one] for one in _SEEN if one in evidence.amiss] or [Finding(Fault.NO_EVENTS)]


_SEEN = {
    Amiss.OTHER_TOPIC: Finding(Fault.WRONG_TOPIC),
    Amiss.BAD_SIGNATURE: Finding(Fault.BAD_SIGNATURE),
    Amiss.UNSIGNED: Finding(Fault.UNSIGNED),
    Amiss.CERTIFICATE: Finding(Fault.CERTIFICATE),
    Amiss.QUEUE: Finding(Fault.QUEUE),
    Amiss.ERROR: Finding(Fault.ERROR),
}


def _published(evidence: Evidence) -> list[Finding]:
    """What SES itself says of the configuration set."""
    told, name = evidence.publishing, evidence.configuration_set or ""
    if told is None:
        return []
    if not told.kinds:
        return [Finding(Fault.NO_DESTINATION, name)]
    if evidence.ours and told.topics and not told.elsewhere and not told.topics & evidence.ours:
        return [Finding(Fault.WRONG_TOPIC, f"{name} publishes to {', '.join(sorted(told.topics))}")]
    return [Finding(fault, name) for kind, fault in _UNPUBLISHED if kind not in told.kinds]


_UNPUBLISHED = (("BOUNCE", Fault.NO_BOUNCES), ("COMPLAINT", Fault.NO_COMPLAINTS))


def _gaps(evidence: Evidence) -> list[Finding]:
    found = []
    if Kind.BOUNCE not in evidence.bounce.kinds:
        found.append(Finding(Fault.NO_BOUNCES, evidence.configuration_set or ""))
    if Kind.COMPLAINT not in evidence.complaint.kinds:
        found.append(Finding(Fault.NO_COMPLAINTS, evidence.configuration_set or ""))
    return found or [Finding(Fault.NO_EVENTS)]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`means`: what is broken; `way_out`: how to mend it. Both are sentences."""

    means: str
    way_out: str


_PUBLISH = "In SES, let an event destination of the configuration set publish {} to the topic that Franked listens to."
_AGAIN = "`franked canary --run` tries again at once."

DIAGNOSES: Mapping[Fault, Diagnosis] = {
    Fault.SENDING_PAUSED: Diagnosis(
        "SES sends nothing for this account: the canary never left.",
        "Look at the account's health in the SES console; the canary tries again by itself.",
    ),
    Fault.CONFIGURATION_SET: Diagnosis(
        "SES does not take mail with the configuration set of the normal lane: there is none of this name, or it is "
        "paused.",
        "Create or resume it, or name another as `normal` in [ses.configuration_sets].",
    ),
    Fault.REFUSED: Diagnosis(
        "SES refused the canary mail itself.", "Its own words say why; what they name must change."
    ),
    Fault.NOT_SENT: Diagnosis(
        "The canary mail has not gone out.", "See `/readyz` for what waits, and whether a worker runs."
    ),
    Fault.NOT_LISTENING: Diagnosis(
        "Franked listens to nothing: no bounce can come in.", "Name [feedback] topics, or its queue_url."
    ),
    Fault.UNSUBSCRIBED: Diagnosis(
        "Franked's subscription at the SNS topic was ended: no events come any more.",
        "Subscribe the webhook /v1/events/sns, or the queue, to the topic again.",
    ),
    Fault.NO_DESTINATION: Diagnosis(
        "The configuration set has no event destination that is switched on: SES publishes nothing.",
        "Give it one in SES: bounces and complaints, to the topic that Franked listens to.",
    ),
    Fault.WRONG_TOPIC: Diagnosis(
        "Events come from a topic that is none of [feedback] topics, and are refused.",
        "Name the topic that SES publishes to, or let SES publish to the one that is named.",
    ),
    Fault.BAD_SIGNATURE: Diagnosis(
        "Events come to the webhook, and their signature does not fit: they are refused.",
        "Something between SNS and Franked changes the body: a proxy, a firewall; or somebody forges.",
    ),
    Fault.UNSIGNED: Diagnosis(
        "Events come to the webhook without SNS's envelope, unsigned: they are refused.",
        "Switch raw message delivery off at the webhook's subscription; by a queue it may be on.",
    ),
    Fault.CERTIFICATE: Diagnosis(
        "SNS's signing certificate can't be fetched, so no event can be believed.",
        "Let this machine reach https://sns.<region>.amazonaws.com.",
    ),
    Fault.QUEUE: Diagnosis(
        "The queue of [feedback] queue_url can't be read.",
        "The log's line feed_unavailable has AWS's own words: the URL, the Region, the permissions or the network.",
    ),
    Fault.ERROR: Diagnosis(
        "Events come in, and Franked answers with an error.", "The log has it: the record can't be written, or a fault."
    ),
    Fault.NO_EVENTS: Diagnosis(
        "SES took the canary, and no event came at all: nothing is published, or nobody is subscribed.",
        "Name the configuration set whose events go to the topic in [ses.configuration_sets], and see in SNS that the "
        "subscription of the webhook or the queue is confirmed and its deliveries do not fail.",
    ),
    Fault.NO_BOUNCES: Diagnosis("SES publishes no bounces.", _PUBLISH.format("bounces")),
    Fault.NO_COMPLAINTS: Diagnosis("SES publishes no complaints.", _PUBLISH.format("complaints")),
    Fault.LATE: Diagnosis(
        "The events come, but later than [canary] within allows.",
        "See what delays the subscription or the queue; where that is as it should be, raise `within`.",
    ),
    Fault.NOT_SUPPRESSED: Diagnosis(
        "The event was settled, and its address is not suppressed: it names another recipient, or somebody lifted it.",
        "`franked why` with the address shows both; who lifts suppressions by a program must leave the canary's.",
    ),
    Fault.NOT_DROPPED: Diagnosis(
        "The address is suppressed, and a second mail to it was not dropped.",
        "Somebody lifted the suppression meanwhile, or this is a fault of Franked: `franked why` shows its history.",
    ),
}


def said(finding: Finding) -> str:
    """What is broken, in a sentence, with what the evidence adds."""
    means = DIAGNOSES[finding.fault].means
    return f"{means.removesuffix('.')} ({finding.detail})." if finding.detail else means


def way_out(finding: Finding) -> str:
    return f"{DIAGNOSES[finding.fault].way_out} {_AGAIN}"
