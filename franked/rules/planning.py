"""What is missing at AWS, in the order in which it can be made."""

import json
from collections.abc import Iterator
from itertools import chain

from franked.rules.at_aws import (
    BOTH_REASONS,
    FAILED,
    NOT_STARTED,
    SUCCESS,
    Destination,
    SesIdentity,
    SesSet,
)
from franked.rules.dashboard import dashboard, dashboard_name
from franked.rules.dns_needed import covering, records
from franked.rules.domain.mail_from import proposed
from franked.rules.lane import Lane
from franked.rules.policies import arn, lets_ses, lets_topic, with_ses, with_topic
from franked.rules.steps import (
    AccountSuppresses,
    DefaultSet,
    DestinationAgain,
    DkimAgain,
    DkimOn,
    NewAlarms,
    NewDashboard,
    NewDestination,
    NewIdentity,
    NewMailFrom,
    NewQueue,
    NewSet,
    NewTopic,
    Part,
    QueueSet,
    SetCounts,
    SetSuppresses,
    Subscribe,
    Todo,
    TopicPolicy,
)
from franked.rules.wanted import (
    DEAD,
    DESTINATION,
    KEPT_FOR,
    KINDS,
    TRIES,
    WEBHOOK,
    Found,
    Plan,
    Wanted,
)

Line = Todo | str  # a step, or what is there already


def planned(wanted: Wanted, found: Found) -> Plan:
    parts = (
        (Part.IDENTITIES, _identities(wanted, found)),
        (Part.EVENTS, chain(_topic(wanted, found), _queue(wanted, found), _sets(wanted, found))),
        (Part.DEFAULTS, _defaults(wanted, found)),
        (Part.ACCOUNT, _account(found)),
        (Part.WATCHING, _watching(wanted, found)),
    )
    lines = [line for part, of_part in parts if part not in found.troubles for line in of_part]
    return Plan(
        there=tuple(line for line in lines if isinstance(line, str)),
        todo=tuple(line for line in lines if not isinstance(line, str)),
        records=tuple(records(wanted, found)),
        notes=tuple(_notes(wanted, found)),
        settings=tuple(_settings(wanted, found)),
        troubles=found.troubles,
    )


# --- identities -------------------------------------------------------------------------------------------------------


def _identities(wanted: Wanted, found: Found) -> Iterator[Line]:
    for domain in wanted.domains:
        identity = covering(domain, found.identities)
        if identity is None:
            yield NewIdentity(domain)
            yield NewMailFrom(domain, proposed(domain, wanted.domains))
        else:
            yield from dict.fromkeys(_of_domain(identity, wanted))
    for address in dict.fromkeys((*wanted.addresses, *wanted.asked)):
        if identity := found.identities.get(address):
            yield f"identity {address} ({_word(identity.status)})"
        elif address in wanted.asked or not _is_covered(address, wanted, found):
            yield NewIdentity(address)


def _of_domain(identity: SesIdentity, wanted: Wanted) -> Iterator[Line]:
    dkim, mail_from = identity.dkim, identity.mail_from
    yield f"identity {identity.name} ({_word(identity.status)})"
    if dkim.status in {FAILED, NOT_STARTED} and dkim.origin in {"", "AWS_SES"}:
        yield DkimAgain(identity.name)
    else:
        yield f"DKIM of {identity.name} ({_word(dkim.status)})"
    if not dkim.is_on:
        yield DkimOn(identity.name)
    if mail_from is None or mail_from.status == FAILED:
        name = mail_from.domain if mail_from else proposed(identity.name, wanted.domains)
        yield NewMailFrom(identity.name, name)
    else:
        yield f"MAIL FROM {mail_from.domain} ({_word(mail_from.status)})"


def _is_covered(address: str, wanted: Wanted, found: Found) -> bool:
    domain = address.rpartition("@")[2]
    return domain in wanted.domains or covering(domain, found.identities) is not None


def _word(status: str) -> str:
    return status.lower().replace("_", " ")


# --- events -----------------------------------------------------------------------------------------------------------


def _topic(wanted: Wanted, found: Found) -> Iterator[Line]:
    topic = wanted.topic_of(found.number)
    if is_by_bus(wanted, found):
        yield "events by way of EventBridge"
    elif found.topic is None:
        yield NewTopic(topic, with_ses("", topic, found.number))
    elif lets_ses(found.topic.policy):
        yield f"topic {topic}, to which SES may publish"
    else:
        yield TopicPolicy(topic, with_ses(found.topic.policy, topic, found.number))


def _queue(wanted: Wanted, found: Found) -> Iterator[Line]:
    if is_by_bus(wanted, found):
        return
    if is_heard(wanted, found):
        yield "subscription of Franked's webhook"
        return
    if wanted.queue:
        yield from _queues(wanted.queue, wanted, found)
        queue = found.queue.arn if found.queue else arn("sqs", wanted.region, found.number, wanted.queue)
        yield from _subscription("sqs", queue, wanted, found)
    if wanted.webhook:
        yield from _subscription(wanted.webhook.partition(":")[0], wanted.webhook, wanted, found)


def is_by_bus(wanted: Wanted, found: Found) -> bool:
    """Somebody has brought all events to the queue of the settings by a rule of their own: no topic is named."""
    sets = [found.sets.get(name) for name in wanted.sets.values()]
    has_all = all(one is not None and one.kinds_to(()) >= set(KINDS) for one in sets)
    return has_all and wanted.has_queue_url and wanted.topic is None and found.topic is None


def is_heard(wanted: Wanted, found: Found) -> bool:
    """The simulated account's events come to Franked's own webhook by themselves."""
    subscribed = found.topic.subscriptions if found.topic else ()
    return wanted.played and any(one.confirmed and one.endpoint.endswith(WEBHOOK) for one in subscribed)


def _queues(name: str, wanted: Wanted, found: Found) -> Iterator[Line]:
    dead, topic = DEAD.format(name), wanted.topic_of(found.number)
    mine, letters = (arn("sqs", wanted.region, found.number, one) for one in (name, dead))
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": TRIES}, separators=(",", ":"))
    keeps = ("MessageRetentionPeriod", str(KEPT_FOR))
    has_letters = found.queue is not None and found.queue.dead_letters is not None
    if found.dead is None and not has_letters:
        yield NewQueue(dead, (keeps,), "queue of dead letters")
    elif found.dead:
        yield f"queue of dead letters {dead}"
    if found.queue is None:
        policy = ("Policy", with_topic("", mine, topic))
        yield NewQueue(name, (keeps, ("RedrivePolicy", redrive), policy), "queue, to which the topic may write,")
        return
    yield f"queue {name}"
    if not has_letters:
        yield QueueSet(name, (("RedrivePolicy", redrive),), f"dead letters to {dead} after {TRIES} tries")
    if not lets_topic(found.queue.policy, topic):
        yield QueueSet(name, (("Policy", with_topic(found.queue.policy, mine, topic)),), "the topic may write to it")


def _subscription(protocol: str, endpoint: str, wanted: Wanted, found: Found) -> Iterator[Line]:
    subscribed = found.topic.subscriptions if found.topic else ()
    if any(one.endpoint == endpoint for one in subscribed):
        yield f"subscription of {endpoint}"
    else:
        yield Subscribe(wanted.topic_of(found.number), protocol, endpoint)


def _sets(wanted: Wanted, found: Found) -> Iterator[Line]:
    topic = wanted.topic_of(found.number)
    for name in dict.fromkeys(wanted.sets.values()):
        there = found.sets.get(name)
        if there is None:
            yield NewSet(name)
            yield NewDestination(name, DESTINATION, topic, KINDS)
        else:
            yield f"configuration set {name}"
            yield from _of_set(there, topic)


def _of_set(there: SesSet, topic: str) -> Iterator[Line]:
    if not there.counts_reputation:
        yield SetCounts(there.name)
    if there.reasons is not None and not there.reasons >= BOTH_REASONS:
        yield SetSuppresses(there.name)
    missing = set(KINDS) - there.kinds_to([topic])
    if not missing:
        yield f"event destination of {there.name}"
        return
    ours = next((one for one in there.destinations if _is_ours(one, topic)), None)
    if ours:
        others = sorted(ours.kinds - set(KINDS))  # that somebody wanted besides
        kinds = tuple(one for one in KINDS if one in missing | ours.kinds)
        yield DestinationAgain(there.name, ours.name, topic, (*kinds, *others))
    else:
        yield NewDestination(there.name, DESTINATION, topic, tuple(one for one in KINDS if one in missing))


def _defaults(wanted: Wanted, found: Found) -> Iterator[Line]:
    """Mail that is sent past Franked names no set: its bounces come back as well."""
    if Part.IDENTITIES in found.troubles or Lane.NORMAL not in wanted.sets:
        return
    name = wanted.sets[Lane.NORMAL]
    for domain in wanted.domains:
        identity = covering(domain, found.identities)
        if identity is None or identity.configuration_set is None:
            yield DefaultSet(identity.name if identity else domain, name)
        else:
            yield f"default configuration set {identity.configuration_set} of {identity.name}"


def _is_ours(one: Destination, topic: str) -> bool:
    return one.name == DESTINATION or one.topic == topic


# --- the account ------------------------------------------------------------------------------------------------------


def _account(found: Found) -> Iterator[Line]:
    listed = found.account.reasons if found.account else frozenset()
    says = AccountSuppresses.says
    yield says if listed >= BOTH_REASONS else AccountSuppresses()


def _watching(wanted: Wanted, found: Found) -> Iterator[Line]:
    names = wanted.alarm_names(found.account.rate if found.account else 1.0)
    if missing := tuple(one for one in names if one not in found.alarms):
        yield NewAlarms(missing)
    else:
        yield f"alarms {', '.join(names)}"
    name = dashboard_name(wanted.sender)
    if found.has_dashboard:
        yield f"dashboard {name}"
    else:
        yield NewDashboard(name, dashboard(wanted.region, wanted.sender, has_ours=wanted.publishes_figures))


# --- what a person does -----------------------------------------------------------------------------------------------


def _notes(wanted: Wanted, found: Found) -> Iterator[str]:
    waiting = (found.identities.get(one) for one in (*wanted.addresses, *wanted.asked))
    for one in {one.name: one for one in waiting if one and one.status != SUCCESS}.values():
        yield f"SES has written to {one.name}: open the link in its mail."
    for subscription in found.topic.subscriptions if found.topic else ():
        if not subscription.confirmed:
            yield f"The subscription of {subscription.endpoint} waits: Franked confirms it while it runs."
    for identity in found.identities.values():
        if identity.is_domain and identity.dkim.origin == "EXTERNAL":
            yield f"{identity.name} signs with a key of your own: its DKIM record is the one that you made."


def _settings(wanted: Wanted, found: Found) -> Iterator[str]:
    """What franked.toml does not say yet. The simulated account's topic needs no setting."""
    if wanted.unnamed:
        yield "[ses.configuration_sets]"
        yield from (f'{lane} = "{wanted.sets[lane]}"' for lane in wanted.sets if lane in wanted.unnamed)
    if wanted.played or is_by_bus(wanted, found) or (wanted.topic and (wanted.has_queue_url or not wanted.queue)):
        return
    yield "[feedback]"
    if not wanted.topic:
        yield f'topics = ["{wanted.topic_of(found.number)}"]'
    if wanted.queue and not wanted.has_queue_url:
        yield f'queue_url = "{found.queue.url}"' if found.queue else "queue_url: known once the queue is there"
