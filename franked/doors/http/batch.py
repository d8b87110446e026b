"""Up to a thousand mails in one request: stored in one go, answered one by one."""

from litestar import post
from litestar.params import JSONBody

from franked.doors.http.context import AnyRequest, authenticated, door_of, readable_text
from franked.doors.http.many import BatchMessage, NewBatch, ToldAnswer, ToldBatch, ToldFault, ToldProblem
from franked.doors.http.messages import draft_of, links_to, tell
from franked.doors.http.problems import Problem, of_conflict, of_turned_away, told
from franked.record import Added, ApiKey, IdempotencyConflict
from franked.rules.draft import Draft
from franked.rules.verdict import TurnedAway
from franked.sending.accept import accept

LARGEST = 20_000_000


async def known_and_readable(request: AnyRequest) -> None:
    """Twenty megabytes are parsed for nobody but a key's owner."""
    await authenticated(request)
    await readable_text(request)


@post(
    "/v1/messages/batch",
    status_code=200,
    request_max_body_size=LARGEST,
    before_request=known_and_readable,
    summary="Send up to 1,000 mails",
    tags=["messages"],
)
async def post_batch(request: AnyRequest, data: JSONBody[NewBatch]) -> ToldBatch:
    """Each is judged and answered by itself, as `POST /v1/messages` would: what one of them is refused for stops no
    other. A wrong shape anywhere refuses the whole batch, and stores nothing."""
    key = await authenticated(request)
    read = [_read(one, request) for one in data.messages]
    drafts = [one for one in read if isinstance(one, Draft)]
    accepted = iter(await accept(drafts, key.caller, door_of(request).world))
    answers = [next(accepted) if isinstance(one, Draft) else one for one in read]
    pairs = zip(data.messages, answers, strict=True)
    return ToldBatch([_answer(place, one, answer, key, request) for place, (one, answer) in enumerate(pairs)])


def _read(one: BatchMessage, request: AnyRequest) -> Draft | Problem:
    try:
        return draft_of(one, one.idempotency_key, request)
    except Problem as problem:
        return Problem(problem.code, problem.detail, "/idempotency_key")


def _answer(
    place: int,
    one: BatchMessage,
    answer: Added | TurnedAway | IdempotencyConflict | Problem,
    key: ApiKey,
    request: AnyRequest,
) -> ToldAnswer:
    match answer:
        case Added():
            tell(answer, one, key, request)
            return ToldAnswer(answer.id, answer.state.value, answer.reason, links_to(answer.id, door_of(request)))
        case TurnedAway():
            return _turned_down(place, of_turned_away(answer))
        case IdempotencyConflict():
            conflict = of_conflict(answer)
            return _turned_down(place, Problem(conflict.code, conflict.detail, "/idempotency_key"))
        case Problem():
            return _turned_down(place, answer)


def _turned_down(place: int, problem: Problem) -> ToldAnswer:
    pointer = f"/messages/{place}{problem.pointer or ''}"
    body = told(problem) | {"errors": [ToldFault(pointer, problem.detail)]}
    return ToldAnswer(problem=ToldProblem(**body))
