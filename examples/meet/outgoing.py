"""What meet asks of Franked: one invite a poll."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.franked import Franked, act, text_of
from .polls import Poll, Voter

INVITES = "/v1/invites"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Raises NotReached, Refused: nothing is lost, the creator may ask again."""

    franked: Franked
    site: str
    remember: Callable[[str, str], None]  # under which id Franked knows a mail

    async def invite(self, poll: Poll, voters: Sequence[Voter]) -> str:
        """The invite's id. Asked again it is the same one."""
        assert poll.chosen_at is not None
        trigger = act("chose-slot", poll.id, poll.chosen_at, poll.id)
        sender = f'"{poll.name}" <{poll.email}>'
        order = {"stream": "invite", "trigger": trigger, "reply_to": sender, **self._what(poll, voters)}
        told = self._told(await self.franked.ask("POST", INVITES, order, once=f"poll-{poll.id}"))
        return str(told["id"])

    async def move(self, poll: Poll, voters: Sequence[Voter]) -> None:
        self._told(await self.franked.ask("PUT", f"{INVITES}/{poll.invite}", self._what(poll, voters)))

    async def call_off(self, poll: Poll) -> None:
        self._told(await self.franked.ask("DELETE", f"{INVITES}/{poll.invite}"))

    async def standing(self, poll: Poll) -> dict[str, Any]:
        """Who has answered what, as Franked knows it."""
        return await self.franked.ask("GET", f"{INVITES}/{poll.invite}")

    def _told(self, answer: dict[str, Any]) -> dict[str, Any]:
        for one in answer["attendees"]:
            if one["mail"]:
                self.remember(one["mail"]["id"], one["mail"]["id"])
        return answer

    def _what(self, poll: Poll, voters: Sequence[Voter]) -> dict[str, Any]:
        assert poll.chosen is not None
        event = {
            "title": poll.title,
            "start": text_of(poll.chosen),
            "end": text_of(poll.end(poll.chosen)),
            "time_zone": poll.zone,
            "place": poll.place,
            "description": poll.description,
            "url": f"{self.site}/p/{poll.id}",
        }
        return {"event": event, "attendees": [{"to": voter.email, "name": voter.name} for voter in voters]}
