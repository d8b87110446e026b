"""The letter in the shapes that AWS takes, and in one that people read: Markdown, a case reply, the form, the API."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from franked.rules.declared import Declared
from franked.rules.letter import Letter, Sentence
from franked.rules.promise import Section
from franked.rules.stream import Kind

LONGEST_USE_CASE = 5000  # characters (PutAccountDetails)
MOST_CONTACTS = 4
REHEARSAL = "REHEARSAL: written against the simulated account. Nothing of it is evidence for AWS."
ASKED_FIRST = (  # by the console, and by reviewers (ses/01)
    *(Section.SENDER, Section.RECIPIENTS, Section.BOUNCES, Section.VOLUMES),
    *(Section.LEAVING, Section.STREAMS, Section.AUTHENTICATION),
)
_MORE = "The full letter, with its evidence, is at hand."


@dataclass(frozen=True, slots=True)
class Fields:
    """`sesv2:PutAccountDetails`."""

    mail_type: str
    website: str
    use_case: str
    contacts: tuple[str, ...]
    language: str = "EN"


def markdown(letter: Letter) -> str:
    """The whole letter. Its evidence is a table at the end."""
    return "\n".join([*_top(letter), *_body(letter), *_samples(letter), *_evidence(letter)]) + "\n"


def case_reply(letter: Letter, case_id: str) -> str:
    """What is pasted into the support case: AWS takes no answer by mail."""
    steps = (
        f"1. Open https://console.aws.amazon.com/support/home#/case/?displayId={case_id or 'CASE'}",
        "2. Choose Reply, and paste what stands below the line. AWS does not read answers by mail.",
        "3. Attach the PDF (`franked letter --pdf`), and send.",
    )
    named = f"Case {case_id}" if case_id else "No case number is set: [request] case"
    return "\n".join([named, "", *steps, "", "---", "", *_body(letter)]) + "\n"


def form(letter: Letter, fields: Fields) -> str:
    """The console's form, field by field, and the way to it."""
    head = letter.head
    way = (
        f"Console: SES, Region {head['Region']}, Account dashboard, View Get set up page, Request production access.",
        "By a case instead: Support Center, Create case, Service limit increase, SES Sending Limits.",
    )
    said = {
        "Region": head["Region"],
        "Limit": head["Limit"],
        "New limit value": head["New value"],
        "Mail type": head["Mail type"],
        "Website URL": fields.website,
        "Additional contacts": ", ".join(fields.contacts),
        "Preferred contact language": "English",
        "Acknowledgement": "We mail only people who asked for it, and process bounces and complaints.",
    }
    lines = [*way, "", *(f"{label}: {text}" for label, text in said.items()), "", "Use case description:", ""]
    return "\n".join([*lines, fields.use_case]) + "\n"


def fields_of(letter: Letter, declared: Declared) -> Fields:
    """The use case is the letter's own sentences, section by section, as many sections as fit."""
    signer = [declared.asked.email] if declared.asked.email else []
    contacts = dict.fromkeys(one.spelled for one in (*signer, *declared.admins))
    kinds = {stream.kind for name, stream in declared.streams.items() if not name.startswith("franked-")}
    return Fields(mail_type(kinds), declared.website, _use_case(letter), tuple(contacts)[:MOST_CONTACTS])


def mail_type(kinds: Collection[Kind]) -> str:
    """The API's word: it knows two."""
    return "MARKETING" if Kind.MARKETING in kinds else "TRANSACTIONAL"


def _use_case(letter: Letter) -> str:
    """Whole where it fits. Else what is said more shortly is, and what AWS asks has room first; all in the letter's
    order."""
    points = {section: _points([one for one in letter.sentences if one.section is section]) for section in Section}
    whole = _together(letter, points)
    if len(whole) <= LONGEST_USE_CASE:
        return whole
    room, said = LONGEST_USE_CASE - len(_MORE) - 2, dict[Section, Sequence[str]]()
    for section in (*ASKED_FIRST, *(one for one in Section if one not in ASKED_FIRST)):
        said[section] = _fitting(letter.sections[section], letter.short.get(section, points[section]), room)
        room -= len(_paragraph(letter.sections[section], said[section])) + 2 if said[section] else 0
    return f"{_together(letter, said)}\n\n{_MORE}"


def _together(letter: Letter, said: Mapping[Section, Sequence[str]]) -> str:
    return "\n\n".join(_paragraph(letter.sections[section], said[section]) for section in Section if said[section])


def _fitting(title: str, points: Sequence[str], room: int) -> list[str]:
    """As many as there is room for."""
    fits = [count for count in range(len(points) + 1) if len(_paragraph(title, points[:count])) <= room]
    return list(points[: max(fits, default=0)])


def _paragraph(title: str, points: Sequence[str]) -> str:
    return f"{title}: {' '.join(points)}"


def _top(letter: Letter) -> Iterator[str]:
    yield f"# Production access to Amazon SES: {letter.head['Company']}"
    yield ""
    if letter.rehearsal:
        yield f"> {REHEARSAL}"
        yield ""
    for label, text in letter.head.items():
        yield f"- **{label}:** {text}"
    yield f"- **Checked:** {letter.at:%Y-%m-%d %H:%M} UTC"


def _body(letter: Letter) -> Iterator[str]:
    for section in Section:
        said = [one for one in letter.sentences if one.section is section]
        if said:
            yield ""
            yield f"## {letter.sections[section]}"
            yield ""
            points = _points(said)
            yield from (f"- {one}" if len(points) > 1 else one for one in points)


def _points(said: Sequence[Sentence]) -> list[str]:
    """What is said of one stream or domain, one after the other, is one point."""
    return [" ".join(one.text for one in some) for _, some in groupby(said, key=lambda one: one.of or one.promise)]


def _samples(letter: Letter) -> Iterator[str]:
    if letter.samples:
        yield ""
        yield "## Sample mails, rendered from the templates in use"
    for one in letter.samples:
        yield ""
        yield f"### {one.stream}"
        yield ""
        yield f"Subject: {one.subject}"
        if one.attachments:
            yield f"Attachments: {', '.join(one.attachments)}"
        yield ""
        yield "```text"
        yield one.text.strip().replace("```", "'''")
        yield "```"


def _evidence(letter: Letter) -> Iterator[str]:
    """Promise, check, what was seen."""
    proofs = {one.id: one for one in letter.findings}
    yield ""
    yield "## Evidence"
    yield ""
    yield "| Sentence | Check | Found | Seen |"
    yield "|---|---|---|---|"
    for said in letter.sentences:
        for id_ in said.proof:
            seen = "; ".join(f"{one.what}: {one.value} ({one.at:%Y-%m-%d %H:%M})" for one in proofs[id_].evidence)
            name = f"{said.promise} ({said.of})" if said.of else said.promise
            yield _row(name, id_, proofs[id_].found, seen)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"


def as_json(letter: Letter) -> Mapping[str, object]:
    """Each sentence with its promise and proof."""
    return {
        "at": letter.at.isoformat(),
        "rehearsal": letter.rehearsal,
        "released": not letter.objections,
        "objections": list(letter.objections),
        "head": dict(letter.head),
        "sentences": [asdict(one) for one in letter.sentences],
        "to_do": [asdict(one) for one in letter.to_do],
        "samples": [asdict(one) for one in letter.samples],
    }
