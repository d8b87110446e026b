"""What the flows ask of the record, shelf by shelf: a part of franked.store, whose promises hold here too."""

from franked.shelves.access import Requests
from franked.shelves.feedback import Canaries, SesList, Webhooks
from franked.shelves.flows import Codes, Consents, Invites, Newsletters, People, Reviews, Tickets
from franked.shelves.reputation import Alarms, Reputation

__all__ = [
    "Alarms",
    "Canaries",
    "Codes",
    "Consents",
    "Invites",
    "Newsletters",
    "People",
    "Reputation",
    "Requests",
    "Reviews",
    "SesList",
    "Tickets",
    "Webhooks",
]
