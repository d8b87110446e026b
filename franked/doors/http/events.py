"""SNS's webhook: text/plain POSTs from the internet, of which only our topic's signed messages count."""

from litestar import Response, post

from franked.doors.http.context import AnyRequest, client_of, door_of, request_id
from franked.doors.http.problems import Problem
from franked.feedback.receive import Confirmed, Forged, Ignored, Settled, Unreachable, receive_webhook

LARGEST = 300_000  # SNS sends at most 256 KB


@post("/v1/events/sns", status_code=200, request_max_body_size=LARGEST, summary="SNS's webhook", tags=["events"])
async def post_sns(request: AnyRequest) -> Response[str]:
    """Only messages of the topics in `[feedback] topics` that SNS signed; all others are refused and change nothing."""
    door = door_of(request)
    receipt = await receive_webhook(await request.body(), door.world)
    door.receipts[type(receipt).__name__.lower()] += 1
    if isinstance(receipt, Forged | Unreachable):
        _tell(request, receipt)
    match receipt:
        case Settled(fresh):
            return Response(f"settled {fresh}", media_type="text/plain")
        case Confirmed():
            return Response("confirmed", media_type="text/plain")
        case Ignored():
            return Response("ignored", media_type="text/plain")
        case Forged(why):
            raise Problem("forged_event", why)
        case Unreachable(why):
            raise Problem("sns_unreachable", why)


def _tell(request: AnyRequest, receipt: Forged | Unreachable) -> None:
    """`why` repeats nothing of what was posted."""
    door = door_of(request)
    untold = door.forgers.untold_before(door.world.monotonic())
    if untold is not None:
        door.world.log(
            "sns",
            level="warning",
            receipt=type(receipt).__name__.lower(),
            why=receipt.why,
            client=client_of(request),
            untold=untold or None,
            request=request_id(request),
        )
