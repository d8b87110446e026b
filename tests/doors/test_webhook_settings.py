"""[webhooks.NAME]: what may be said, by whom, and how it is told what is wrong."""

from pathlib import Path

import pytest

from franked.rules.webhook import EVENTS
from franked.settings import SettingsFault, describe
from franked.settings.webhooks import WEBHOOK
from tests.doors.test_settings import HEAD, STREAMS, Desk
from tests.receiver import NEWER, SECRET

SHOP = """
[webhooks.shop]
url = "https://shop.example.com/hooks/"
"""
VARIABLE = "FRANKED_WEBHOOKS_SHOP_SECRET"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def refusal(desk: Desk, *lines: str, section: str = SHOP) -> str:
    [line] = desk.refusal(HEAD + STREAMS + section + "\n".join(lines))
    return line


def test_what_is_unsaid_is_everything(desk: Desk) -> None:
    shop = desk.read(HEAD + SHOP).webhooks["shop"]
    assert (shop.url, shop.events, shop.streams, shop.allow) == ("https://shop.example.com/hooks/", EVENTS, (), ())
    assert shop.secret is None  # only who calls needs it


def test_the_secret_comes_by_a_variable_or_a_file(desk: Desk, tmp_path: Path) -> None:
    by_variable = desk.read(HEAD + SHOP, {VARIABLE: SECRET}).webhooks["shop"].secret
    place = tmp_path / "secret"
    place.write_text(f"{NEWER}\n{SECRET}\n")
    by_file = desk.read(HEAD + SHOP, {f"{VARIABLE}_FILE": str(place)}).webhooks["shop"].secret
    assert by_variable is not None and by_file is not None
    assert by_file[1:] == by_variable
    assert desk.read(HEAD + SHOP, {VARIABLE: f"{NEWER},{SECRET}"}).webhooks["shop"].secret == by_file


def test_a_name_with_a_dash_has_a_variable_too(desk: Desk) -> None:
    section = SHOP.replace("shop]", "my-shop]")
    settings = desk.read(HEAD + section, {"FRANKED_WEBHOOKS_MY_SHOP_SECRET": SECRET})
    assert settings.webhooks["my-shop"].secret


def test_the_place_may_differ_from_machine_to_machine(desk: Desk) -> None:
    settings = desk.read(HEAD + SHOP, {"FRANKED_WEBHOOKS_SHOP_URL": "https://test.example.com/"})
    assert settings.webhooks["shop"].url == "https://test.example.com/"


@pytest.mark.parametrize("wrong", ["", "secret", "whsec_c2hvcnQ=", f"{SECRET},{SECRET},{SECRET}", f"{SECRET},no"])
def test_a_wrong_secret_is_told_and_not_shown(desk: Desk, wrong: str) -> None:
    [line] = desk.refusal(HEAD + SHOP, {VARIABLE: wrong})
    assert line.startswith(f"{VARIABLE}: what stands there is not `whsec_`")
    assert not wrong or f"{wrong} " not in line


def test_the_secret_is_never_shown(desk: Desk) -> None:
    settings = desk.read(HEAD + SHOP, {VARIABLE: SECRET})
    shown = {one.name: one for one in describe(settings)}
    assert shown["webhooks.shop.secret"].value == "(hidden)"
    assert shown["webhooks.shop.secret"].origin == VARIABLE
    assert shown["webhooks.shop.events"].value == ", ".join(EVENTS)
    key = SECRET.removeprefix("whsec_")
    assert key not in repr(settings) and "secret" not in repr(settings.webhooks["shop"])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('events = ["message.bounce"]', 'message.bounced"'),
        ('events = ["message.queued"]', "'message.queued' is none"),
        ('streams = ["recipt"]', "there is no [streams.recipt]"),
        ('allow = ["10.0.0.1/8"]', "has host bits set"),
        ('secrt = "x"', "there is no such setting"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(desk: Desk, line: str, why: str) -> None:
    said = refusal(desk, line)
    assert said.startswith("franked.toml:") and "[webhooks.shop]" in said
    assert why.strip('"') in said


@pytest.mark.parametrize(
    "url",
    [
        *("shop.example.com", "ftp://shop.example.com/", "file:///etc/passwd", "https://", "https:///hooks"),
        *("https://user:word@shop.example.com/", "https://shop.example.com:0/", "https://shop.example.com:x/"),
        *("https://shop.example.com/#part", "https://shop.example.com/a b", "gopher://127.0.0.1/"),
    ],
)
def test_what_is_no_place_is_refused(desk: Desk, url: str) -> None:
    assert "is not an address" in refusal(desk, section=f'\n[webhooks.shop]\nurl = "{url}"\n')


def test_addresses_of_people_go_over_no_open_line(desk: Desk) -> None:
    plain = SHOP.replace("https:", "http:")
    assert "over the internet it is https://" in refusal(desk, section=plain)
    assert desk.read(HEAD + plain + 'allow = ["127.0.0.1/32"]\n').webhooks["shop"].url.startswith("http://")


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ("[webhooks.Shop]\nurl = 'https://a.example.com/'\n", "the name of a webhook is of a to z"),
        ("[webhooks]\nshop = 'https://a.example.com/'\n", "write [webhooks.shop]"),
        ("[webhooks.shop]\n", "[webhooks.shop] url is missing"),
    ],
)
def test_a_section_of_another_shape_is_told(desk: Desk, section: str, why: str) -> None:
    assert why in refusal(desk, section=f"\n{section}")


def test_a_variable_of_no_webhook_is_told(desk: Desk) -> None:
    with pytest.raises(SettingsFault, match="FRANKED_WEBHOOKS_SHIP_SECRET: there is no such setting"):
        desk.read(HEAD + SHOP, {"FRANKED_WEBHOOKS_SHIP_SECRET": SECRET})


def test_every_setting_is_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    assert [one.variable for one in WEBHOOK if f"`{one.variable}`" not in page] == []
