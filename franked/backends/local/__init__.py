"""The SES account we do not have yet: simulated over HTTP, with its topic and its inbox."""

from franked.backends.local.account import Limits
from franked.backends.local.fates import EVERY, Share
from franked.backends.local.faults import EventFault, Fault, SendFault, When
from franked.backends.local.inbox import TakenMail
from franked.backends.local.server import Simulator, simulator
from franked.backends.local.topic import Pacing

__all__ = [
    "EVERY",
    "EventFault",
    "Fault",
    "Limits",
    "Pacing",
    "SendFault",
    "Share",
    "Simulator",
    "TakenMail",
    "When",
    "simulator",
]
