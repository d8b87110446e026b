"""What machines ask: alive, ready, metrics, and what a problem means."""

from collections.abc import Mapping

from litestar import HttpMethod, Response, get, route
from litestar.params import FromPath
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.metrics import Snapshot
from franked.doors.http.problems import MEANINGS, Problem
from franked.doors.http.shapes import Health
from franked.enquiry import Stop
from franked.flows.approval import waiting
from franked.ports import World
from franked.rules.at_ses import warnings
from franked.rules.canary import warning

PROMETHEUS = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")  # Litestar adds it
LOOKS = [HttpMethod.GET, HttpMethod.HEAD]  # some monitors ask for the status only


@route("/livez", http_method=LOOKS, media_type="text/plain", summary="The process answers", tags=["operations"])
async def livez() -> str:
    return "alive"


@route("/readyz", http_method=LOOKS, summary="Mail can be accepted", tags=["operations"])
async def readyz(request: AnyRequest) -> Health:
    """200 as long as mail can be accepted, with a warning for all else that is wrong; 503 when it can't."""
    if door_of(request).stopping.is_set():
        raise Problem("stopping")
    world = door_of(request).world
    await world.store.check()
    return Health("ready", await _warnings(world))


async def _warnings(world: World) -> list[str]:
    """Of what is looked at here, too, an alarm says nothing more."""
    looked_at = await _looked_at(world)
    names = {said.partition(":")[0] for said in looked_at}
    alarms = [alarm for alarm in await world.store.alarms() if alarm.key not in names]
    return [*(f"{alarm.key}: {alarm.text}" for alarm in alarms), *looked_at]


async def _looked_at(world: World) -> list[str]:
    standing = await world.store.standing(world.now())
    said = [
        f"lane_waits: {lane.value} waits until {wait.until:%H:%M:%S}Z: {wait.why}"
        for lane, wait in standing.waits.items()
    ]
    if held := await waiting(world):
        said.append(f"not_approved: {held}")
    if broken := warning(await world.store.canary(), world.declared.canary, world.now()):
        said.append(f"canary: {broken}")
    said += _of_stopped(await world.store.count_stopped())
    of_list = warnings(await world.store.reconcile_stand(), world.declared.at_ses, world.now())
    said += [f"{name}: {sentence}" for name, sentence in of_list]
    if not world.declared.sns_topics and world.feed is None:
        said.append("no_feedback: bounces and complaints can't come in; name [feedback] topics or queue_url")
    access = standing.access
    if access is None:
        return [*said, "account_unread: SES's account has not been read yet, so nothing is sent"]
    if not access.production:
        said.append("sandbox: only verified addresses and SES's mailbox simulator can be mailed")
    if not access.sending_enabled:
        said.append("sending_disabled: sending is switched off at SES")
    if access.enforcement != "HEALTHY":
        said.append(f"enforcement: AWS calls the account {access.enforcement}")
    return said


def _of_stopped(stopped: Mapping[Stop, int]) -> list[str]:
    said = []
    if dead := stopped[Stop.DEAD]:
        said.append(f"dead_letters: {_counted(dead)} used up all tries, see franked dead")
    if unknown := stopped[Stop.UNKNOWN_OUTCOME]:
        said.append(f"unknown_outcome: {_counted(unknown)} may have arrived or not, see franked dead")
    return said


def _counted(number: int) -> str:
    return f"{number} message" if number == 1 else f"{number} messages"


@get("/metrics", summary="Prometheus metrics", tags=["operations"])
async def metrics(request: AnyRequest) -> Response[bytes]:
    door = door_of(request)
    world = door.world
    registry = CollectorRegistry()
    registry.register(
        Snapshot(
            waiting=await world.store.count_waiting(),
            counters=await world.store.counters(),
            standing=await world.store.standing(world.now()),
            forged=door.receipts["forged"],
        )
    )
    return Response(generate_latest(registry), media_type=PROMETHEUS)


@get("/problems/{code:str}", media_type="text/plain", summary="What a problem means", tags=["operations"])
async def problem(code: FromPath[str]) -> str:
    meaning = MEANINGS.get(code)
    if meaning is None:
        raise Problem("not_found", "there is no such problem")
    return f"{code} ({meaning.status}): {meaning.title}. {meaning.way_out}\n"
