"""The way out of the sandbox at the door and on the command line, for the administrator."""

import asyncio
import json
from typing import Any

from tests.commandline import Said, together
from tests.running import Product

ROUTES = (
    ("GET", "/v1/access/checks", None),
    ("GET", "/v1/access/letter", None),
    ("GET", "/v1/access/request", None),
    ("POST", "/v1/access/request", {"by": "Ada", "digest": "0"}),
    ("POST", "/v1/access/notes", {"what": "reviewed", "by": "Ada", "text": "read"}),
    ("POST", "/v1/access/quota", {"value": 1000}),
)


async def asked(
    product: Product, method: str, path: str, body: object = None, key: str | None = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_it_is_the_administrators_alone(product: Product) -> None:
    for method, path, body in ROUTES:
        status, told = await asked(product, method, path, body, key=product.key)
        assert (status, told["code"]) == (403, "not_allowed"), path


async def test_what_is_missing_stands_first_with_its_fix_and_nothing_is_released(product: Product) -> None:
    status, told = await asked(product, "GET", "/v1/access/checks")
    assert (status, told["ready"], told["rehearsal"]) == (200, False, True)
    statuses = [one["status"] for one in told["checks"] if one["required"]]
    assert statuses == sorted(statuses, key=["missing", "wrong", "unknown", "ok"].index)
    assert all(one["fix"] and one["why"] for one in told["checks"] if one["status"] == "missing")
    status, told = await asked(product, "GET", "/v1/access/letter")
    assert (status, told["released"]) == (200, False)
    assert told["letter"]["to_do"]
    assert told["markdown"].startswith("# Production access to Amazon SES: Example Backup\n\n> REHEARSAL")
    status, told = await asked(product, "GET", "/v1/access/letter?language=fr")
    assert (status, told["code"]) == (422, "invalid_query")


async def test_f7_a_request_that_is_not_ready_does_not_go(product: Product) -> None:
    product.simulator.set_limits(product.simulator.account.limits.__class__())
    _, told = await asked(product, "GET", "/v1/access/request")
    assert (told["stage"], told["asked_at"], told["hours"]) == ("ready", None, None)
    status, refused = await asked(product, "POST", "/v1/access/request", {"by": "Ada", "digest": told["digest"]})
    assert (status, refused["code"]) == (409, "request_not_ready")
    assert "Signed by: not filled in" in refused["detail"]
    _, after = await asked(product, "GET", "/v1/access/request")
    assert after["stage"] == "ready"


async def test_c17_what_a_person_says_is_kept_with_name_and_date(product: Product) -> None:
    note = {"what": "reviewed", "by": " Ada Muster ", "text": "AWS AUP"}
    status, line = await asked(product, "POST", "/v1/access/notes", note)
    assert (status, line["what"], line["by"], line["text"]) == (201, "reviewed", "Ada Muster", "AWS AUP")
    _, told = await asked(product, "GET", "/v1/access/request")
    assert [one["text"] for one in told["log"] if one["what"] == "reviewed"] == ["AWS AUP"]
    _, checks = await asked(product, "GET", "/v1/access/checks")
    assert [one["status"] for one in checks["checks"] if one["check"] == "rules_reviewed"] == ["ok"]
    product.clock.move(days=91)
    _, checks = await asked(product, "GET", "/v1/access/checks")
    assert [one["status"] for one in checks["checks"] if one["check"] == "rules_reviewed"] == ["wrong"]


async def test_nobody_can_write_down_what_only_aws_says(product: Product) -> None:
    for what in ("granted", "asked", "real", "", "REVIEWED"):
        status, told = await asked(product, "POST", "/v1/access/notes", {"what": what, "by": "Ada", "text": "so"})
        assert (status, told["code"]) == (422, "invalid_note"), what


async def test_e10_more_quota_is_asked_for_by_name_and_once(product: Product) -> None:
    status, told = await asked(product, "POST", "/v1/access/quota", {"value": 100_000})
    assert (status, told["value"], told["status"]) == (200, 100_000, "PENDING")
    status, told = await asked(product, "POST", "/v1/access/quota", {"value": 200_000})
    assert (status, told["code"]) == (409, "request_not_ready")
    status, told = await asked(product, "POST", "/v1/access/quota", {"value": 1, "name": "Sending hats"})
    assert (status, told["code"]) == (404, "not_found")


async def said(product: Product, *words: str) -> Said:
    [one] = await asyncio.to_thread(together, product.folder, words)
    return one


async def test_the_commands_say_the_same(product: Product) -> None:
    checked = await said(product, "check")
    assert checked.status == 1
    assert "missing  signer: [request] says no signer" in checked.out
    assert "approved:receipt: nobody has approved" in checked.out  # `:receipt:` is no emoji
    assert "are missing." in checked.out.splitlines()[-1]
    views = await said(product, "check", "--view", "reasons")
    assert "[ ] unclear business" in views.out
    form = await said(product, "letter", "--as", "form")
    assert (form.status, "Use case description:" in form.out) == (1, True)
    assert "not released: Signed by: not filled in" in form.err
    german = json.loads((await said(product, "letter", "--german", "--json")).out)
    copy = " ".join(one["text"] for one in german["sentences"])
    assert "Kontingent und Rate" in copy
    noted = await said(product, "request", "note", "reviewed", "AWS AUP", "--by", "Ada Muster")
    assert (noted.status, "reviewed, by Ada Muster: AWS AUP" in noted.out) == (0, True)
    shown = await said(product, "request")
    assert (shown.status, shown.out.splitlines()[0]) == (0, "GRANTED")  # the test's account is out of the sandbox
