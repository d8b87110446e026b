"""Every route, by schemathesis: requests that fit and that don't, by each kind of caller; the document is the judge."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Response
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from franked.doors.http.app import document
from tests.fuzz.findings import Findings, try_out
from tests.fuzz.grounding import ENVELOPE, AnyCase, AnyOperation, Known
from tests.fuzz.live import Live

HANGS_AFTER = 10.0  # seconds
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SHARES = {  # of a route's cases: who asks, and whether what it asks fits
    ("administrator", GenerationMode.POSITIVE): 5,
    ("administrator", GenerationMode.NEGATIVE): 3,
    ("limited", GenerationMode.POSITIVE): 2,
    ("nobody", GenerationMode.POSITIVE): 1,
}
_CHANCES = st.integers(0, 2**32).map(Random)  # drawn at once: what it decides depends on what was answered before
_JSON_BITS = st.sampled_from(
    ["[", "]", "{", "}", '"', "\\", ",", ":", '"to"', "0", "null", "\\u0000", "\x00", "ä", " "]
)


def described() -> OpenApiSchema:
    config = schemathesis.Config()
    config.projects.default.generation.update(with_security_parameters=False)
    schema = schemathesis.openapi.from_dict(document(), config=config)
    assert isinstance(schema, OpenApiSchema)
    return schema


@dataclass(slots=True)
class Asker:
    """Asks, and compares each answer with the document."""

    live: Live
    known: Known
    findings: Findings
    session: requests.Session
    schema: OpenApiSchema = field(default_factory=described)

    def operations(self) -> list[AnyOperation]:
        return [found.ok() for found in self.schema.get_all_operations() if isinstance(found, Ok)]

    def headers_of(self, caller: str) -> dict[str, str]:
        keys = {"administrator": self.live.administrator, "limited": self.live.limited}
        return {"Authorization": f"Bearer {keys.get(caller, caller)}"} if caller != "nobody" else {}

    def ask(self, case: AnyCase, caller: str) -> Response | None:
        where = f"{case.method} {case.operation.path} by {caller}"
        try:
            answer = case.call(
                base_url=self.live.url, session=self.session, headers=self.headers_of(caller), timeout=HANGS_AFTER
            )
            self._look_at(case, answer)
        except (requests.RequestException, Failure, FailureGroup) as error:
            self.findings.fail(where, _sentence(error))
            return None
        return answer

    def _look_at(self, case: AnyCase, answer: Response) -> None:
        self.findings.routes[f"{case.method} {case.operation.path}"] += 1
        self.findings.statuses[str(answer.status_code)] += 1
        if answer.status_code >= 500 and b"sns_unreachable" not in answer.content:
            self.findings.fail(case.operation.path, f"{answer.status_code} to {case.as_curl_command()[:400]}")
        if b"Traceback" in answer.content:
            self.findings.fail(case.operation.path, "a traceback in the answer")
        case.validate_response(answer, checks=CHECKS)
        if answer.content and "json" in answer.headers.get("content-type", [""])[0]:
            self.known.learn(answer.json())


def _sentence(error: BaseException) -> str:
    causes = error.exceptions if isinstance(error, FailureGroup) else [error]
    return " | ".join(f"{type(cause).__name__}: {cause}"[:600] for cause in causes)


@contextmanager
def asking(live: Live, findings: Findings) -> Iterator[Asker]:
    with requests.Session() as session:
        session.trust_env = False
        yield Asker(live, Known(live), findings, session)


def fuzz_routes(asker: Asker, cases: int, seed: int) -> None:
    """About so many, over all routes alike."""
    operations = asker.operations()
    share = max(1, cases // len(operations) // sum(SHARES.values()))
    for place, operation in enumerate(operations):
        for number, ((caller, mode), weight) in enumerate(SHARES.items()):
            _fuzz_route(operation, mode, caller, asker, share * weight, seed * 1000 + place * 10 + number)
        if operation.body:
            _fuzz_bodies(operation, asker, share * 2, seed * 1000 + place)


def _fuzz_route(operation: AnyOperation, mode: GenerationMode, caller: str, asker: Asker, most: int, seed: int) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), chance=_CHANCES)
    def asked(case: AnyCase, chance: Random) -> None:
        asker.known.ground(case, chance)
        asker.ask(case, caller)

    try_out(asked, most, seed)


def _fuzz_bodies(operation: AnyOperation, asker: Asker, most: int, seed: int) -> None:
    """Bytes that only look like a body."""

    @given(
        body=st.one_of(st.binary(max_size=200), st.lists(_JSON_BITS, max_size=200).map("".join), _nested(), _signed())
    )
    def asked(body: bytes | str) -> None:
        kind = "text/plain" if "events" in operation.path else "application/json"
        path = {one.name: "m_01kjv281d0q2m5r8x4y7zb3cde" for one in operation.path_parameters}
        sent = body.encode() if isinstance(body, str) else body
        case = operation.Case(path_parameters=path, body=sent, media_type=kind)
        asker.ask(case, "administrator")

    try_out(asked, most, seed)


def _nested() -> st.SearchStrategy[str]:
    """Around the deepest that is taken, and far beyond."""
    depth = st.one_of(st.integers(50, 80), st.integers(1000, 200_000))
    return st.builds(lambda opening, deep: opening * deep, st.sampled_from(["[", '{"a":', '[{"a":']), depth)


def _signed() -> st.SearchStrategy[str]:
    """An SNS envelope with other values in some of its fields."""
    values = st.one_of(
        st.text(max_size=40), st.none(), st.integers(), st.just("https://sns.eu-central-1.amazonaws.com/")
    )
    return st.dictionaries(st.sampled_from(sorted(ENVELOPE)), values, max_size=3).map(
        lambda other: json.dumps(ENVELOPE | other)
    )
