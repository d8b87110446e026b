"""The short form of `python -m tests.fuzz`: some hundred cases, the same ones each time."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from franked.doors.http.app import ROUTES
from tests.fuzz.findings import Findings, try_out
from tests.fuzz.live import live
from tests.fuzz.parsers import PARSERS, Parser, fuzz
from tests.fuzz.routes import asking
from tests.fuzz.run import run

CASES = 200


def test_whatever_comes_in_is_answered_as_the_document_says() -> None:
    findings = run(CASES, seed=1)
    assert findings.failures == []
    assert findings.cases >= CASES
    assert len(findings.routes) == len(ROUTES)
    assert set(findings.parsers) == {parser.name for parser in PARSERS}
    assert {"200", "201", "202", "204", "400", "401", "403", "404", "409", "422"} <= set(findings.statuses)


def test_a_parser_that_raises_what_it_should_not_is_found() -> None:
    def counted(text: str) -> None:
        assert int(text) == 1

    findings = Findings()
    fuzz(Parser("counted", st.sampled_from(["1", "one"]), counted), findings, 20, seed=1)
    assert {one.partition(" invalid")[0] for one in findings.failures} == {"counted: ValueError:"}


def test_an_answer_that_the_document_does_not_have_is_found(tmp_path: Path) -> None:
    findings = Findings()
    with live(tmp_path) as franked, asking(franked, findings) as asker:
        del asker.schema.raw_schema["paths"]["/v1/messages/{message_id}"]["get"]["responses"]["404"]
        asker.ask(asker.schema.find_operation_by_id("get_message").Case(path_parameters={"message_id": "x"}), "limited")
    [failure] = findings.failures
    assert failure.startswith("GET /v1/messages/{message_id} by limited: UndefinedStatusCode")


def test_the_same_seed_gives_the_same_cases() -> None:
    def drawn(seed: int) -> list[str]:
        texts: list[str] = []

        @given(st.text())
        def one(text: str) -> None:
            texts.append(text)

        try_out(one, 20, seed)
        return texts

    assert drawn(1) == drawn(1) != drawn(2)
