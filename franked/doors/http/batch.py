"""Up to a thousand mails in one request: stored in one go, answered one by one."""

from litestar import post
from litestar.params import JSONBody

from franked.doors.http import shapes
from franked.doors.http.context import AnyRequest, Asker, asker_of, readable_text
from franked.doors.http.many import BatchMessage, NewBatch, ToldAnswer, ToldBatch
from franked.doors.http.problems import Problem, of_busy, of_conflict, of_turned_away, told
from franked.doors.http.taking import draft_of, tell
from franked.record import Added, Busy, IdempotencyConflict
from franked.rules.draft import Draft
from franked.rules.remedy import hint
from franked.rules.verdict import TurnedAway
from franked.sending.accept import Answer, accept

LARGEST = 20_000_000


@post(
    "/v1/messages/batch",
    status_code=200,
    request_max_body_size=LARGEST,
    before_request=readable_text,
    summary="Send up to 1,000 mails",
    tags=["messages"],
)
async def post_batch(request: AnyRequest, data: JSONBody[NewBatch]) -> ToldBatch:
    """Each is judged and answered by itself, as `POST /v1/messages` would: what one of them is refused for stops no
    other. A wrong shape anywhere refuses the whole batch, and stores nothing."""
    asker = asker_of(request)
    share = len(await request.body()) // len(data.messages)
    read = [_read(one, share, asker) for one in data.messages]
    drafts = [one for one in read if isinstance(one, Draft)]
    accepted = iter(await accept(drafts, asker.key.caller, asker.door.world))
    answers = [next(accepted) if isinstance(one, Draft) else one for one in read]
    pairs = zip(data.messages, answers, strict=True)
    return ToldBatch([_answer(place, one, answer, asker) for place, (one, answer) in enumerate(pairs)])


def _read(one: BatchMessage, size: int, asker: Asker) -> Draft | Problem:
    try:
        return draft_of(one, one.idempotency_key, size, asker.request_id)
    except Problem as problem:
        return Problem(problem.code, problem.detail, "/idempotency_key")


def _answer(place: int, one: BatchMessage, answer: Answer | Problem, asker: Asker) -> ToldAnswer:
    match answer:
        case Added():
            tell(answer, one.stream, asker)
            hinted = hint(answer.state, answer.reason, one.to.strip(), answer.id)
            links = asker.door.links_to(answer.id)
            return ToldAnswer(answer.id, answer.state.value, answer.reason, hinted, links)
        case TurnedAway():
            return _turned_down(place, of_turned_away(answer))
        case IdempotencyConflict():
            conflict = of_conflict(answer)
            return _turned_down(place, Problem(conflict.code, conflict.detail, "/idempotency_key"))
        case Busy():
            return _turned_down(place, of_busy())
        case Problem():
            return _turned_down(place, answer)


def _turned_down(place: int, problem: Problem) -> ToldAnswer:
    found = [problem, *problem.also]
    faults = [shapes.ToldFault(one.code, f"/messages/{place}{one.pointer or ''}", one.detail) for one in found]
    return ToldAnswer(problem=shapes.Problem(**told(problem) | {"errors": faults}))
