"""How each kind of forged or odd SNS message is made, and what a row of the table says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from franked.formats import sns
from tests.forging import Forger, Page, Posted, TinyKey, certificate, page, posted, rsa_key
from tests.formats.test_ses_event import bounce, notice

Make = Callable[[Forger], Posted]


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes in the record, and how often SNS's confirmation page was visited."""

    bounced: int = 0
    suppressed: bool = False
    alarmed: bool = False
    visited: int = 0


NOTHING, SETTLED, ALARMED, VISITED = (
    Effect(),
    Effect(bounced=1, suppressed=True),
    Effect(alarmed=True),
    Effect(visited=1),
)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    make: Make
    status: int
    said: str  # a problem's code, or the whole answer
    effect: Effect = NOTHING
    why: str = ""  # a part of the answer, where one check could hide behind another


def forged(name: str, make: Make, why: str = "") -> Row:
    return Row(name, make, 403, "forged_event", why=why)


def settled(name: str, make: Make) -> Row:
    return Row(name, make, 200, "settled 1", SETTLED)


def ignored(name: str, make: Make) -> Row:
    return Row(name, make, 200, "ignored")


def unreachable(name: str, make: Make, effect: Effect = NOTHING) -> Row:
    return Row(name, make, 503, "sns_unreachable", effect)


# --- how a message is made


def genuine(version: str = "1", **fields: object) -> Make:
    """Signed by SNS as it stands."""
    return lambda f: posted(f.signed(f.notification(**fields), version))


def changed(**fields: object) -> Make:
    """Signed by SNS, and changed then."""
    return lambda f: posted(f.signed(f.notification()) | f.spelled(fields))


def without(name: str) -> Make:
    return lambda f: posted(less(f.signed(f.notification()), name))


def confirming(**fields: object) -> Make:
    return lambda f: posted(f.signed(f.confirmation(**fields)))


def raw(rewritten: Callable[[bytes], bytes], **headers: str) -> Make:
    """A genuine bounce's bytes, written anew."""
    return lambda f: Posted(rewritten(genuine()(f).body), headers)


def sent_as(**headers: str) -> Make:
    return raw(lambda body: body, **{name.replace("_", "-"): value for name, value in headers.items()})


def certified(pem: Callable[[], bytes], bits: int = 2048) -> Make:
    return lambda f: f.certified(pem(), rsa_key(bits))


def served(made: Callable[[Forger], Page]) -> Make:
    """Signed by SNS; its certificate's page is another."""
    return lambda f: posted(f.signed(f.notification(SigningCertURL=f.origin.serve(made(f)))))


def own_certificate(f: Forger) -> Posted:
    """The attacker's own key and certificate, at the attacker's own URL."""
    fields = f.notification(SigningCertURL="https://127.0.0.1:PORT/SimpleNotificationService-0a.pem")
    return posted(sns.sign(fields, rsa_key(), "1"))


def tiny(f: Forger) -> Posted:
    key = TinyKey()
    fields = f.notification(SigningCertURL=f.origin.serve(page(certificate(key.public))))
    envelope = sns.parse_envelope(posted(fields | {"SignatureVersion": "1", "Signature": ""}).body)
    assert isinstance(envelope, sns.Envelope)
    return posted(fields | {"SignatureVersion": "1", "Signature": key.sign(sns.string_to_sign(envelope))})


def another_type(f: Forger) -> Posted:
    """A notification's signature, for a subscription that was never asked for."""
    fields = f.signed(f.notification())
    return posted(
        fields | {"Type": "SubscriptionConfirmation"} | {k: f.confirmation()[k] for k in ("Token", "SubscribeURL")}
    )


def genuine_as(kind: str) -> Make:
    """Signed as a notification, for SNS has no such type."""
    return changed(Type=kind)


def less(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def bare(f: Forger) -> Posted:
    return Posted(f.event().encode(), {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-rawdelivery": "true"})


def told_by(text: Callable[[Forger], str]) -> Make:
    """A genuine envelope with this in it."""
    return lambda f: posted(f.signed(f.notification() | {"Message": text(f)}))


def with_a_diagnostic(said: str) -> Callable[[Forger], str]:
    def text(f: Forger) -> str:
        event = json.loads(f.event())
        event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = said
        return json.dumps(event)

    return text


def thousand(f: Forger) -> str:
    return notice("Bounce", bounce("Permanent", "General", f.address, *(f"r{n}-{f.address}" for n in range(999))))


def moved(f: Forger) -> Page:
    return page(b"", 302, {"Location": f"https://127.0.0.1:{f.trap.port}/SimpleNotificationService-0a.pem"})


def hanging(_: Forger) -> Page:
    async def answer(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    return answer


def broken_off(_: Forger) -> Page:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 evil\x00\r\nno header at all\r\n\r\n")
        request.transport.close()
        return web.Response()

    return answer


def padded() -> bytes:
    return certificate(rsa_key().public_key()) + b"#" * 70_000


def all_at_once(f: Forger) -> Posted:
    """Message and MessageId cut elsewhere: the signed text stays the same."""
    fields = f.notification()
    inner = f"{fields['Message']}\nMessageId\n{fields['MessageId']}"
    signed = f.signed(fields | {"Message": inner, "MessageId": "evil"})
    return posted(signed | {"Message": fields["Message"], "MessageId": f"{fields['MessageId']}\nMessageId\nevil"})
