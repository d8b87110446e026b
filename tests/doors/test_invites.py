"""Invites, from the request to the calendar: what arrives, what an update replaces, who answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import icalendar
import pytest
import pytest_asyncio

from franked.doors.http.keyring import make_key
from franked.rules.message import State
from tests.running import Product, product_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVITES = "/v1/invites"
STREAM = """[streams.invite]
kind = "transactional"
purpose = "An invite to a meeting whose time its creator has just picked"
useful_for = "30d"

[streams.note]"""
TEMPLATE = """+++
subject = "📅 Calendar Invite: {{ title }}"
variables = ["title", "start", "is_cancelled"]
+++
<p>{{ 'Called off' if is_cancelled else 'You are invited' }}: {{ title }}, {{ start }}</p>
"""


@asynccontextmanager
async def inviting(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    place = folder / "mail" / "invite"
    place.mkdir(parents=True)
    (place / "en.html").write_text(TEMPLATE)
    async with product_in(folder, ("[streams.note]", STREAM), *changes) as product:
        yield product


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with inviting(tmp_path_factory.mktemp("inviting")) as product:
        yield product


def order(product: Product, *attendees: str, **changes: Any) -> dict[str, Any]:
    now = product.clock()
    event = {
        "title": "Kick-off",
        "start": (now + timedelta(days=6)).isoformat(),
        "end": (now + timedelta(days=6, minutes=30)).isoformat(),
        "time_zone": "Europe/Zurich",
        "place": "Room 2; next to the stairs",
        "description": "We look at the plan.\nBring yours.",
        "url": "https://meet.example.com/p/1042",
    }
    return {
        "stream": "invite",
        "trigger": {"act": "chose-slot", "by": "account-1", "at": now.isoformat(), "ref": "poll-1042"},
        "event": event | changes.pop("event", {}),
        "attendees": [{"to": to, "name": to.partition("@")[0].title()} for to in attendees],
        "reply_to": "Bo <bo@example.org>",
    } | changes


async def ask(product: Product, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
    given = {"Authorization": f"Bearer {product.key}", **headers}
    sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    async with product.http.request(method, product.franked.url + path, headers=given, **sent) as said:
        return said.status, await said.json()


def change(order: dict[str, Any]) -> dict[str, Any]:
    return {name: order[name] for name in ("event", "attendees")}


async def arrived(product: Product, told: dict[str, Any], to: str) -> tuple[EmailMessage, Any]:
    """The newest mail to them, and the calendar in it."""
    [one] = [one for one in told["attendees"] if one["to"] == to]
    return await mail_of(product, one["mail"]["id"])


async def mail_of(product: Product, message_id: str) -> tuple[EmailMessage, Any]:
    story = await product.until(message_id, State.DELIVERED)
    async with product.http.get(f"{product.simulator.url}/mail/{story.ses_id}/raw?download") as said:
        mail = message_from_bytes(await said.read(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail, icalendar.Calendar.from_ical(calendar_in(mail))


def calendar_in(mail: EmailMessage) -> bytes:
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    return text


async def test_b3_an_invite_arrives_as_a_calendar_a_text_and_a_file(shared: Product) -> None:
    """B3, B4."""
    status, told = await ask(shared, "POST", INVITES, order(shared, "ana@example.net"))
    assert (status, told["sequence"], told["cancelled"]) == (202, 0, False)
    mail, calendar = await arrived(shared, told, "ana@example.net")
    assert mail["Subject"] == "📅 Calendar Invite: Kick-off"
    assert mail["Reply-To"] == "Bo <bo@example.org>"
    alternative, file = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    part = list(alternative.iter_parts())[-1]
    assert (part.get_param("method"), part.get_content_disposition()) == ("REQUEST", None)
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True) == part.get_payload(decode=True)
    [event] = calendar.walk("VEVENT")
    assert calendar["method"] == "REQUEST"
    assert str(event["attendee"]) == "mailto:ana@example.net"
    assert str(event["organizer"]) == "mailto:no-reply@backup.example.com"
    assert event["location"] == "Room 2; next to the stairs"
    assert event["description"] == "We look at the plan.\nBring yours."


async def test_a_calendar_is_whole_lines_and_its_time_zone_is_told(shared: Product) -> None:
    """RFC 5545: CRLF, 75 octets; Outlook knows no TZID without its VTIMEZONE."""
    title = "Überlegungen zur Planung, die länger sind als eine Zeile; mit Komma, Semikolon und \\ "
    _, told = await ask(shared, "POST", INVITES, order(shared, "lines@example.net", event={"title": title}))
    mail, calendar = await arrived(shared, told, "lines@example.net")
    lines = calendar_in(mail).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    [event], [zone] = calendar.walk("VEVENT"), calendar.walk("VTIMEZONE")
    assert event["dtstart"].params["TZID"] == zone["tzid"] == "Europe/Zurich"
    assert str(event["summary"]) == title.strip()
    assert event.decoded("dtstart") == datetime.fromisoformat(told["event"]["start"]).replace(microsecond=0)


async def test_b1_an_update_and_a_cancellation_are_the_same_event_and_rise(shared: Product) -> None:
    """B1, B5: nobody sees who else was asked."""
    asked = order(shared, "up1@example.net", "up2@example.net")
    _, made = await ask(shared, "POST", INVITES, asked)
    first, calendar = await arrived(shared, made, "up1@example.net")
    assert b"up2@example.net" not in first.as_bytes()
    later = order(shared, "up1@example.net", "up2@example.net", event={"place": "Room 3"})
    status, moved = await ask(shared, "PUT", f"{INVITES}/{made['id']}", change(later))
    assert status == 200, moved
    _, update = await arrived(shared, moved, "up1@example.net")
    status, off = await ask(shared, "DELETE", f"{INVITES}/{made['id']}")
    assert (status, off["cancelled"]) == (200, True)
    cancellation, cancelled = await arrived(shared, off, "up1@example.net")
    events = [one.walk("VEVENT")[0] for one in (calendar, update, cancelled)]
    assert {str(event["uid"]) for event in events} == {made["uid"]}
    assert [int(event["sequence"]) for event in events] == [0, 1, 2]
    stamps = [event.decoded("dtstamp") for event in events]
    assert stamps == sorted(set(stamps))
    assert [str(one["method"]) for one in (calendar, update, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert str(events[2]["status"]) == "CANCELLED"
    assert "Called off" in cancellation.as_string()
    status, problem = await ask(shared, "PUT", f"{INVITES}/{made['id']}", change(asked))
    assert (status, problem["code"]) == (409, "invite_cancelled")


async def test_who_is_left_out_gets_a_cancellation_and_who_is_new_an_invite(shared: Product) -> None:
    asked = order(shared, "stays@example.net", "leaves@example.net")
    _, made = await ask(shared, "POST", INVITES, asked)
    names = [{"to": "stays@example.net", "name": "Stays"}, {"to": "comes@example.net", "name": "Comes"}]
    _, told = await ask(shared, "PUT", f"{INVITES}/{made['id']}", change(asked | {"attendees": names}))
    assert [one["to"] for one in told["attendees"]] == ["stays@example.net", "comes@example.net"]
    assert told["attendees"][0]["mail"]["id"] == made["attendees"][0]["mail"]["id"]
    _, calendar = await arrived(shared, told, "comes@example.net")
    assert str(calendar["method"]) == "REQUEST"
    _, listed = await shared.get("/v1/messages?to=leaves@example.net")
    assert len(listed["messages"]) == 2
    _, cancelled = await mail_of(shared, listed["messages"][0]["id"])
    assert str(cancelled["method"]) == "CANCEL"


async def test_asked_again_with_the_same_key_it_is_one_invite_and_one_mail(shared: Product) -> None:
    asked = order(shared, "once@example.net")
    answers = [await ask(shared, "POST", INVITES, asked, **{"Idempotency-Key": "poll-7"}) for _ in range(3)]
    assert {told["id"] for _, told in answers} == {answers[0][1]["id"]}
    _, listed = await shared.get("/v1/messages?to=once@example.net")
    assert len(listed["messages"]) == 1
    other = order(shared, "once@example.net", event={"title": "Another"})
    status, problem = await ask(shared, "POST", INVITES, other, **{"Idempotency-Key": "poll-7"})
    assert (status, problem["code"]) == (409, "idempotency_conflict")


@pytest.mark.asyncio(loop_scope="function")
async def test_b2_nobody_is_invited_to_what_has_begun(tmp_path: Path) -> None:
    """B2: refused at the door, and dropped when it waited until the start."""
    async with inviting(tmp_path / "late", ("production = true", "production = false")) as product:
        await _late(product)


async def _late(product: Product) -> None:
    past = {"start": product.clock().isoformat()}
    status, problem = await ask(product, "POST", INVITES, order(product, "ana@example.net", event=past))
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid_event", "/event/start")
    soon = {"start": (product.clock() + timedelta(hours=1)).isoformat()}
    _, told = await ask(product, "POST", INVITES, order(product, "ana@example.net", event=soon))
    assert told["attendees"][0]["mail"]["reason"] == "sandbox"
    product.clock.move(hours=2)
    story = await product.until(told["attendees"][0]["mail"]["id"], State.DROPPED)
    assert story.reason == "expired"


async def test_b6_who_complained_or_bounced_is_not_invited(shared: Product) -> None:
    """B6."""
    _, told = await ask(shared, "POST", INVITES, order(shared, "complaint@simulator.amazonses.com"))
    await shared.until(told["attendees"][0]["mail"]["id"], State.COMPLAINED)
    _, told = await ask(shared, "POST", INVITES, order(shared, "complaint@simulator.amazonses.com"))
    assert told["attendees"][0]["mail"] | {"id": ""} == {"id": "", "state": "dropped", "reason": "suppressed"}


REPLY = """BEGIN:VCALENDAR
PRODID:-//Example//Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20260310T140000Z
DTEND:20260310T143000Z
DTSTAMP:{stamp}
ORGANIZER;CN=Example Backup:mailto:no-reply@backup.example.com
UID:{uid}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN=ana
 @example.net;X-NUM-GUESTS=0:MAILTO:{who}
CREATED:20260304T101500Z
DESCRIPTION:
LAST-MODIFIED:20260304T111500Z
LOCATION:
SEQUENCE:{sequence}
STATUS:CONFIRMED
SUMMARY:Accepted: Kick-off
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""


def reply(told: dict[str, Any], who: str, answer: str, sequence: int = 0, minute: int = 0) -> bytes:
    stamp = f"20990304T10{minute:02}00Z"
    text = REPLY.format(uid=told["uid"], who=who, answer=answer, sequence=sequence, stamp=stamp)
    return text.replace("\n", "\r\n").encode()


def as_mail(calendar: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Ana <ana@example.net>",
        "no-reply@backup.example.com",
        "Accepted: Kick-off",
    )
    mail.set_content("Ana has accepted this invitation.")
    mail.add_alternative("<p>Ana has accepted this invitation.</p>", subtype="html")
    mail.add_alternative(calendar, "text", "calendar", params={"method": "REPLY", "charset": "UTF-8"}, cte="base64")
    mail.add_attachment(calendar, "application", "ics", filename="invite.ics")
    return mail.as_bytes()


async def test_what_a_calendar_answers_is_shown_by_attendee(shared: Product) -> None:
    _, made = await ask(shared, "POST", INVITES, order(shared, "Reply1@example.net", "reply2@example.net"))
    replies = f"{INVITES}/{made['id']}/replies"
    status, told = await ask(shared, "POST", replies, as_mail(reply(made, "reply1@example.net", "ACCEPTED")))
    assert status == 200, told
    _, told = await ask(shared, "POST", replies, reply(made, "REPLY2@example.net", "TENTATIVE", minute=5))
    _, told = await ask(shared, "POST", replies, reply(made, "reply2@example.net", "DECLINED", minute=1))  # overtaken
    assert [one["answer"] for one in told["attendees"]] == ["accepted", "tentative"]
    _, same = await shared.get(f"{INVITES}/{made['id']}")
    assert same == told


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        (b"", 422, "invalid_reply"),
        (b"Hello", 422, "invalid_reply"),
        (b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n", 422, "invalid_reply"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", 422, "invalid_reply"),
        (b"x" * 300_001, 413, "too_large"),
        (b"\xff\xfe\x00", 422, "invalid_reply"),
    ],
)
async def test_what_is_no_answer_of_a_calendar_is_refused(shared: Product, text: bytes, status: int, code: str) -> None:
    _, made = await ask(shared, "POST", INVITES, order(shared, "noreply@example.net"))
    said, problem = await ask(shared, "POST", f"{INVITES}/{made['id']}/replies", text)
    assert (said, problem["code"]) == (status, code)


async def test_an_answer_of_a_stranger_or_to_another_event_changes_nothing(shared: Product) -> None:
    _, made = await ask(shared, "POST", INVITES, order(shared, "known@example.net"))
    replies = f"{INVITES}/{made['id']}/replies"
    status, problem = await ask(shared, "POST", replies, reply(made, "eve@example.org", "ACCEPTED"))
    assert (status, problem["code"]) == (409, "not_an_attendee")
    status, problem = await ask(shared, "POST", replies, reply(made | {"uid": "x@y"}, "known@example.net", "ACCEPTED"))
    assert (status, problem["code"]) == (404, "not_found")
    _, told = await shared.get(f"{INVITES}/{made['id']}")
    assert told["attendees"][0]["answer"] == "needs-action"


async def test_a_key_sees_its_own_invites_only(shared: Product) -> None:
    shown, other = make_key("other", frozenset(), frozenset(), shared.clock())
    await shared.franked.world.store.add_keys([other])
    shared.franked.keyring.forget()
    _, made = await ask(shared, "POST", INVITES, order(shared, "mine@example.net"))
    status, _ = await shared.get(f"{INVITES}/{made['id']}", shown)
    assert status == 404


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"attendees": [{"to": "ana"}]}, "invalid_address", "/attendees/0/to"),
        ({"attendees": []}, "invalid_shape", "/attendees"),
        ({"attendees": [{"to": "ana@example.net", "name": "a\nb"}]}, "invalid_event", "/attendees/0/name"),
        ({"organizer": "nobody"}, "invalid_sender", "/organizer"),
        ({"reply_to": "a\r\nBcc: x <y@example.net>"}, "invalid_sender", "/reply_to"),
        ({"event": {"time_zone": "Mars/Phobos"}}, "invalid_event", "/event/time_zone"),
        ({"event": {"time_zone": "../../etc/passwd"}}, "invalid_event", "/event/time_zone"),
        ({"event": {"end": "2020-01-01T00:00:00Z"}}, "invalid_event", "/event/end"),
        ({"event": {"url": "javascript:alert(1)"}}, "invalid_event", "/event/url"),
        ({"event": {"title": "a\r\nBcc: b"}}, "invalid_event", "/event/title"),
        ({"stream": "nothing"}, "unknown_stream", "/stream"),
        ({"stream": "receipt"}, "invalid_variables", "/variables/number"),
        ({"variables": {"surprise": 1}}, "invalid_variables", "/variables/surprise"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    shared: Product, changes: dict[str, Any], code: str, pointer: str
) -> None:
    asked = order(shared, "wrong@example.net", **changes)
    status, problem = await ask(shared, "POST", INVITES, asked, **{"Idempotency-Key": str(changes)[:200]})
    assert (status, problem["code"]) == (422, code), problem
    assert pointer in [one["pointer"] for one in problem["errors"]]
    _, listed = await shared.get("/v1/messages?to=wrong@example.net")
    assert listed["messages"] == []
