"""What the five products say of themselves before they ask AWS, as their rows of the requirements have it."""

from pathlib import Path

import pytest

from franked.rules.asking import Volume, total
from franked.rules.letter import has_placeholder
from franked.settings import Settings, read

EXAMPLES = Path(__file__).parents[2] / "examples"
PRODUCTS = ("consulting", "meet", "backup", "marketplace", "activities")


def settings_of(product: str) -> Settings:
    return read(EXAMPLES / product / "franked.toml", {})


@pytest.mark.parametrize("product", PRODUCTS)
def test_each_is_signed_by_a_person_at_a_domain_of_the_product(product: str) -> None:
    """F7, F8."""
    settings = settings_of(product)
    asked = settings.request.asked(settings.sender.name)
    assert asked.signer
    assert asked.role
    assert asked.email is not None
    assert asked.email.key.partition("@")[2] == str(settings.sender.from_.address).partition("@")[2]
    said = [asked.company, asked.business, asked.recipients, asked.reason]
    assert all(len(one) > 10 and not has_placeholder(one) for one in said)


@pytest.mark.parametrize("product", PRODUCTS)
def test_each_stream_says_who_asks_for_it_how_much_it_is_and_why_it_can_not_be_left(product: str) -> None:
    for stream in settings_of(product).streams.values():
        assert len(stream.asked_by) > 10, stream.name
        assert stream.planned is not None, stream.name
        assert bool(stream.topic) != bool(stream.not_left_because), stream.name
        assert not has_placeholder(stream.asked_by + stream.not_left_because)


@pytest.mark.parametrize("product", PRODUCTS)
def test_each_has_a_configuration_set_for_each_lane_and_alarms_at_aws(product: str) -> None:
    """A15, C7."""
    settings = settings_of(product)
    names = {lane.value: name for lane, name in settings.configuration_sets.by_lane.items()}
    assert names == {lane: f"{product}-{lane}" for lane in ("urgent", "normal", "bulk")}
    assert settings.alarms.cloudwatch


@pytest.mark.parametrize(
    ("product", "a_day", "quota"),
    [
        ("meet", Volume(10, 50), 200),  # B7
        ("backup", Volume(5_000, 10_000), 50_000),  # C4
        ("marketplace", Volume(50, 100), 2_000),  # D11
    ],
)
def test_the_streams_of_a_day_together_are_what_was_promised(product: str, a_day: Volume, quota: int) -> None:
    settings = settings_of(product)
    assert total(stream.planned for stream in settings.streams.values() if stream.planned) == a_day
    assert settings.request.per_day == quota


def test_the_volumes_of_the_portal_are_those_of_each_stream() -> None:
    """A13."""
    settings = settings_of("consulting")
    planned = {name: stream.planned for name, stream in settings.streams.items()}
    assert planned["sign-up-code"] == Volume(10, 50)
    assert planned["second-factor"] == Volume(5, 20)
    assert planned["password-reset"] == Volume(2, 10)
    assert settings.request.peak_per_day == 200


def test_what_backup_grows_to_and_its_peak_hour() -> None:
    """C4."""
    request = settings_of("backup").request
    assert (request.peak_per_hour, request.in_six_months, request.per_day) == (1_000, 50_000, 50_000)


def test_the_marketplace_is_mostly_transactional_and_wants_no_dedicated_ip() -> None:
    """D1, D2, D3: 80, 15 and 5 percent. D11."""
    settings = settings_of("marketplace")
    most = {"transactional": 0, "notification": 0, "marketing": 0}
    for stream in settings.streams.values():
        assert stream.planned is not None
        most[stream.kind.value] += stream.planned.most
    assert most == {"transactional": 80, "notification": 15, "marketing": 5}
    assert settings.request.dedicated_ip is False
    assert settings.request.peak_per_day == 2_000


def test_the_directory_asks_for_a_thousand_with_a_reason() -> None:
    """E10: fewer than 200 a day."""
    settings = settings_of("activities")
    a_day = total(stream.planned for stream in settings.streams.values() if stream.planned)
    assert a_day is not None
    assert a_day.most < 200
    assert settings.request.per_day == 1_000
    assert "growing" in (settings.request.reason or "")


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_can_not_be_left_says_in_the_mail_that_it_is_transactional(product: str) -> None:
    """A8, C9: the letter says so of each."""
    mail = EXAMPLES / product / "mail"
    for stream in settings_of(product).streams.values():
        if not stream.topic:
            assert "transactional message" in words_of(mail, stream.name), stream.name


def words_of(mail: Path, name: str) -> str:
    """Of the English files, with the layout's where the mail has none of its own."""
    files = [*(mail / name).glob("en.*"), *(mail / "_layout").glob("en.*")]
    return " ".join(path.read_text("utf-8") for path in files)
