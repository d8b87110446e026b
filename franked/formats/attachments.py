"""What is attached to the letter: who we are, what was found at AWS and in the DNS, what each sentence stands on."""

from collections.abc import Iterator, Mapping, Sequence

from franked.formats.plain import plain, table
from franked.formats.request import REHEARSAL
from franked.rules.finding import Finding
from franked.rules.letter import Letter, Sentence
from franked.rules.promise import Section

BUSINESS = (Section.SENDER, Section.STREAMS, Section.RECIPIENTS, Section.LEAVING, Section.VOLUMES)
INFRASTRUCTURE: Mapping[str, tuple[str, ...]] = {  # by the checks' keys
    "Identities": ("identity", "address"),
    "DNS": ("dkim", "mail_from", "spf", "dmarc", "mx", "bimi"),
    "Configuration sets, topic, events": ("events", "topic", "canary", "canary_dropped"),
    "Suppression": ("suppression_list",),
    "Alarms and dashboard": ("cloudwatch_alarms", "dashboard", "admins"),
    "Account": ("account", "governor"),
    "Website": ("website", "privacy_page", "unsubscribe_page", "contact_page"),
}


def attachments(letter: Letter) -> Mapping[str, str]:
    """Markdown, by the file's name."""
    return {
        "business.md": _page("Business description", letter, _business(letter)),
        "infrastructure.md": _page("Evidence of the infrastructure", letter, _infrastructure(letter)),
        "proof.md": _page("What each sentence stands on", letter, _proof(letter)),
    }


def _page(title: str, letter: Letter, lines: Iterator[str]) -> str:
    head = [f"# {title}: {letter.head['Company']}", ""]
    if letter.rehearsal:
        head += [f"> {REHEARSAL}", ""]
    about = f"Amazon SES, {letter.head['Region']}, {letter.head['Domain']}. Checked {letter.at:%Y-%m-%d %H:%M} UTC."
    return "\n".join([*head, about, *lines]) + "\n"


def _business(letter: Letter) -> Iterator[str]:
    """Who, what, for whom; each stream under its own name."""
    yield ""
    yield from (f"- **{label}:** {text}" for label, text in letter.head.items() if text)
    for section in BUSINESS:
        said = [one for one in letter.sentences if one.section is section]
        if said:
            yield from ("", f"## {letter.sections[section]}")
            yield from _by_stream(said) if section is Section.STREAMS else ("", *(f"- {one.text}" for one in said))


def _by_stream(said: Sequence[Sentence]) -> Iterator[str]:
    for name in dict.fromkeys(one.of for one in said):
        yield from ("", f"### {name}", "", *(f"- {one.text}" for one in said if one.of == name))


def _infrastructure(letter: Letter) -> Iterator[str]:
    for title, keys in INFRASTRUCTURE.items():
        found = [one for key in keys for one in letter.findings if one.key == key and (one.is_ok or one.is_required)]
        if found:
            yield from ("", f"## {title}")
            for one in found:
                yield from _rendered(one)


def _rendered(one: Finding) -> Iterator[str]:
    yield from ("", f"### {plain(one.id)}", "", f"{one.status}: {plain(one.found)}")
    if one.evidence:
        yield ""
        rows = [(seen.what, seen.value, f"{seen.at:%Y-%m-%d %H:%M:%S}") for seen in one.evidence]
        yield from table(("What was asked", "What was seen", "When (UTC)"), rows)


def _proof(letter: Letter) -> Iterator[str]:
    """Promise, check, evidence: in the letter's order."""
    found = {one.id: one for one in letter.findings}
    for section in Section:
        said = [one for one in letter.sentences if one.section is section]
        if said:
            rows = [row for one in said for row in _rows(one, found)]
            yield from ("", f"## {letter.sections[section]}", "")
            yield from table(("Sentence", "Check", "Found", "Evidence"), rows)


def _rows(said: Sentence, found: Mapping[str, Finding]) -> Iterator[Sequence[str]]:
    """Of several checks of one sentence the sentence stands beside the first."""
    for place, id_ in enumerate(said.proof):
        seen = "; ".join(f"{one.what}: {one.value} ({one.at:%Y-%m-%d %H:%M})" for one in found[id_].evidence)
        yield said.text if place == 0 else "", id_, found[id_].found, seen
