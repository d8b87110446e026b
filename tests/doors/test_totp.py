"""A2: the second factor that is no mail, as an application enrols and checks it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from franked.doors.http.keyring import make_key
from tests.coding import Application, coding


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Application]:
    async with coding(tmp_path / "product") as started:
        yield started


async def enrolled(app: Application) -> tuple[pyotp.TOTP, list[str]]:
    status, made = await app.post("/v1/totp", {"account": "account-1", "label": "ana@example.com"})
    assert status == 201, made
    phone = pyotp.parse_uri(made["uri"])
    assert isinstance(phone, pyotp.TOTP)
    assert (phone.secret, phone.name, phone.issuer) == (made["secret"], "ana@example.com", "Example Backup")
    _, confirmed = await app.post("/v1/totp/confirm", {"account": "account-1", "code": phone.at(app.product.clock())})
    assert confirmed["right"] is True
    app.product.clock.move(seconds=30)
    return phone, confirmed["recovery_codes"]


async def verify(app: Application, code: str, account: str = "account-1") -> dict[str, Any]:
    status, answer = await app.post("/v1/totp/verify", {"account": account, "code": code})
    assert status == 200, answer
    return answer


async def test_a2_an_authenticator_app_is_the_second_step_and_each_code_is_good_once(app: Application) -> None:
    phone, recovery = await enrolled(app)
    assert len(set(recovery)) == 10
    code = phone.at(app.product.clock())
    assert await verify(app, f"{code[:3]} {code[3:]}") == {"right": True, "recovery_codes_left": 10}
    assert await verify(app, code) == {"right": False, "recovery_codes_left": None}
    assert await verify(app, recovery[3]) == {"right": True, "recovery_codes_left": 9}
    assert (await verify(app, recovery[3]))["right"] is False
    assert await verify(app, code, "nobody") == {"right": False, "recovery_codes_left": None}
    told = {"account": "account-1", "confirmed": True, "recovery_codes_left": 9}
    assert await app.product.get("/v1/totp/account-1") == (200, told)


async def test_a_confirmed_factor_is_not_written_over_by_another(app: Application) -> None:
    phone, _ = await enrolled(app)
    status, problem = await app.post("/v1/totp", {"account": "account-1", "label": "eve"})
    assert (status, problem["code"]) == (409, "totp_enrolled")
    assert (await verify(app, phone.at(app.product.clock())))["right"] is True
    headers = {"Authorization": f"Bearer {app.product.key}"}
    url = f"{app.product.franked.url}/v1/totp/account-1"
    for status in (204, 404):
        async with app.product.http.delete(url, headers=headers) as answer:
            assert answer.status == status
    assert (await verify(app, phone.at(app.product.clock())))["right"] is False


async def test_a16_six_wrong_codes_in_a_row_let_the_right_one_wait(app: Application) -> None:
    phone, _ = await enrolled(app)
    right = phone.at(app.product.clock())
    for n in range(5):
        await verify(app, f"{(int(right) + n + 1) % 1_000_000:06}")
    assert (await verify(app, right))["right"] is False
    app.product.clock.move(minutes=1)
    assert (await verify(app, phone.at(app.product.clock())))["right"] is True


async def test_a_key_for_receipts_decides_nothing_about_sign_ins(app: Application) -> None:
    world = app.product.franked.world
    shown, record = make_key("receipts", frozenset({"receipt"}), frozenset(), world.now())
    await world.store.add_keys([record])
    app.product.franked.keyring.forget()
    body = {"account": "account-1", "code": "123456"}
    for path, sent in (
        ("/v1/totp", {"account": "account-1", "label": "eve"}),
        ("/v1/totp/confirm", body),
        ("/v1/totp/verify", body),
    ):
        assert (await app.post(path, sent, shown))[0] == 403
    assert (await app.product.get("/v1/totp/account-1", shown))[0] == 403


TEN_DIGITS = [  # six could stand anywhere by chance
    (f"[streams.{stream}.codes]", f"[streams.{stream}.codes]\ndigits = 10")
    for stream in ("sign-up", "reset", "second-factor")
]


async def test_no_code_secret_or_token_is_kept_told_or_logged(tmp_path: Path) -> None:
    """All that was written but the mail itself, and the two answers that show a secret once."""
    async with coding(tmp_path / "secretive", *TEN_DIGITS) as app:
        secrets = [*(await mailed(app)), *(await factored(app))]
        assert len(secrets) > 25
        await app.product.simulator.quiet()
        for path in ("/v1/messages", "/v1/totp/account-1", "/metrics", "/openapi.json"):
            app.answers.append(str(await app.product.get(path)))
        record = app.product.folder / ".franked"
        files = b"".join(path.read_bytes() for path in record.glob("franked.db*"))
        assert b"account of ana@example.com" in files  # it is the right place to look
        log = app.product.log.getvalue()
        assert log.count("code_checked") > 5
        everything = files + log.encode() + "\n".join(app.answers).encode()
        assert [one for one in secrets if one.encode() in everything] == []


async def mailed(app: Application) -> list[str]:
    """Codes and tokens that went, bounced, were guessed at, pressed, claimed and used."""
    secrets = []
    for stream in ("sign-up", "reset", "second-factor"):
        for to in ("ana@example.com", "bounce@simulator.amazonses.com"):
            code_id = await app.issued(stream, to, f"account of {to}")
            await app.product.until(code_id.replace("c_", "m_"))
            if app.product.simulator.taken()[-1].recipient != to:
                continue  # it had bounced before
            mail = await app.mail_of(code_id)
            assert (len(mail.code), mail.code in mail.subject) == (10, False)
            secrets.append(mail.code)
            await app.verify(stream, code_id, "0000000000")
            if stream == "second-factor":
                assert (await app.verify(stream, code_id, mail.code))["right"]
            else:
                secrets.append(mail.token)
                await app.page("POST", mail.url)
                assert (await app.claim(stream, mail.token))["right"]
    return secrets


async def factored(app: Application) -> list[str]:
    told = len(app.answers)
    phone, recovery = await enrolled(app)
    assert phone.secret in app.answers[told]
    assert recovery[0] in app.answers[told + 1]
    del app.answers[told:]
    await verify(app, recovery[0])
    return [phone.secret, *recovery, *(one.replace("-", "") for one in recovery)]
