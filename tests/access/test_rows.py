"""Every row of what the product must do is a sentence of the letter, a check, or not claimed, with the reason."""

from collections.abc import Mapping

import pytest

from franked.access.checking import CHECKS
from franked.access.checks.why import WHY
from franked.access.letter import LANGUAGES, words_in, write_letter
from franked.access.request import Standing
from franked.formats import request
from franked.formats.escalation import escalation
from franked.rules.letter import Letter, Sample
from franked.rules.promise import Promise, Section
from franked.rules.views import APPROVED, CHECKLIST, PHASES, REASONS

# `sentence:` a promise of the letter, `check:` a finding, `view:` a list over checks, `shape:` how the request is put
ROWS: Mapping[str, tuple[str, ...]] = {
    "A1": ("sentence:stream", "check:tested"),
    "A2": ("sentence:stream",),
    "A3": ("sentence:stream",),
    "A4": ("sentence:triggered",),
    "A5": ("sentence:bounce", "sentence:governor_all", "check:canary"),
    "A6": ("sentence:complaint", "sentence:governor_all"),
    "A7": ("check:events", "check:topic", "sentence:bounce"),
    "A8": ("sentence:not_left",),
    "A9": ("sentence:report", "sentence:cleaning"),
    "A10": ("check:content",),
    "A12": ("sentence:dkim", "sentence:spf", "sentence:dmarc", "sentence:mx", "check:address"),
    "A13": ("sentence:volume_planned", "sentence:total", "sentence:peak_day"),
    "A14": ("sentence:origins",),
    "A15": ("sentence:cloudwatch",),
    "A16": ("sentence:rate_limits",),
    "B1": ("sentence:stream",),
    "B2": ("sentence:triggered", "sentence:stream"),
    "B3": ("sentence:stream", "check:content"),
    "B4": ("shape:samples",),
    "B5": ("sentence:no_list",),
    "B6": ("sentence:bounce", "sentence:complaint", "sentence:can_be_left"),
    "B7": ("sentence:cloudwatch", "sentence:rate_limits", "sentence:volume_planned"),
    "B8": ("sentence:identity", "sentence:dkim", "check:identity"),
    "C1": ("sentence:stream",),
    "C2": ("sentence:stream", "sentence:can_be_left"),
    "C3": ("sentence:stream", "sentence:not_left"),
    "C4": ("sentence:total", "sentence:peak_hour", "sentence:later", "sentence:asked"),
    "C5": ("check:events", "sentence:complaint"),
    "C7": ("sentence:cloudwatch", "check:cloudwatch_alarms", "sentence:report"),
    "C8": ("sentence:double_opt_in",),
    "C9": ("sentence:can_be_left", "sentence:not_left", "sentence:can_spam", "check:content"),
    "C10": ("sentence:approval", "check:approved"),
    "C11": ("check:account",),
    "C12": ("view:checklist",),
    "C13": ("sentence:tested",),
    "C14": ("shape:form",),
    "C15": ("sentence:dkim", "sentence:lists", "sentence:approval", "sentence:alarms"),
    "C16": ("view:approved",),
    "C17": ("sentence:aup", "check:rules_reviewed"),
    "D1": ("sentence:stream",),
    "D2": ("sentence:stream",),
    "D3": ("sentence:double_opt_in", "sentence:can_be_left"),
    "D4": ("sentence:bounce", "sentence:complaint", "check:canary_dropped"),
    "D5": ("sentence:double_opt_in",),
    "D6": ("sentence:can_be_left", "sentence:lists"),
    "D7": ("sentence:report",),
    "D8": ("sentence:gdpr",),
    "D9": ("sentence:spf", "sentence:dkim", "sentence:dmarc"),
    "D10": ("check:address",),
    "D11": ("sentence:total", "sentence:peak_day", "sentence:shared_ip"),
    "D12": ("check:content", "sentence:approval"),
    "D13": ("sentence:cleaning", "sentence:alarms"),
    "D14": ("view:reasons",),
    "D15": ("view:phases",),
    "D16": ("shape:evidence",),
    "D17": ("shape:escalation",),
    "E3": ("sentence:stream",),
    "E4": ("check:sender",),
    "E6": ("sentence:tested",),
    "E7": ("sentence:ses_list", "check:suppression_list", "sentence:bounce"),
    "E8": ("shape:form", "sentence:aup", "sentence:kinds"),
    "E9": ("sentence:origins", "sentence:no_list"),
    "E10": ("sentence:asked", "check:quota"),
    "E11": ("check:content",),
    "F1": ("shape:letter",),
    "F2": ("shape:case_reply", "shape:form", "shape:fields"),
    "F3": ("check:canary", "check:account"),
    "F4": ("sentence:origins", "sentence:imports", "check:origins"),
    "F5": ("shape:samples",),
    "F6": ("shape:answers",),
    "F7": ("sentence:identity", "sentence:kinds", "check:signer", "check:volumes"),
    "F8": ("sentence:can_spam", "shape:head"),
    "F9": ("sentence:identity",),
}
NOT_CLAIMED: Mapping[str, str] = {
    "A11": "Cognito's mails do not run through Franked yet: the letter is silent about user pools",
    "B9": "no door takes SendRawEmail yet: applications speak Franked's own API",
    "C6": "the suppression list is in SQL, not in DynamoDB: the letter says that there is one, not where",
    "E1": "codes are Franked's own; Cognito's custom-auth flow is not there yet",
    "E2": "tickets are mailed by Franked itself; no Lambda stands between",
    "E5": "three tries, then a dead letter and an alarm, in Franked itself; no queue of SQS's is claimed",
}
SECTIONS = {"A": 16, "B": 9, "C": 17, "D": 17, "E": 11, "F": 9}
VIEWS = {"checklist": CHECKLIST, "reasons": REASONS, "phases": PHASES, "approved": APPROVED}
SHAPES: Mapping[str, object] = {
    "letter": write_letter,
    "head": Letter,
    "samples": Sample,
    "evidence": request.markdown,
    "case_reply": request.case_reply,
    "form": request.form,
    "fields": request.fields_of,
    "answers": Standing.answers,
    "escalation": escalation,
}


def test_none_is_missing_and_none_stands_twice() -> None:
    rows = {f"{section}{number}" for section, most in SECTIONS.items() for number in range(1, most + 1)}
    assert ROWS.keys() | NOT_CLAIMED.keys() == rows
    assert not ROWS.keys() & NOT_CLAIMED.keys()
    assert all(len(reason) > 20 for reason in NOT_CLAIMED.values())


@pytest.mark.parametrize("row", sorted(ROWS))
def test_what_a_row_names_is_there(row: str) -> None:
    known = {
        "sentence": words_in("en").promises.keys(),
        "check": WHY.keys() | CHECKS.keys(),
        "view": VIEWS.keys(),
        "shape": SHAPES.keys(),
    }
    for named in ROWS[row]:
        kind, _, name = named.partition(":")
        assert name in known[kind], named


def test_every_sentence_belongs_to_a_row_or_says_so_itself() -> None:
    of_rows = {named.partition(":")[2] for named_by in ROWS.values() for named in named_by}
    beside = {  # of the request's own manners: who asks, how it is counted, what it stands on
        *("business", "website", "recipients", "origins_none", "soft_bounce", "governor", "inline", "pace", "rate"),
        *("volume_measured", "dedicated_ip"),
    }
    assert words_in("en").promises.keys() - of_rows == beside


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_sentences_with_the_same_slots(language: str) -> None:
    english, other = words_in("en"), words_in(language)
    assert other.promises.keys() == english.promises.keys()
    assert other.sections.keys() == english.sections.keys()
    for key, text in english.promises.items():
        assert _slots(other.promises[key]) == _slots(text), key


def _slots(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_the_german_copy_says_in_german_what_no_product_wrote() -> None:
    words = words_in("de")
    kinds = Promise("kinds", Section.SENDER, (), {"kinds": "transactional mail only"})
    assert words.say(kinds) == "Art der Post: nur transaktionale Post."
    limits = Promise("rate_limits", Section.RECIPIENTS, (), {"limits": "codes: 5/day per mailbox"})
    assert "(Codes: 5/Tag je Postfach)" in words.say(limits)
    theirs = Promise("business", Section.SENDER, (), {"business": "Mail to and by people."})
    assert words.say(theirs) == "Mail to and by people."


def test_f1_no_sentence_promises_to_do_something_later() -> None:
    for language, later in (
        ("en", ("will implement", "will be", "plan to", "we will")),
        ("de", ("werden wir", "planen")),
    ):
        for key, text in words_in(language).promises.items():
            assert not any(word in text.lower() for word in later), key
