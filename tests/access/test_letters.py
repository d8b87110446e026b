"""The five products' letters: each complete, each sentence proven, and in every shape that AWS takes."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from franked.access.request import Standing
from franked.doors.cli.demo.products import NAMES, products
from franked.doors.cli.demo.way_out import all_ready
from franked.formats.attachments import attachments
from franked.formats.escalation import escalation
from franked.formats.request import LONGEST_USE_CASE, as_json, case_reply, form, markdown
from franked.rules.letter import has_placeholder
from franked.rules.promise import Section
from franked.rules.request import Refusal
from franked.rules.views import CHECKLIST, PHASES, REASONS, points

ATTACHED = ("business.md", "infrastructure.md", "proof.md")
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Standing]]:
    """All five in the sandbox, with everything done but the asking."""
    yield await all_ready(products(NAMES), tmp_path_factory.mktemp("ready"))


def said(one: Standing, promise: str, of: str = "") -> str:
    """What the letter says; of all streams or domains, where none is named."""
    found = [it.text for it in one.letter.sentences if it.promise == promise and of in {"", it.of}]
    assert found, promise
    return " ".join(found)


@pytest.mark.parametrize("name", NAMES)
async def test_f1_every_sentence_has_its_promise_and_every_promise_its_proof(
    ready: Mapping[str, Standing], name: str
) -> None:
    told: Any = as_json(ready[name].letter)
    assert (told["released"], told["objections"], told["to_do"], told["rehearsal"]) == (True, [], [], True)
    ok = {one.id for one in ready[name].letter.findings if one.is_ok}
    for sentence in told["sentences"]:
        assert sentence["promise"]
        assert sentence["proof"]
        assert set(sentence["proof"]) <= ok
        assert not has_placeholder(sentence["text"])
        assert "will implement" not in sentence["text"]


@pytest.mark.parametrize("name", NAMES)
async def test_f7_the_domain_and_the_kind_of_mail_stand_first(ready: Mapping[str, Standing], name: str) -> None:
    first, second, *_ = ready[name].letter.sentences
    assert (first.promise, second.promise) == ("identity", "kinds")
    assert ready[name].letter.head["Signed by"]
    assert "Checked" in markdown(ready[name].letter)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("consulting", "eu-central-1"),
        ("meet", "us-east-2"),
        ("backup", "us-east-1"),
        ("marketplace", "eu-central-1"),
        ("activities", "ap-southeast-1"),
    ],
)
async def test_f9_each_letter_is_of_its_products_region(ready: Mapping[str, Standing], name: str, region: str) -> None:
    assert ready[name].letter.head["Region"] == region
    assert region in said(ready[name], "identity")
    assert f"feedback-smtp.{region}.amazonses.com" in str(ready[name].letter.findings)


@pytest.mark.parametrize("name", NAMES)
async def test_f5_samples_are_rendered_from_the_templates_in_use(ready: Mapping[str, Standing], name: str) -> None:
    samples = ready[name].letter.samples
    assert samples
    for one in samples:
        assert one.subject
        assert "{{" not in one.text + one.subject
        assert ready[name].letter.head["Website"] in one.text


@pytest.mark.parametrize("name", NAMES)
async def test_f2_e8_the_request_in_each_shape_keeps_the_limits(ready: Mapping[str, Standing], name: str) -> None:
    one = ready[name]
    fields = one.fields
    assert fields.mail_type == ("MARKETING" if name in {"backup", "marketplace"} else "TRANSACTIONAL")
    assert re.fullmatch(r"https://[a-z.-]+", fields.website)
    assert 0 < len(fields.use_case) <= LONGEST_USE_CASE
    assert 1 <= len(fields.contacts) <= 4
    assert all(6 <= len(contact) <= 254 for contact in fields.contacts)
    filled = form(one.letter, fields)
    for label in ("Region:", "Limit:", "New limit value:", "Mail type:", "Website URL:", "Use case description:"):
        assert label in filled
    reply = case_reply(one.letter, "173900000000000")
    assert reply.startswith("Case 173900000000000\n")
    assert "displayId=173900000000000" in reply
    assert "AWS does not read answers by mail" in reply


@pytest.mark.parametrize("name", NAMES)
async def test_f6_each_question_of_aws_is_answered_by_the_same_sentences(
    ready: Mapping[str, Standing], name: str
) -> None:
    texts = {one.text for one in ready[name].letter.sentences}
    for question, answer in ready[name].answers.items():
        assert answer, question
        assert any(text in answer for text in texts)
    assert ready[name].waits_for is None  # nothing was asked, and nothing is promised


@pytest.mark.parametrize("name", NAMES)
async def test_c12_c13_d14_d15_every_list_over_the_checks_is_done(ready: Mapping[str, Standing], name: str) -> None:
    findings = ready[name].letter.findings
    for view in (CHECKLIST, REASONS, PHASES):
        assert [one.name for one in points(view, findings) if one.open] == []
    for sentence in ready[name].letter.sentences:
        if sentence.section is Section.TESTS:
            assert re.search(r"m_[0-9a-z]{26}, accepted 2\d{3}-\d\d-\d\d \d\d:\d\d UTC, was delivered", sentence.text)


async def test_a12_a13_the_portal_says_how_it_is_authenticated_and_how_much_it_sends(
    ready: Mapping[str, Standing],
) -> None:
    portal = ready["consulting"]
    for promise in ("dkim", "spf", "dmarc", "mx"):
        assert "portal.example.com" in said(portal, promise)
    assert "10 to 50" in said(portal, "volume_planned", "sign-up-code")
    assert "5 to 20" in said(portal, "volume_planned", "second-factor")
    assert "2 to 10" in said(portal, "volume_planned", "password-reset")
    assert "200" in said(portal, "peak_day")
    assert "SMS" not in markdown(portal.letter)


async def test_a5_the_portal_says_that_all_of_its_mail_stops(ready: Mapping[str, Standing]) -> None:
    assert "5 %" in said(ready["consulting"], "governor_all")


async def test_b5_b8_the_poll_has_no_list_and_one_sender(ready: Mapping[str, Standing]) -> None:
    meet = ready["meet"]
    assert "no mailing list" in said(meet, "no_list")
    assert "no-reply@meet.example.com" in said(meet, "stream")
    assert len([one for one in meet.letter.findings if one.id == "dkim:meet.example.com"]) == 1


async def test_c4_c8_c10_the_backup_service_labels_what_is_planned_and_says_who_approves(
    ready: Mapping[str, Standing],
) -> None:
    backup = ready["backup"]
    assert "(planned)" in said(backup, "volume_planned")
    assert "50,000" in said(backup, "later")
    assert "50,000" in said(backup, "asked")
    assert "1,000" in said(backup, "peak_hour")
    assert "confirmed" in said(backup, "double_opt_in")
    assert "Ben Beispiel" in said(backup, "approval")


async def test_c14_c15_c17_the_backup_service_fills_the_form_and_dates_what_it_has_read(
    ready: Mapping[str, Standing],
) -> None:
    backup = ready["backup"]
    assert "Request production access" in form(backup.letter, backup.fields)
    for section in (Section.AUTHENTICATION, Section.LISTS, Section.TEMPLATES, Section.MONITORING):
        assert any(one.section is section for one in backup.letter.sentences)
    assert re.search(r"on 2\d{3}-\d\d-\d\d", said(backup, "aup"))


async def test_d3_d9_d11_the_marketplace_names_its_topics_its_records_and_no_ip(ready: Mapping[str, Standing]) -> None:
    market = ready["marketplace"]
    for topic in ("Weekly newsletter", "New categories", "Platform news"):
        assert topic in said(market, "double_opt_in")
    assert "bounce.marketplace.example.com" in said(market, "spf")
    assert "do not ask for a dedicated IP" in said(market, "shared_ip")
    assert "2,000" in said(market, "peak_day")


async def test_e10_the_directory_says_why_it_asks_for_more_than_it_sends(ready: Mapping[str, Standing]) -> None:
    asked = said(ready["activities"], "asked")
    assert "1,000" in asked
    assert len(asked) > len("We ask for 1,000 recipients in 24 hours.") + 20


async def test_d16_the_marketplace_attaches_its_business_its_infrastructure_and_its_proof(
    ready: Mapping[str, Standing],
) -> None:
    letter = ready["marketplace"].letter
    business, infrastructure, proof = (attachments(letter)[name] for name in ATTACHED)
    assert all(one.stream in business.replace("\\", "") for one in letter.samples)
    for seen in ("_domainkey.marketplace.example.com", "marketplace-bulk", "franked-ses-bounce-rate-limit"):
        assert seen in infrastructure.replace("\\", "")
    said = proof.replace("\\", "")  # Markdown's own
    assert all(check in said for one in letter.sentences for check in one.proof)


async def test_d17_refused_again_the_marketplace_has_four_ways_in_order(ready: Mapping[str, Standing]) -> None:
    one = ready["marketplace"]
    refused = Refusal(one.now, 2, "The use case is not clear.", ("The page on leaving our mail was written anew.",))
    plan, case, phone, manager = escalation(one.letter, refused)
    assert [way.partition(":")[0] for way in (plan, case, phone, manager)] == [
        *("Support plan", "Direct case", "Phone", "Account manager"),
    ]
    for line in ("Type:", "Service:", "Issue:", "Details:", "Question: which requirement"):
        assert line in case
    assert "The page on leaving our mail was written anew." in case


@pytest.mark.parametrize("name", NAMES)
async def test_f8_the_contact_block_is_in_letter_request_and_each_mail(
    ready: Mapping[str, Standing], name: str
) -> None:
    one = ready[name]
    for label in ("Company", "Signed by", "Contact", "Website", "Postal address"):
        assert one.letter.head[label] in markdown(one.letter)
    assert one.letter.head["Contact"] in one.fields.contacts
    for sample in one.letter.samples:
        assert one.letter.head["Postal address"].split(",")[0] in sample.text
