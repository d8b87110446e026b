"""Nothing goes to people that only its author has read (C10): by HTTP, by command, and in the mail that arrives."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from franked.doors.running import running
from franked.rules.message import State
from franked.wiring import Ses
from tests.commandline import Said, franked, together, up
from tests.product import MovableClock, settings_in
from tests.running import Product

REQUIRED = pytest.mark.settings(('approval = "none"', 'approval = "required"'))


async def ask(product: Product, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def take(product: Product, step: str, by: str, template: str = "receipt", **more: str) -> tuple[int, Any]:
    body = {"by": by, "note": f"{by} has read it"} | more
    return await ask(product, "POST", f"/v1/templates/{template}/{step}", body)


async def approve(product: Product, template: str = "receipt") -> None:
    for step, by in (("submit", "Ana"), ("approve", "Ben")):
        status, told = await take(product, step, by, template)
        assert status == 200, told


async def told_of(product: Product, template: str = "receipt") -> dict[str, Any]:
    status, told = await ask(product, "GET", f"/v1/templates/{template}")
    assert status == 200, told
    return dict(told)


async def rewrite(product: Product, html: str, template: str = "receipt") -> str:
    """Another version is in the folder now."""
    matter = '+++\nsubject = "Your receipt {{ number }}"\nvariables = ["number"]\n+++\n'
    (product.folder / "mail" / template / "en.html").write_text(matter + html)
    await product.franked.wired.templates.refresh()
    return str((await told_of(product, template))["template"]["version"])


@asynccontextmanager
async def started(folder: Path, *changes: tuple[str, str], ses: Ses = Ses.SIMULATED) -> AsyncIterator[Product]:
    clock = MovableClock()
    async with running(settings_in(folder, *changes), ses, clock) as run, aiohttp.ClientSession() as http:
        yield Product(run, clock, http, run.control_key, folder)


async def text_of(product: Product, message: str) -> str:
    """Of the mail that arrived."""
    [taken] = [mail for mail in product.simulator.taken() if mail.tags["franked-message"] == message]
    async with product.http.get(f"{product.simulator.url}/mail/{taken.ses_id}/html") as page:
        return await page.text()


@REQUIRED
async def test_mail_waits_until_a_second_person_has_approved_its_template(product: Product) -> None:  # C10
    sent = await product.send("ana@example.net")
    assert (sent["state"], sent["reason"]) == ("held", "not_approved")
    assert "`franked templates`" in sent["hint"]
    assert (await take(product, "approve", "Ben"))[1]["code"] == "not_submitted"
    status, submitted = await take(product, "submit", "Ana")
    assert (status, submitted["stands"], submitted["last"]["by"]) == (200, "submitted", "Ana")
    assert (await take(product, "approve", " ana "))[1]["code"] == "same_person"
    assert (await product.story(sent["id"])).state is State.HELD
    _, person = await ask(product, "GET", "/v1/people/ana@example.net")
    assert {one["stream"]: one["reason"] for one in person["mail"]}["receipt"] == "not_approved"
    assert (await take(product, "approve", "Ben"))[1]["stands"] == "approved"
    story = await product.until(sent["id"])
    assert story.state is State.DELIVERED
    assert [line.what for line in story.ledger if line.why == "not_approved"] == ["held", "released"]
    assert (await product.send("ben@example.net"))["state"] == "queued"


@REQUIRED
async def test_mail_is_written_by_the_version_that_it_was_accepted_with(product: Product) -> None:  # C10
    first = await product.send("ana@example.net")
    old = (await told_of(product))["template"]["version"]
    new = await rewrite(product, "<p>Thanks a lot for {{ number }}</p>")
    second = await product.send("ben@example.net")
    await take(product, "submit", "Ana", version=old)
    await take(product, "approve", "Ben", version=old)
    await product.until(first["id"], State.DELIVERED)
    assert (await product.story(second["id"])).state is State.HELD
    assert "Thank you" in await text_of(product, first["id"])
    await approve(product)
    await product.until(second["id"], State.DELIVERED)
    assert "Thanks a lot" in await text_of(product, second["id"])
    assert [one["version"] for one in (await told_of(product))["reviews"]] == [old, old, new, new]


@REQUIRED
async def test_a_changed_letter_is_another_version(product: Product) -> None:  # C10
    await approve(product)
    await rewrite(product, "<p>Thanks for {{ number }}!</p>")
    assert (await product.send("ana@example.net"))["reason"] == "not_approved"
    assert (await take(product, "approve", "Ben"))[1]["code"] == "not_submitted"


@REQUIRED
async def test_what_waits_for_its_time_is_judged_again_as_it_is_taken(product: Product) -> None:  # C10
    await approve(product)
    later = (product.clock() + product.franked.world.declared.streams["receipt"].useful_for / 2).isoformat()
    sent = await product.send("ana@example.net", send_at=later)
    assert sent["state"] == "queued"
    assert (await take(product, "reject", "Cy"))[1]["stands"] == "rejected"
    product.clock.move(hours=37)
    product.franked.world.bell.ring()
    story = await product.until(sent["id"], State.HELD)
    assert story.reason == "not_approved"
    assert product.copies() == {}


@REQUIRED
async def test_a_rejection_has_its_note_and_whoever_submits_again_begins_again(product: Product) -> None:  # C10
    await take(product, "submit", "Ana")
    status, problem = await ask(product, "POST", "/v1/templates/receipt/reject", {"by": "Ben", "note": " "})
    assert (status, problem["code"]) == (422, "invalid_shape")
    assert (await take(product, "reject", "Ben", note="the old price"))[0] == 200
    assert (await take(product, "approve", "Cy"))[1]["code"] == "not_submitted"
    await approve(product)
    steps = [(one["step"], one["by"], one["note"], one["key"]) for one in (await told_of(product))["reviews"]]
    assert steps[1] == ("rejected", "Ben", "the old price", "command line")
    assert [one[0] for one in steps] == ["submitted", "rejected", "submitted", "approved"]


@REQUIRED
async def test_mail_in_its_callers_own_words_is_exempt(product: Product) -> None:  # C10
    content = {"subject": "Hello", "text": "It is on its way."}
    sent = await product.send("ana@example.net", "note", content=content)
    assert (await product.until(sent["id"])).state is State.DELIVERED


@REQUIRED
async def test_whoever_runs_it_is_told_which_streams_wait(product: Product) -> None:  # C10
    def warnings(ready: tuple[int, Any]) -> str:
        return "".join(one for one in ready[1]["warnings"] if one.startswith("not_approved"))

    said = warnings(await product.get("/readyz"))
    for name in ("receipt (draft)", "sign-in-code (draft)", "digest (draft)", "franked templates approve"):
        assert name in said
    assert "note" not in said.partition("held until")[0]
    for template in ("receipt", "sign-in-code"):
        await approve(product, template)
    said = warnings(await product.get("/readyz"))
    assert "receipt" not in said
    assert "digest (draft)" in said
    await approve(product, "digest")
    assert warnings(await product.get("/readyz")) == ""


def test_franked_up_says_at_its_start_which_streams_wait(tmp_path: Path) -> None:  # C10
    settings_in(tmp_path, ('approval = "none"', 'approval = "required"'))
    with up(tmp_path) as started:
        assert started.process.stdout
        said = next(line for line in started.process.stdout if line.startswith("Not approved"))
    assert "digest, receipt, sign-in-code" in said
    assert "franked templates submit NAME --by ANA" in said


async def test_with_the_simulated_account_nothing_is_asked(product: Product) -> None:
    _, templates = await ask(product, "GET", "/v1/templates")
    assert [(one["name"], one["needed"]) for one in templates] == [
        ("digest", False),
        ("receipt", False),
        ("sign-in-code", False),
    ]
    assert (await product.send("ana@example.net"))["state"] == "queued"


async def test_with_real_ses_it_is_required_unless_the_settings_say_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No account is reached here: what is asked is what the record says."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "EC2_METADATA_DISABLED"):
        monkeypatch.setenv(f"AWS_{name}", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
    for change, reason in ((('approval = "none"', ""), "not_approved"), (('approval = "none"',) * 2, "sandbox")):
        async with started(tmp_path / reason, change, ses=Ses.AWS) as product:
            assert (await product.send("ana@example.net"))["reason"] == reason


async def test_who_no_longer_asks_for_approval_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with started(tmp_path, ('approval = "none"', 'approval = "required"')) as product:
        message = (await product.send("ana@example.net"))["id"]
        assert (await product.story(message)).reason == "not_approved"
    async with started(tmp_path) as product:
        assert (await product.until(message)).state is State.DELIVERED


async def test_templates_are_the_administrators(product: Product) -> None:
    for method, path, body in (
        ("GET", "/v1/templates", None),
        ("GET", "/v1/templates/receipt", None),
        ("GET", "/v1/templates/receipt/diff", None),
        ("POST", "/v1/templates/receipt/preview", {}),
        ("POST", "/v1/templates/receipt/approve", {"by": "Ben", "note": "yes"}),
    ):
        assert (await ask(product, method, path, body, product.key))[1]["code"] == "not_allowed"


# --- diff and preview -------------------------------------------------------------------------------------------------


async def test_a_diff_is_against_what_was_approved_last(product: Product) -> None:
    _, first = await ask(product, "GET", "/v1/templates/receipt/diff")
    assert (first["old"], "+<h1>Thank you</h1>" in first["diff"]) == (None, True)
    old = (await told_of(product))["template"]["version"]
    await approve(product)
    new = await rewrite(product, "<h1>Thanks</h1><p>Number {{ number }}</p>")
    _, found = await ask(product, "GET", "/v1/templates/receipt/diff")
    assert (found["old"], found["new"]) == (old, new)
    changed = [line for line in found["diff"].splitlines() if line.startswith(("+<", "-<"))]
    assert changed == ["-<h1>Thank you</h1><p>Number {{ number }}</p>", "+<h1>Thanks</h1><p>Number {{ number }}</p>"]
    assert (await ask(product, "GET", f"/v1/templates/receipt/diff?new={old}"))[1]["old"] is None
    assert (await ask(product, "GET", "/v1/templates/receipt/diff?old=x"))[1]["code"] == "invalid_query"
    assert (await ask(product, "GET", f"/v1/templates/receipt/diff?old={'0' * 32}"))[0] == 404


async def test_a_preview_is_the_mail_with_samples_and_goes_to_nobody(product: Product) -> None:
    status, shown = await ask(product, "POST", "/v1/templates/receipt/preview", {"variables": {"number": "R-9"}})
    assert (status, shown["subject"], shown["inbox"]) == (200, "Your receipt R-9", None)
    _, invented = await ask(product, "POST", "/v1/templates/sign-in-code/preview")
    assert (invented["variables"], "424242" in invented["text"]) == ({"code": "424242"}, True)
    assert product.simulator.taken() == []
    _, laid = await ask(product, "POST", "/v1/templates/receipt/preview", {"inbox": True})
    async with product.http.get(laid["inbox"]) as page:
        assert (page.status, laid["subject"] in await page.text()) == (200, True)
    assert [mail.recipient for mail in product.simulator.taken()] == ["success+preview@simulator.amazonses.com"]


async def test_a_template_may_bring_its_own_sample(product: Product) -> None:
    folder = product.folder / "mail" / "receipt"
    matter = 'subject = "Receipt"\nvariables = ["items"]\n[sample]\nitems = [{name = "%s"}]\n'
    for locale, lamp in (("en", "Lamp"), ("de", "Lampe")):
        html = "<p>{% for one in items %}{{ one.name }}{% endfor %}</p>"
        (folder / f"{locale}.html").write_text(f"+++\n{matter % lamp}+++\n{html}")
    await product.franked.wired.templates.refresh()
    for locale, lamp in (("en", "Lamp"), ("de", "Lampe")):
        _, shown = await ask(product, "POST", "/v1/templates/receipt/preview", {"locale": locale})
        assert shown["text"] == f"{lamp}\n"
    _, problem = await ask(product, "POST", "/v1/templates/receipt/preview", {"variables": {"items": 3}})
    assert problem["code"] == "invalid_variables"


# --- the command line -------------------------------------------------------------------------------------------------


async def said(product: Product, *arguments: str) -> Said:
    return await asyncio.to_thread(franked, product.folder, "templates", *arguments)


@REQUIRED
async def test_two_people_approve_on_the_command_line(product: Product) -> None:  # C10
    sent = await product.send("ana@example.net")
    listed = await said(product)
    assert (listed.status, listed.out.count("draft")) == (1, 3)
    assert "Mail of these streams is held until they are approved: digest, receipt, sign-in-code" in listed.out
    submitted = await said(product, "submit", "receipt", "--by", "Ana Muster")
    assert (submitted.status, "submitted by Ana Muster" in submitted.out) == (0, True)
    alone = await said(product, "approve", "receipt", "--by", "ana muster", "--note", "fine")
    assert (alone.status, alone.out) == (2, "")
    assert "another person approves it" in alone.err
    approved = await said(product, "approve", "receipt", "--by", "Ben", "--note", "read it")
    assert (approved.status, "approved by Ben: read it" in approved.out) == (0, True)
    assert (await product.until(sent["id"])).state is State.DELIVERED
    out = product.folder / "receipt.html"
    as_json, shown, differs, seen = await asyncio.to_thread(
        together,
        product.folder,
        ("templates", "--json"),
        ("templates", "show", "receipt"),
        ("templates", "diff", "receipt"),
        ("templates", "preview", "receipt", "--var", "number=R-7", "--out", str(out), "--inbox"),
    )
    stands = {one["name"]: one["stands"] for one in json.loads(as_json.out)["templates"]}
    assert stands == {"digest": "draft", "receipt": "approved", "sign-in-code": "draft"}
    assert "approved by Ben: read it (key: command line)" in shown.out
    assert "all new" in differs.out
    assert "Subject: Your receipt R-7" in seen.out
    assert f"{product.simulator.url}/message/" in seen.out
    assert "Number R-7" in out.read_text()
