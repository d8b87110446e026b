"""What the settings say of codes: of one stream's, and of all together."""

# ruff: noqa: RUF009 (`setting` is `dataclasses.field` with notes: no call is left in a default)

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from franked.rules.content import Content
from franked.rules.stream import Coding, Kind, Limit, Stream
from franked.settings import forms
from franked.settings.document import Document
from franked.settings.faults import Fault
from franked.settings.lines import Keys
from franked.settings.setting import setting, settings_of
from franked.settings.values import take

NAME = "codes"


@dataclass(frozen=True, slots=True)
class AllCodes:
    """How many codes, of all streams together: 20 a day with 5 guesses each are 100 guesses at one mailbox's codes."""

    per_mailbox: Limit | None = setting(
        forms.limit(), Limit(20, timedelta(days=1)), "How many one mailbox may get, however its address is spelled."
    )
    per_ip: Limit | None = setting(
        forms.limit(),
        Limit(60, timedelta(hours=1)),
        "How many the application may ask for on behalf of one caller: an IPv4 address, or an IPv6 /64.",
    )
    per_key: Limit | None = setting(forms.limit(), Limit(5000, timedelta(hours=1)), "How many one API key may ask for.")


@dataclass(frozen=True, slots=True)
class Codes:
    """Franked makes and checks the codes of this stream; the section alone says so. It needs `secret = true`."""

    valid_for: timedelta | None = setting(
        forms.span(), None, "How long a code, or a link, may be used.", unsaid="the stream's `useful_for`"
    )
    digits: int = setting(forms.whole(6, 10), 6, "How many digits a code has.")
    attempts: int = setting(forms.whole(1, 10), 5, "How many guesses at one code are compared.")
    resend_after: timedelta = setting(
        forms.span(), timedelta(seconds=45), "So soon after a code the same request sends no other."
    )
    leads_to: str | None = setting(
        forms.url(),
        None,
        "The product's page that follows a link's button; it gets the proof as `token`.",
        unsaid="a page of Franked's says that it is done",
    )


OF_A_STREAM = settings_of(f"streams.*.{NAME}", Codes)
NAMES = {one.name for one in OF_A_STREAM}


@dataclass(frozen=True, slots=True)
class Coded:
    """A stream with what its section of codes says, if it has one."""

    stream: Stream
    keys: Keys  # of that section
    origins: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def coded(stream: Stream, document: Document) -> Coded:
    keys = ("streams", stream.name, NAME)
    said = document.said(keys)
    if said is None:
        return Coded(stream, keys)
    section = ".".join(keys)
    if not isinstance(said, Mapping):
        return Coded(stream, keys, faults=(document.fault(keys, f"codes are a section: write [{section}]"),))
    taken = take((replace(one, section=section) for one in OF_A_STREAM), document, {})
    coding = _coding(stream, Codes(**taken.values))
    faults = (*taken.faults, *_misfits(stream, coding, document))
    return Coded(replace(stream, codes=coding), keys, taken.origins, faults)


def _coding(stream: Stream, said: Codes) -> Coding:
    return Coding(
        valid_for=said.valid_for or stream.useful_for,
        digits=said.digits,
        attempts=said.attempts,
        resend_after=said.resend_after,
        leads_to=said.leads_to,
    )


def _misfits(stream: Stream, coding: Coding, document: Document) -> Iterator[Fault]:
    """What does not go together with codes, or among them."""
    for name, what in _wrong(stream, coding).items():
        keys = ("streams", stream.name, *name.split("."))
        said_at = keys if document.said(keys) is not None else keys[:2]
        yield document.fault(said_at, f"[streams.{stream.name}] {name}: {what}")


def _wrong(stream: Stream, coding: Coding) -> Mapping[str, str]:
    wrong = {
        "secret": (not stream.secret, "a stream that sends codes is secret: write secret = true"),
        "kind": (stream.kind is not Kind.TRANSACTIONAL, "a stream that sends codes is transactional"),
        "content": (stream.content is not Content.TEMPLATE, "a template writes the mail of a stream that sends codes"),
        f"{NAME}.valid_for": (
            coding.valid_for < stream.useful_for,
            "it is shorter than useful_for: a mail could bring a code that has ended",
        ),
        f"{NAME}.resend_after": (coding.resend_after > coding.valid_for, "it is longer than a code is valid"),
    }
    return {name: sentence for name, (is_wrong, sentence) in wrong.items() if is_wrong}
