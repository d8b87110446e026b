"""What is attached to the letter (D16)."""

from dataclasses import replace
from datetime import UTC, datetime

from markdown_it import MarkdownIt

from franked.formats.attachments import attachments
from franked.rules.finding import Evidence, Finding, Status
from franked.rules.letter import Letter, Sentence
from franked.rules.promise import Section

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
RECORD = Evidence("TXT _dmarc.shop.example.com", "v=DMARC1; p=none", AT)
DMARC = Finding("dmarc", Status.OK, "p=none, one record", "shop.example.com", (RECORD,))
PURPOSE = Finding("purpose", Status.OK, "What was bought", "receipt")
ALARMS = Finding("cloudwatch_alarms", Status.MISSING, "CloudWatch has no franked-ses-bounce-rate-limit")
SENTENCES = (
    Sentence(Section.SENDER, "kinds", "", "The domain sends transactional mail only.", ("purpose:receipt",)),
    Sentence(
        Section.STREAMS, "stream", "receipt", "receipt: What was bought. Trigger: A purchase.", ("purpose:receipt",)
    ),
    Sentence(Section.STREAMS, "volume_planned", "receipt", "receipt: 10 to 50 mails a day (planned).", ()),
    Sentence(Section.AUTHENTICATION, "dmarc", "shop.example.com", "It has a DMARC record.", (DMARC.id, PURPOSE.id)),
)
LETTER = Letter(
    at=AT,
    head={"Region": "eu-central-1", "Domain": "shop.example.com", "Company": "Example Shop Ltd", "Contact": ""},
    sections={section: section.value for section in Section},
    sentences=SENTENCES,
    to_do=(),
    samples=(),
    findings=(DMARC, PURPOSE, ALARMS),
    rehearsal=True,
)


def test_the_business_is_described_with_purpose_trigger_and_volume_of_each_stream() -> None:
    text = attachments(LETTER)["business.md"]
    stream = text.partition("### receipt")[2]
    assert "Trigger: A purchase." in stream
    assert "10 to 50 mails a day (planned)" in stream
    assert "- **Company:** Example Shop Ltd" in text
    assert "Contact" not in text  # nobody said one
    assert "DMARC" not in text


def test_the_infrastructure_is_what_was_found_with_value_and_time_also_where_something_is_missing() -> None:
    text = attachments(LETTER)["infrastructure.md"]
    assert "### dmarc:shop.example.com\n\nok: p=none, one record" in text
    assert "2026-03-04 10:15:00" in text
    assert "missing: CloudWatch has no franked-ses-bounce-rate-limit" in text
    assert "purpose" not in text


def test_the_proof_has_each_check_of_each_sentence() -> None:
    text = attachments(LETTER)["proof.md"]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    told = [row.split(" | ")[1] for row in rows if not row.startswith("| Sentence")]
    assert told == ["purpose:receipt", "purpose:receipt", "dmarc:shop.example.com", "purpose:receipt"]
    assert (
        "| It has a DMARC record. | dmarc:shop.example.com | p=none, one record | TXT \\_dmarc.shop.example.com" in text
    )


def test_each_says_that_it_is_a_rehearsal_and_only_where_it_is_one() -> None:
    assert all("> REHEARSAL" in text for text in attachments(LETTER).values())
    assert not any("REHEARSAL" in text for text in attachments(replace(LETTER, rehearsal=False)).values())


def test_what_a_stranger_published_makes_no_markup() -> None:
    """A TXT record is anybody's words."""
    words = "**bold** | [link](https://evil.example.com) `code` <b>\n# heading"
    hostile = replace(DMARC, found=words, evidence=(Evidence(words, words, AT),))
    text = attachments(replace(LETTER, findings=(hostile, PURPOSE, ALARMS)))
    for page in (text["infrastructure.md"], text["proof.md"]):
        html = MarkdownIt("commonmark", {"html": False}).enable("table").render(page)
        assert "<strong>bold" not in html
        assert "evil.example.com</a>" not in html
        assert 'href="https://evil' not in html
        assert "<code>" not in html
        assert "<h1>heading" not in html
