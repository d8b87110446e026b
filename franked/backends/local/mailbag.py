"""SNS's posts about mail that an account took, made in advance: genuine to whoever trusts this mailbag's topic."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from franked.backends.local.events import events_of
from franked.backends.local.faults import Faults
from franked.backends.local.letter import Letter
from franked.backends.local.reading import bare
from franked.backends.local.topic import Pacing, Topic
from franked.formats import sns
from franked.formats.mail import ATTEMPT_TAG, MESSAGE_TAG


class Mailbag:
    def __init__(self, topic_arn: str, now: Callable[[], datetime]) -> None:
        self._topic = Topic(topic_arn, now, Faults(), Pacing(), _unsaid)
        self._region, self._now = sns.region_of(topic_arn) or "", now

    @property
    def certificate(self) -> bytes:
        return self._topic.key.pem

    def posts(self, message_id: str, ses_id: str, sender: str, recipient: str) -> list[bytes]:
        """The bodies, signed."""
        return [self._topic.notice(event) for event in self.events(message_id, ses_id, sender, recipient)]

    def events(self, message_id: str, ses_id: str, sender: str, recipient: str) -> list[dict[str, Any]]:
        """SES's, in the order of what came to pass: it took the first attempt's mail, and delivered it."""
        letter = Letter(
            ses_id=ses_id,
            message_id=f"<{ses_id}@{self._region}.amazonses.com>",
            at=self._now(),
            source=sender,
            senders=(bare(sender),),
            recipients=(recipient,),
            subject="Your receipt",
            tags=((MESSAGE_TAG, message_id), (ATTEMPT_TAG, f"{message_id}-1")),
            configuration_set=None,
            to=(recipient,),
        )
        return list(events_of(letter, self._region))


def _unsaid(event: str, **more: object) -> None:
    """Nobody reads along."""
