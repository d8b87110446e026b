"""What SES says comes in, by webhook or by queue. Everything here is hostile until the signature says otherwise."""

from dataclasses import dataclass, field

from franked.feedback.settle import settle
from franked.formats import eventbridge, ses_event, sns
from franked.formats.envelope import Unwrapped, of_bridge, unwrap
from franked.ports import World
from franked.record import Alarm
from franked.rules.diagnosis import Amiss

SENDING_STOPPED = "sending_disabled"  # the alarm


@dataclass(frozen=True, slots=True)
class Settled:
    """`fresh`: how many of its events were new."""

    fresh: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    topic: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Genuine, kept in the log, without consequence."""

    why: str


@dataclass(frozen=True, slots=True)
class Forged:
    """Not from our topic, or not signed by SNS. Nothing was fetched before the topic and the URL were found good."""

    why: str
    amiss: Amiss | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Genuine as far as one can see, but SNS's certificate or confirmation page did not answer: to be sent again."""

    why: str


_OTHER_TOPIC = "the topic is none of [feedback] topics"

Receipt = Settled | Confirmed | Ignored | Forged | Unreachable


async def receive_webhook(body: bytes, world: World) -> Receipt:
    """One SNS POST. What is Forged or Unreachable anybody can post, as often as he likes: whether that is worth a line
    in the log is for the door to say. Raises StoreUnavailable; SNS tries again."""
    try:
        receipt = await _receive_signed(body, world)
    except Exception:
        world.ears.note(Amiss.ERROR, world.now())
        raise
    _note(receipt, world)
    match receipt:
        case Ignored(why):
            world.log("sns", level="warning", receipt="ignored", why=why)
        case Confirmed(topic):
            world.log("sns", receipt="confirmed", topic=topic)
        case Settled() | Forged() | Unreachable():
            pass
    return receipt


def _note(receipt: Receipt, world: World) -> None:
    """For the canary, which may hear nothing for this very reason."""
    match receipt:
        case Forged(amiss=Amiss() as amiss):
            world.ears.note(amiss, world.now())
        case Unreachable():
            world.ears.note(Amiss.CERTIFICATE, world.now())
        case _:
            pass


async def _receive_signed(body: bytes, world: World) -> Receipt:
    envelope = await verified(body, world)
    return await _opened(envelope, world) if isinstance(envelope, sns.Envelope) else envelope


async def verified(body: bytes, world: World) -> sns.Envelope | Forged | Unreachable:
    """What SNS signed for our topic: nothing was done with it yet."""
    envelope = sns.parse_envelope(body)
    if isinstance(envelope, sns.NotSns):
        return Forged(envelope.why, Amiss.UNSIGNED if ses_event.is_event(body) else None)
    return await _doubt(envelope, world) or envelope


async def _doubt(envelope: sns.Envelope, world: World) -> Forged | Unreachable | None:
    """In this order: the topic is ours, the certificate's URL is SNS's, the certificate is good, it signed this."""
    if envelope.topic_arn not in world.declared.sns_topics:
        return Forged(_OTHER_TOPIC, Amiss.OTHER_TOPIC)
    if fault := sns.certificate_url_fault(envelope.cert_url, envelope.topic_arn):
        return Forged(fault, Amiss.BAD_SIGNATURE)
    pem = await world.web.certificate(envelope.cert_url)
    if pem is None:
        return Unreachable("the signing certificate could not be fetched")
    key = sns.certificate_key(pem, world.now())
    if isinstance(key, str):
        return Forged(key, Amiss.BAD_SIGNATURE)
    if sns.verify(envelope, key):
        return None
    return Forged("the signature does not fit the message", Amiss.BAD_SIGNATURE)


async def _opened(envelope: sns.Envelope, world: World) -> Receipt:
    match envelope.type:
        case "Notification":
            return await _settled(of_bridge(envelope.message, eventbridge.read(envelope.message)), world)
        case "SubscriptionConfirmation":
            return await _confirmed(envelope, world)
        case _:  # never visited: whoever cut us off may do so again
            text = f"the subscription of {envelope.topic_arn} was ended: no more events come"
            await world.store.open_alarms([Alarm("feedback_unsubscribed", text, world.now())])
            return Ignored(text)


async def _settled(unwrapped: Unwrapped, world: World) -> Receipt:
    if unwrapped.bridge and unwrapped.bridge.event is None:
        return await _told_of_the_account(unwrapped.bridge, world)
    try:
        settled = await settle(unwrapped.text, world)
    except ses_event.NotAnEvent as odd:  # SES's own test text among them: a loop through retries helps nobody
        return Ignored(f"no SES event: {odd}")
    return Settled(sum(result.fresh for result in settled))


async def _told_of_the_account(told: eventbridge.Bridged, world: World) -> Ignored:
    """No mail's event. That SES stops sending is told at once; what it means is read from the account itself."""
    about = f"{told.kind} ({told.about})" if told.about else told.kind
    if told.kind == eventbridge.SENDING_STOPPED:
        text = f"SES has stopped sending, says EventBridge: {about}"
        await world.store.open_alarms([Alarm(SENDING_STOPPED, text, world.now())])
    if told.kind == eventbridge.SENDING_RESUMED:
        await world.store.close_alarms([SENDING_STOPPED])
    return Ignored(f"no SES event: EventBridge's {about}")


async def _confirmed(envelope: sns.Envelope, world: World) -> Receipt:
    url = envelope.subscribe_url or ""
    if fault := sns.subscribe_url_fault(url, envelope.topic_arn):
        return Forged(fault)
    if await world.web.fetch(url) is None:
        return Unreachable("SNS's confirmation page did not answer")
    return Confirmed(envelope.topic_arn)


async def receive_queued(body: str, world: World) -> Receipt:
    """One message of our own queue, which only our topic can write to (its policy says so; no signature is needed)."""
    unwrapped = unwrap(body)
    topics = world.declared.sns_topics
    if topics and unwrapped.topic is not None and unwrapped.topic not in topics:
        receipt: Receipt = Forged(_OTHER_TOPIC, Amiss.OTHER_TOPIC)
    else:
        receipt = await _settled(unwrapped, world)
    _note(receipt, world)
    return receipt
