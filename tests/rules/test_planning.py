"""What is missing at AWS, and which records the DNS must have."""

import json
from dataclasses import replace

import pytest

from franked.rules.at_aws import Destination, Dkim, Record, SesAccount, SesIdentity, SesSet
from franked.rules.dashboard import dashboard
from franked.rules.dns_needed import candidates, covering, dmarc_record
from franked.rules.lane import Lane
from franked.rules.planning import planned
from franked.rules.steps import (
    CALLS,
    DefaultSet,
    DestinationAgain,
    NewAlarms,
    NewDashboard,
    NewIdentity,
    NewMailFrom,
    Part,
    part_of,
)
from franked.rules.wanted import KINDS, Found, Wanted

WANTED = Wanted("eu-central-1", "a.example.com", ("a.example.com",), {Lane.NORMAL: "tx"}, queue="franked-events")
ACCOUNT = SesAccount(False, True, "HEALTHY", 1.0, 200.0, 0.0, frozenset())
NOTHING = Found("111122223333", ACCOUNT)


def identity(name: str, verified: bool = True) -> SesIdentity:
    return SesIdentity(name, True, verified, "SUCCESS" if verified else "PENDING", Dkim("SUCCESS", True))


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("example.com", ("example.com",)),
        ("a.b.example.com", ("a.b.example.com", "b.example.com", "example.com")),
        ("a.b.c.d.example.com", ("a.b.c.d.example.com", "b.c.d.example.com", "d.example.com", "example.com")),
        ("localhost", ("localhost",)),
    ],
)
def test_which_identities_would_cover_a_domain(domain: str, found: tuple[str, ...]) -> None:
    assert candidates(domain) == found


def test_the_nearest_covers_and_a_parent_only_once_it_is_verified() -> None:
    waiting, parent = identity("a.example.com", verified=False), identity("example.com")
    both = {one.name: one for one in (waiting, parent)}
    assert covering("a.example.com", both) == waiting
    assert covering("b.example.com", both) == parent
    assert covering("b.example.com", {"example.com": identity("example.com", verified=False)}) is None
    assert covering("example.com", {"a.example.com": identity("a.example.com")}) is None


@pytest.mark.parametrize(
    ("reports_to", "value"),
    [
        (None, "v=DMARC1; p=none"),
        ("ops@a.example.com", "v=DMARC1; p=none; rua=mailto:ops@a.example.com"),
        ("ops@example.com", "v=DMARC1; p=none; rua=mailto:ops@example.com"),
        ("ops@x.a.example.com", "v=DMARC1; p=none; rua=mailto:ops@x.a.example.com"),
        ("ops@example.org", "v=DMARC1; p=none"),
        ("ops@notexample.com", "v=DMARC1; p=none"),
    ],
)
def test_reports_of_dmarc_go_to_an_address_of_the_same_organisation(reports_to: str | None, value: str) -> None:
    assert dmarc_record("a.example.com", reports_to) == Record("_dmarc.a.example.com", "TXT", value)


def test_a_new_account_needs_everything_in_an_order_that_works() -> None:
    todo = [one.call.partition(":")[2] for one in planned(WANTED, NOTHING).todo]
    assert todo == [
        "CreateEmailIdentity",
        "PutEmailIdentityMailFromAttributes",
        "CreateTopic",
        "CreateQueue",  # of dead letters
        "CreateQueue",
        "Subscribe",
        "CreateConfigurationSet",
        "CreateConfigurationSetEventDestination",
        "PutEmailIdentityConfigurationSetAttributes",
        "PutAccountSuppressionAttributes",
        "PutMetricAlarm",
        "PutDashboard",
    ]


def test_mail_from_is_a_name_from_which_nobody_writes() -> None:
    both = replace(WANTED, domains=("a.example.com", "bounce.a.example.com"))
    made = [one.mail_from for one in planned(both, NOTHING).todo if isinstance(one, NewMailFrom)]
    assert made == ["bounce2.a.example.com", "bounce.bounce.a.example.com"]


def test_one_dmarc_record_is_enough() -> None:
    def dmarc(found: Found) -> list[str]:
        return [one.record.name for one in planned(WANTED, found).records if one.record.name.startswith("_dmarc.")]

    assert dmarc(NOTHING) == ["_dmarc.a.example.com"]
    assert dmarc(replace(NOTHING, policies=frozenset({"a.example.com"}))) == []


def test_a_destination_that_is_completed_keeps_what_it_published() -> None:
    topic = WANTED.topic_of(NOTHING.number)
    theirs = Destination("franked", True, frozenset({"BOUNCE", "CLICK"}), topic)
    sets = {
        name: SesSet(name, sends=True, counts_reputation=True, destinations=(theirs,)) for name in WANTED.sets.values()
    }
    [step] = [one for one in planned(WANTED, replace(NOTHING, sets=sets)).todo if isinstance(one, DestinationAgain)]
    assert step.kinds == (*KINDS, "CLICK")


def test_a_default_configuration_set_that_is_there_stays() -> None:
    own = replace(identity("a.example.com"), configuration_set="theirs")
    plan = planned(WANTED, replace(NOTHING, identities={"a.example.com": own}))
    assert "default configuration set theirs of a.example.com" in plan.there
    assert not any(isinstance(one, DefaultSet) for one in plan.todo)


def test_of_a_part_that_could_not_be_read_nothing_is_planned() -> None:
    plan = planned(WANTED, replace(NOTHING, troubles={Part.IDENTITIES: "denied", Part.EVENTS: "denied"}))
    assert {part_of(one) for one in plan.todo} == {Part.ACCOUNT, Part.WATCHING}
    assert not plan.is_done
    assert not planned(WANTED, replace(NOTHING, troubles=dict.fromkeys(Part, "denied"))).is_done


def test_alarms_on_figures_that_franked_does_not_publish_are_not_made() -> None:
    """They would ring for ever."""

    def alarms(wanted: Wanted) -> set[str]:
        [step] = [one for one in planned(wanted, NOTHING).todo if isinstance(one, NewAlarms)]
        return set(step.names)

    assert "franked-a.example.com-silent" not in alarms(WANTED)
    assert alarms(replace(WANTED, publishes_figures=True)) - alarms(WANTED) == {
        f"franked-a.example.com-{one}" for one in ("silent", "quota", "dead-letters", "oldest-queued")
    }


@pytest.mark.parametrize(("has_ours", "graphs"), [(False, 3), (True, 6)])
def test_the_dashboard_is_json_that_places_each_graph_for_itself(has_ours: bool, graphs: int) -> None:
    widgets = json.loads(dashboard("eu-central-1", "a.example.com", has_ours=has_ours))["widgets"]
    assert len({(one["x"], one["y"]) for one in widgets}) == len(widgets) == graphs
    assert {one["properties"]["region"] for one in widgets} == {"eu-central-1"}
    [rate] = [one for one in widgets if one["properties"]["title"] == "Bounce rate"]
    assert [one["value"] for one in rate["properties"]["annotations"]["horizontal"]] == [0.02, 0.05]


def test_what_a_step_says_names_what_it_is_about() -> None:
    for step in planned(WANTED, NOTHING).todo:
        assert step.call in CALLS
        assert step.says
    assert "a.example.com" in NewIdentity("a.example.com").says
    assert "bounce.a.example.com" in NewMailFrom("a.example.com", "bounce.a.example.com").says
    assert NewDashboard("x", '{"widgets": [1, 2]}').says == "dashboard x (2 graphs)"
