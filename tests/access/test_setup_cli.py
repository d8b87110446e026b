"""`franked setup` as a person calls it, beside a `franked up`."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commandline import Up, called, in_turn, up
from tests.product import settings_in

DOMAIN = "backup.example.com"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("setup")
    settings_in(folder, ("[simulator]\nport = 0", f"[simulator]\nport = {port}"))
    with up(folder) as started:
        yield started


def test_the_plan_first_then_its_making_and_then_nothing(running: Up) -> None:
    planned = called(running.folder, "setup")
    assert planned.status == 1, planned.err
    assert "missing   configuration set franked-urgent (reputation metrics" in planned.out
    assert "[ses:CreateConfigurationSet]" in planned.out
    assert "Nothing was changed." in planned.out
    assert "queue_url" not in planned.out  # the simulated account's events come by themselves
    made = called(running.folder, "setup", "--apply", "--json")
    told = json.loads(made.out)
    assert (made.status, told["todo"]) == (0, [])
    assert {one["failure"] for one in told["done"]} == {None}
    assert len(told["done"]) > 7
    again = called(running.folder, "setup", "--apply", "--wait")
    assert again.status == 0
    assert again.out.rstrip().endswith("Nothing is missing in the simulated account. SES sees the DNS records.")
    assert "made" not in again.out


def test_the_records_as_a_zone_file_and_the_policies_as_json(running: Up) -> None:
    zone, policies, wrong = in_turn(
        running.folder, ("setup", "--zone"), ("setup", "--policy"), ("setup", "--address", "nobody")
    )
    lines = zone.out.splitlines()
    assert [line.split()[3] for line in lines if "_domainkey" in line] == ["CNAME"] * 3
    assert f'_dmarc.{DOMAIN}. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:ops@example.com"' in lines
    told = json.loads(policies.out)
    assert set(told["senders"]) == {f"no-reply@{DOMAIN}", f"billing@{DOMAIN}"}
    assert {"franked", "setup"} < set(told)
    assert (wrong.status, wrong.err) == (2, "--address: nobody is no address\n")


def test_who_is_not_there_is_told(tmp_path: Path) -> None:
    settings_in(tmp_path, ("[simulator]\nport = 0", "[simulator]\nport = 9"))
    nobody = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    alone, real = in_turn(tmp_path, ("setup",), ("setup", "--ses", "aws"), AWS_EC2_METADATA_DISABLED="true", **nobody)
    assert alone.status == real.status == 2
    assert "AWS can't be reached" in alone.err
    assert "while `franked up` runs" in alone.err
    assert real.err.startswith("sts:GetCallerIdentity: no AWS credentials")
    settings_in(tmp_path)
    anywhere = called(tmp_path, "setup")
    assert (anywhere.status, anywhere.err) == (
        2,
        "the simulated account has another port each time: name one as `port` in [simulator]\n",
    )
