"""The defence of the account in a review by AWS, as Markdown: figures, what the record has of it, and no excuse."""

from collections.abc import Iterator, Sequence

from franked.formats.plain import table
from franked.formats.request import REHEARSAL
from franked.rules.defence import Defence
from franked.rules.governor import MEANING, BrakeLine
from franked.rules.rates import Window
from franked.rules.report import Row

COUNTED = ("Sent", "Hard bounces", "Rate", "Complaints", "Rate")


def defence(told: Defence) -> str:
    return "\n".join([*_top(told), *_happened(told), *_done(told), *_prevents(told)]) + "\n"


def _top(told: Defence) -> Iterator[str]:
    yield f"# Review of the Amazon SES account: {told.company}"
    yield ""
    if told.rehearsal:
        yield f"> {REHEARSAL}"
        yield ""
    yield f"- **Region:** {told.region}"
    yield f"- **Domain:** {', '.join(told.domains)}"
    yield f"- **Days:** {told.since:%Y-%m-%d} to {told.at:%Y-%m-%d} (UTC); counted at {told.at:%Y-%m-%d %H:%M} UTC"


def _happened(told: Defence) -> Iterator[str]:
    """Our own figures, and AWS's beside them."""
    yield from ("", "## What happened", "")
    if not told.total.sent:
        yield "No mail was sent on these days."
    else:
        yield from _figures(told)
    if told.aws:
        known = {"bounces": told.aws.bounce, "complaints": told.aws.complaint}
        rates = " and ".join(f"{_share(rate)} {what}" for what, rate in known.items() if rate is not None)
        if rates:
            yield from ("", f"CloudWatch counted {rates} for the account, read at {told.aws.at:%Y-%m-%d %H:%M} UTC.")


def _figures(told: Defence) -> Iterator[str]:
    all_ = told.total
    yield (
        f"On these days {_many(all_.sent, 'mail was', 'mails were')} sent: {all_.bounced:,} bounced for good "
        f"({_share(all_.bounce_rate)}), {_many(all_.complained, 'was', 'were')} complained about "
        f"({_share(all_.complaint_rate)}), {_many(all_.rejected, 'was', 'were')} rejected by SES. "
        "The rates are of our own record: AWS computes its own."
    )
    yield from ("", "### By window", "")
    yield from table(("Window", *COUNTED), [(one.name, *_cells(one)) for one in told.windows])
    yield from ("", "### By stream", "")
    yield from table(("Stream", *COUNTED), [(_named(one.of), *_cells(one)) for one in told.streams])
    yield from ("", "### By day", "")
    yield from table(("Day", *COUNTED), [(f"{one.day:%Y-%m-%d}", *_cells(one.row)) for one in told.days])


def _named(stream: str) -> str:
    return f"{stream} (to ourselves)" if stream.startswith("franked-") else stream


def _cells(one: Row | Window) -> Sequence[str]:
    """A rate is none without sends."""
    return (
        f"{one.sent:,}",
        f"{one.bounced:,}",
        _share(one.bounce_rate),
        f"{one.complained:,}",
        _share(one.complaint_rate),
    )


def _share(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.3g} %"


def _done(told: Defence) -> Iterator[str]:
    yield from ("", "## What was done about it", "")
    added = told.suppressed.get("added", 0) + told.suppressed.get("replaced", 0)
    yield (
        f"On these days {_many(added, 'address was', 'addresses were')} put on our suppression list, "
        f"{_many(told.suppressed.get('imported', 0), 'was', 'were')} imported into it, and "
        f"{_many(told.suppressed.get('lifted', 0), 'was', 'were')} taken off it."
    )
    yield ""
    yield f"Our automatic brake stands at “{_word(told.brake.step.word)}” now: {MEANING[told.brake.step]}."
    if told.braked:
        yield from ("", "What it did, and who released it:", "")
        head = ("When (UTC)", "What", "Why", "By", "What was done")
        yield from table(head, [_line(one) for one in told.braked])
    else:
        yield from ("", "It has not moved on these days.")
    if told.noted:
        yield from ("", "What we wrote down:", "")
        yield from table(
            ("When (UTC)", "What", "By"), [(f"{one.at:%Y-%m-%d %H:%M}", one.text, one.by) for one in told.noted]
        )


def _line(one: BrakeLine) -> Sequence[str]:
    return f"{one.at:%Y-%m-%d %H:%M}", _word(one.what), one.why, one.by, one.action


def _prevents(told: Defence) -> Iterator[str]:
    if told.prevents:
        yield from ("", "## What prevents it", "")
        yield f"Each of these sentences was checked at {told.at:%Y-%m-%d %H:%M} UTC."
        yield ""
        yield from (f"- {one}" for one in told.prevents)


def _many(n: int, one: str, more: str) -> str:
    return f"{n:,} {one if n == 1 else more}"


def _word(code: str) -> str:
    return code.replace("_", " ")
