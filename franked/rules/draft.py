"""What came in at a door, before anything was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from franked.rules.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Draft:
    stream: str
    to: str
    trigger: Trigger | None
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)
    locale: str | None = None
    sender: str | None = None  # a From other than the stream's own
    idempotency_key: str | None = None
    request_id: str = ""
