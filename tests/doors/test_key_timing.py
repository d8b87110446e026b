"""What it takes to say no to a key tells nobody which keys there are: every key goes the same way, step by step.

`python -m tests.keytiming` measures it; here the way itself is compared, whatever the machine has to do besides.
"""

import sys
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from franked.doors.http.keyring import Keyring, make_key, new_secret
from franked.record import ApiKey, Rotation
from tests.running import Product

CRYPTO = {"openssl_sha256", "digest", "compare_digest"}


async def keys_of_every_kind(product: Product) -> dict[str, str]:
    keyring, store = product.franked.keyring, product.franked.world.store
    good_id = product.key[3:11]
    gone, record = await made(product)
    turned, rotated = await made(product)
    await store.revoke_keys([record.caller.key_id], product.clock())
    later = product.clock() + timedelta(hours=1)
    await store.rotate_keys([Rotation(rotated.caller.key_id, new_secret("x")[1], later)])
    await keyring.reload(product.franked.world.monotonic())
    return {
        "good": product.key,
        "wrong secret": f"fk_{good_id}_{'a' * 32}",
        "almost": product.key[:-1] + ("b" if product.key[-1] == "a" else "a"),
        "unknown": f"fk_zzzzzzzz_{'a' * 32}",
        "revoked": gone,
        "the old of a rotated one": turned,
        "malformed": "fk_zzzzzzzz",
        "empty": "",
    }


async def made(product: Product) -> tuple[str, ApiKey]:
    shown, record = make_key("other", frozenset(), frozenset(), product.clock())
    await product.franked.world.store.add_keys([record])
    return shown, record


async def steps(keyring: Keyring, key: str, product: Product) -> tuple[bool, list[str]]:
    """Is it let in, and which functions were called on the way."""
    called: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)
        elif event == "c_call":
            called.append(argument.__name__)

    monotonic = keyring.read_at  # nothing is stale
    now = product.clock()
    sys.setprofile(note)
    try:
        found = await keyring.find(key, now, monotonic)
    finally:
        sys.setprofile(None)
    return found is not None, [name for name in called if name != "setprofile"]


async def test_every_key_goes_the_same_way(product: Product) -> None:
    keys = await keys_of_every_kind(product)
    keyring = product.franked.keyring
    ways = {kind: await steps(keyring, key, product) for kind, key in keys.items()}
    assert {kind for kind, (let_in, _) in ways.items() if let_in} == {"good", "the old of a rotated one"}
    good = ways["good"][1]
    assert good.count("compare_digest") == 2  # each secret that may open: also where there is none
    shaped = {kind: way for kind, (_, way) in ways.items() if kind not in {"malformed", "empty"}}
    assert {kind: way for kind, way in shaped.items() if way != good} == {}
    crypto = {kind: [name for name in way if name in CRYPTO] for kind, (_, way) in ways.items()}
    assert {kind: way for kind, way in crypto.items() if way != crypto["good"]} == {}


@pytest.mark.parametrize("kind", ["wrong secret", "unknown", "revoked", "malformed", "empty"])
async def test_the_answer_is_the_same_for_all_that_open_nothing(product: Product, kind: str) -> None:
    key = (await keys_of_every_kind(product))[kind]
    headers = {"Authorization": f"Bearer {key}"}
    async with product.http.get(f"{product.franked.url}/v1/messages", headers=headers) as answer:
        told = await answer.json()
        told_headers = {name for name in answer.headers if name != "Date"}
    async with product.http.get(f"{product.franked.url}/v1/messages") as none:
        assert (told, answer.status) == (await none.json(), none.status)
        assert told_headers == {name for name in none.headers if name != "Date"}
