"""One request after another, each on what the one before left behind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.findings import try_out
from tests.fuzz.routes import Asker

LONGEST = 8
TO = "ana@example.com"
ADMINISTRATOR = "administrator"


@dataclass(slots=True)
class Desk:
    """An administrator's day: the message and the key that were made last, and who may not be mailed."""

    asker: Asker
    message: str = "m_01kjv281d0q2m5r8x4y7zb3cde"
    key: str = "4k2m8x1p"
    shown: str = ADMINISTRATOR
    revoked: bool = False
    suppressed: bool | None = None  # None: a sequence before may have done it
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str, *expected: int, caller: str = ADMINISTRATOR, **given: Any) -> Any:
        """The route of this name. None where the answer is none of those expected, or does not fit the document."""
        self.asked.append(name)
        case = self.asker.schema.find_operation_by_id(name).Case(**given)
        answer = self.asker.ask(case, caller)
        if answer is None:
            return None
        if answer.status_code not in expected:
            self.asker.findings.fail(" → ".join(self.asked), f"{answer.status_code}, which is none of {expected}")
            return None
        return answer.json() if answer.content else {}

    def post(self, name: str, body: object, *expected: int, **given: Any) -> Any:
        return self.ask(name, *expected, body=body, media_type="application/json", **given)

    # --- messages ---------------------------------------------------------------------------------------------------

    def draft(self, **more: object) -> dict[str, object]:
        trigger = {"act": "purchase", "by": "account-1", "at": self.asker.live.now().isoformat()}
        return {"stream": "receipt", "to": TO, "variables": {"number": "R-1"}, "trigger": trigger} | more

    def send(self) -> None:
        self._sent(self.post("post_message", self.draft(), 202))

    def send_later(self) -> None:
        later = self.asker.live.now() + timedelta(hours=1)
        self._sent(self.post("post_message", self.draft(send_at=later.isoformat()), 202))

    def send_many(self) -> None:
        answer = self.post("post_batch", {"messages": [self.draft(), self.draft(to="no address")]}, 200)
        if answer and [set(one) & {"id", "problem"} for one in answer["answers"]] != [{"id"}, {"problem"}]:
            self.asker.findings.fail(" → ".join(self.asked), "a batch whose answers don't fit its messages")

    def _sent(self, answer: Any) -> None:
        if answer is None:
            return
        self.message = answer["id"]
        if self.suppressed and answer["state"] != "dropped":
            self.asker.findings.fail(" → ".join(self.asked), f"{answer['state']}, though suppressed")

    def look(self) -> None:
        self.ask("get_message", 200, 404, path_parameters={"message_id": self.message})

    def take_back(self) -> None:
        self.ask("delete_message", 200, 404, 409, path_parameters={"message_id": self.message})

    def replay(self) -> None:
        self.post("post_replay", {"why": "again"}, 404, 409, path_parameters={"message_id": self.message})

    def release(self) -> None:
        self.post("post_release", {"why": "again"}, 404, 409, path_parameters={"message_id": self.message})

    def page(self) -> None:
        first = self.ask("get_messages", 200, query={"limit": 1})
        if first and first["next"]:
            self.ask("get_messages", 200, query={"limit": 1, "after": first["next"]})

    # --- keys -------------------------------------------------------------------------------------------------------

    def make_key(self) -> None:
        if made := self.post("post_key", {"name": "one of a sequence"}, 201):
            self.key, self.shown, self.revoked = made["id"], made["key"], False

    def rotate(self) -> None:
        expected = (409,) if self.revoked else (200, 404)
        if new := self.post("post_rotation", {"overlap": "0s"}, *expected, path_parameters={"key_id": self.key}):
            self.shown = new.get("key", self.shown)

    def revoke(self) -> None:
        gone = self.ask("delete_key", *((404,) if self.revoked else (204, 404)), path_parameters={"key_id": self.key})
        self.revoked = self.revoked or (gone == {} and self.shown != ADMINISTRATOR)

    def use(self) -> None:
        self.ask("get_messages", 401 if self.revoked else 200, caller=self.shown)

    # --- suppressions -----------------------------------------------------------------------------------------------

    def suppress(self) -> None:
        self.post(
            "post_suppression", {"address": TO, "reason": "a sequence"}, *((200,) if self.suppressed else (200, 201))
        )
        self.suppressed = True

    def lift(self) -> None:
        expected = {True: (200,), False: (404,), None: (200, 404)}[self.suppressed]
        self.ask("delete_suppression", *expected, path_parameters={"address": TO}, query={"why": "a sequence"})
        self.suppressed = False

    def bring_in(self) -> None:
        body = {"source": "a sequence", "addresses": [TO, "no address"]}
        self.post("post_import", body, 200)
        self.suppressed = True


STEPS: tuple[Callable[[Desk], None], ...] = (
    *(Desk.send, Desk.send_later, Desk.send_many, Desk.look, Desk.take_back, Desk.replay, Desk.release, Desk.page),
    *(Desk.make_key, Desk.rotate, Desk.revoke, Desk.use),
    *(Desk.suppress, Desk.lift, Desk.bring_in),
)


def fuzz_sequences(asker: Asker, cases: int, seed: int) -> None:
    """About so many requests."""

    @given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=LONGEST))
    def followed(steps: list[Callable[[Desk], None]]) -> None:
        desk = Desk(asker)
        for step in steps:
            step(desk)

    try_out(followed, max(1, cases // (LONGEST // 2)), seed)
