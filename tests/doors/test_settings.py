"""Settings: what a file and the environment say, what is refused, and how that is told."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from franked.doors.cli import cli
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Limit
from franked.settings import Settings, SettingsFault, describe, located, read
from franked.settings.lines import lines_of
from franked.settings.page import page
from franked.settings.whole import SECTIONS

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
KEY = bytes(range(32))

HEAD = """\
[ses]
region = "us-east-1"

[sender]
name = "Example Backup"
website = "https://backup.example.com/"
postal_address = "Example Backup Ltd, 1 Sample Street, 8000 Zurich"
from = "Example Backup <no-reply@backup.example.com>"
admins = ["ops@example.com"]
"""
STREAMS = """
[streams.sign-in-code]
kind = "transactional"
purpose = "A one-time code for a person who has just asked to sign in"
lane = "urgent"
useful_for = "10m"
per_recipient = "5/hour"
if_unknown = "resend"
secret = true

[streams.backup-completed]
kind = "notification"
purpose = "Tells the owner that a backup has finished"
from = "Example Backup <notices@backup.example.com>"
topic = "backups"

[streams.newsletter]
kind = "marketing"
purpose = "What is new, once a month"
topic = "news"
"""


class Desk:
    """A folder with a settings file in it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "franked.toml"

    def read(self, text: str, environ: Mapping[str, str] | None = None) -> Settings:
        self.path.write_text(text, "utf-8")
        return read(self.path, environ or {})

    def refusal(self, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        """The lines of the fault, without the folder."""
        with pytest.raises(SettingsFault) as caught:
            self.read(text, environ)
        return str(caught.value).replace(f"{self.path.parent}/", "").split("\n")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# --- what applies -----------------------------------------------------------------------------------------------------


def test_without_a_file_every_default_applies() -> None:
    settings = read(None, {})
    assert settings == Settings()
    assert settings.ses.region == "eu-central-1"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8025)
    assert (settings.simulator.rate, settings.simulator.quota, settings.simulator.production) == (1.0, 200.0, False)
    assert settings.store.directory == Path(".franked")
    assert not settings.streams


def test_the_design_s_file_is_read_into_the_types_of_the_rules(desk: Desk) -> None:
    settings = desk.read(HEAD + STREAMS)
    assert settings.sender.website == "https://backup.example.com"
    assert settings.sender.from_.header == "Example Backup <no-reply@backup.example.com>"
    assert [admin.key for admin in settings.sender.admins] == ["ops@example.com"]
    code = settings.streams["sign-in-code"]
    assert code.lane is Lane.URGENT
    assert code.useful_for == timedelta(minutes=10)
    assert code.per_recipient == Limit(5, timedelta(hours=1))
    assert (code.if_unknown, code.secret, code.standing) == (IfUnknown.RESEND, True, False)
    assert code.sender == settings.sender.from_
    assert settings.streams["backup-completed"].sender.address.key == "notices@backup.example.com"


def test_what_a_stream_leaves_unsaid_follows_from_its_kind(desk: Desk) -> None:
    streams = desk.read(HEAD + STREAMS).streams
    notice, news = streams["backup-completed"], streams["newsletter"]
    assert (notice.kind, notice.lane, notice.if_unknown, notice.standing) == (
        Kind.NOTIFICATION,
        Lane.NORMAL,
        IfUnknown.HOLD,
        False,
    )
    assert (news.lane, news.if_unknown, news.standing) == (Lane.BULK, IfUnknown.DROP, True)
    assert (notice.template, notice.useful_for) == ("backup-completed", timedelta(hours=72))
    assert notice.trigger_within == timedelta(hours=24)


def test_what_a_stream_does_say_wins_over_its_kind(desk: Desk) -> None:
    more = '\nlane = "normal"\nif_unknown = "hold"\nstanding = false\ntemplate = "letter"\ntrigger_within = "1h"'
    news = desk.read(HEAD + STREAMS.rstrip() + more).streams["newsletter"]
    assert (news.lane, news.if_unknown, news.standing) == (Lane.NORMAL, IfUnknown.HOLD, False)
    assert (news.template, news.trigger_within) == ("letter", timedelta(hours=1))


def test_a_stream_that_says_nothing_is_kept_as_long_as_the_record_says(desk: Desk) -> None:
    said = '\nkeep_for = "400d"\nkeep_content = "400d"\n\n[store]\nkeep_for = "90d"'
    streams = desk.read(HEAD + STREAMS.rstrip() + said).streams
    news, notice = streams["newsletter"], streams["backup-completed"]
    assert (news.keep_for, news.keep_content) == (timedelta(days=400), timedelta(days=400))
    assert (notice.keep_for, notice.keep_content) == (timedelta(days=90), None)


def test_folders_are_relative_to_the_file_not_to_the_shell(desk: Desk) -> None:
    settings = desk.read(HEAD + '[store]\ndirectory = "record"\n')
    assert settings.store.directory == desk.path.parent / "record"
    assert settings.templates.directory == desk.path.parent / "mail"


def test_configuration_sets_are_named_by_lane(desk: Desk) -> None:
    settings = desk.read(HEAD + '[ses.configuration_sets]\nurgent = "codes"\nbulk = "news"\n')
    assert settings.configuration_sets.by_lane == {Lane.URGENT: "codes", Lane.BULK: "news"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(desk: Desk) -> None:
    desk.path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "[server]\nport = 1\n").replace("\n", "\r\n").encode())
    settings = read(desk.path, {})
    assert settings.server.port == 1
    assert settings.origins["server.port"].endswith("franked.toml:11")


# --- variables --------------------------------------------------------------------------------------------------------


def test_a_variable_wins_over_the_file(desk: Desk) -> None:
    environ = {
        "FRANKED_SES_REGION": "eu-central-1",
        "FRANKED_SERVER_PORT": "9000",
        "FRANKED_SENDER_ADMINS": "a@example.com, b@example.com",
        "FRANKED_SIMULATOR_PRODUCTION": "true",
        "FRANKED_SIMULATOR_RATE": "14.5",
        "FRANKED_SES_CONFIGURATION_SETS_BULK": "news",
    }
    settings = desk.read(HEAD + "[server]\nport = 8000\n", environ)
    assert settings.ses.region == "eu-central-1"
    assert settings.server.port == 9000
    assert [admin.key for admin in settings.sender.admins] == ["a@example.com", "b@example.com"]
    assert settings.simulator.production
    assert settings.simulator.rate == 14.5
    assert settings.configuration_sets.by_lane == {Lane.BULK: "news"}


def test_a_variable_can_say_what_the_file_must(desk: Desk) -> None:
    assert desk.read(HEAD.replace("region", "# region"), {"FRANKED_SES_REGION": "us-east-2"}).ses.region == "us-east-2"


@pytest.mark.parametrize("spelled", [KEY.hex(), base64.b64encode(KEY).decode()])
def test_a_secret_may_come_from_a_file_of_its_own(tmp_path: Path, spelled: str) -> None:
    (tmp_path / "secret").write_text(f"{spelled}\n")
    assert read(None, {"FRANKED_STORE_SECRET_FILE": str(tmp_path / "secret")}).store.secret == KEY


def test_a_secret_file_that_is_not_there_is_named_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match=r"FRANKED_STORE_SECRET_FILE: .*nowhere cannot be read: No such file"):
        read(None, {"FRANKED_STORE_SECRET_FILE": str(tmp_path / "nowhere")})


def test_a_secret_said_twice_is_refused(tmp_path: Path) -> None:
    environ = {"FRANKED_STORE_SECRET_FILE": str(tmp_path), "FRANKED_STORE_SECRET": KEY.hex()}
    with pytest.raises(SettingsFault, match="FRANKED_STORE_SECRET is set too"):
        read(None, environ)


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="did you mean FRANKED_SES_REGION"):
        read(None, {"FRANKED_SES_REGION_FILE": str(tmp_path)})


def test_a_misspelled_variable_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SettingsFault) as caught:
        read(None, {"FRANKED_SERVR_PORT": "1", "FRANKED_STREAMS_NEWS_LANE": "urgent", "HOME": "/"})
    assert str(caught.value).split("\n") == [
        "FRANKED_SERVR_PORT: there is no such setting; did you mean FRANKED_SERVER_PORT?",
        "FRANKED_STREAMS_NEWS_LANE: streams and topics are declared in the file only",
    ]


def test_what_clients_use_is_no_setting_and_no_fault() -> None:
    environ = {"FRANKED_CONFIG": "x.toml", "FRANKED_URL": "http://127.0.0.1:8025", "FRANKED_KEY": "fk_x_y"}
    assert read(None, environ) == Settings()


def test_the_file_is_the_one_given_else_the_one_named_else_the_one_here(tmp_path: Path) -> None:
    named = {"FRANKED_CONFIG": "named.toml"}
    assert located(None, {}, tmp_path) is None
    (tmp_path / "franked.toml").touch()
    assert located(None, {}, tmp_path) == tmp_path / "franked.toml"
    assert located(None, named, tmp_path) == Path("named.toml")
    assert located(Path("given.toml"), named, tmp_path) == Path("given.toml")


# --- what is refused --------------------------------------------------------------------------------------------------


def test_all_faults_are_told_together_in_the_order_of_the_file(desk: Desk) -> None:
    text = HEAD.replace("us-east-1", "Frankfurt") + '[server]\nprot = 1\nport = 99999\n[log]\nlevel = "INFO"\n'
    assert desk.refusal(text, {"FRANKED_SIMULATOR_RATE": "fast"}) == [
        'franked.toml:2: [ses] region: "Frankfurt" is not an AWS Region such as eu-central-1',
        "franked.toml:11: [server] prot: there is no such setting; did you mean port?",
        "franked.toml:12: [server] port: 99999 is not a whole number from 0 to 65535",
        'franked.toml:14: [log] level: "INFO" is not "debug", "info", "warning" or "error"; did you mean "info"?',
        'FRANKED_SIMULATOR_RATE: "fast" is not a number above 0, at most 100000',
    ]


def test_a_file_must_name_the_region_and_who_writes(desk: Desk) -> None:
    assert desk.refusal('[sender]\nname = "Example"\n') == [
        "franked.toml: [ses] region is missing: an AWS Region such as eu-central-1",
        "franked.toml:1: [sender] website is missing: an address that begins with http:// or https://",
        "franked.toml:1: [sender] postal_address is missing: a line of text",
        "franked.toml:1: [sender] from is missing: a sender such as Example <no-reply@example.com>",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sevrer]\nport = 1\n", "franked.toml:10: [sevrer]: there is no such section; did you mean [server]?"),
        ("[streems.x]\nkind = 1\n", "franked.toml:10: [streems]: there is no such section; did you mean [streams]?"),
        ("sevrer.port = 1\n", "franked.toml:10: [sender] sevrer: there is no such setting"),
        ("[[server]]\nport = 1\n", "franked.toml:10: server is a section: write [server]"),
        (
            "[store]\ncolour = 1\n",
            "franked.toml:11: [store] colour: there is no such setting; there are directory, keep_for, secret, url",
        ),
        ('[store]\nsecret = "abc"\n', "is not 32 bytes as base64 or as 64 hex digits"),
        ('[store]\nkeep_for = "30d"\n', '[store] keep_for: "30d" is not a time of at least 60d'),
        ('[store]\nurl = "mysql://x"\n', "is not an address such as postgresql://"),
        ('[feedback]\ntopics = "arn"\n', "is not a list of SNS topic ARNs"),
        ('[feedback]\ntopics = ["arn:aws:sqs:x"]\n', "'arn:aws:sqs:x' is none"),
        ('[server]\npublic_url = "ftp://example.com"\n', "is not an address that begins with http:// or https://"),
        ('[server]\npublic_url = "https://"\n', "is not an address that begins"),
        ('[server]\nport = "8025"\n', '[server] port: "8025" is not a whole number'),
        ("[server]\nport = true\n", "[server] port: true is not a whole number"),
        ("[simulator]\nrate = nan\n", "[simulator] rate: NaN is not a number above 0"),
        ("[simulator]\nrate = 0\n", "[simulator] rate: 0 is not a number above 0"),
        ("[simulator]\nquota = -2\n", "is not a number above 0, or -1 for none"),
        ('[simulator]\nproduction = "no"\n', '"no" is not true or false'),
        ('[ses.configuration_sets]\nbulk = "my set"\n', "is not a configuration set's name"),
        ('[log]\nlevel = ""\n', 'franked.toml:11: [log] level: "" is not'),
    ],
)
def test_a_wrong_value_is_refused_by_line_and_name(desk: Desk, text: str, told: str) -> None:
    assert any(told in line for line in desk.refusal(HEAD + text))


def test_a_value_where_a_section_should_be_is_refused(desk: Desk) -> None:
    assert desk.refusal(f"server = 0\n{HEAD}") == ["franked.toml:1: server is a section: write [server]"]
    assert desk.refusal(f"streams = 0\n{HEAD}") == ["franked.toml:1: streams is a section: write [streams]"]
    assert desk.refusal(f"{HEAD}[streams]\nx = 1\n") == [
        "franked.toml:11: a stream is a section of its own: write [streams.x]"
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ('kind = "transactional"', "[streams.x] purpose is missing"),
        ('purpose = "p"', "[streams.x] kind is missing"),
        ('kind = "transactional"\npurpose = "  "', 'purpose: "  " is not a line of text'),
        ('kind = "marketing"\npurpose = "p"', "franked.toml:10: [streams.x] topic is missing"),
        ('kind = "transactional"\npurpose = "p"\nuseful_for = "0s"', "is not a time longer than none"),
        ('kind = "transactional"\npurpose = "p"\nuseful_for = "soon"', "franked.toml:13: [streams.x] useful_for"),
        ('kind = "transactional"\npurpose = "p"\nper_recipient = "0/hour"', "is not a limit such as 5/hour"),
        ('kind = "transactional"\npurpose = "p"\nper_recipient = 5', "5 is not a limit such as 5/hour"),
        ('kind = "transactional"\npurpose = "p"\nfrom = "nobody"', "An email address must have an @-sign"),
        ('kind = "transactional"\npurpose = "p"\nlane = "express"', 'is not "urgent", "normal" or "bulk"'),
        ('kind = "transactional"\npurpose = "p"\nuseful_to = "1h"', "did you mean useful_for?"),
        ('kind = "transactional"\npurpose = "p"\nkeep_for = "59d"', '"59d" is not a time of at least 60d'),
        (
            'kind = "transactional"\npurpose = "p"\nkeep_content = "181d"',
            "franked.toml:13: [streams.x] keep_content:",
        ),
        ('kind = "transactional"\npurpose = "p"\nkeep_content = "1d"\nsecret = true', "codes are never kept"),
    ],
)
def test_a_stream_s_fault_names_stream_field_and_line(desk: Desk, fields: str, told: str) -> None:
    assert any(told in line for line in desk.refusal(f"{HEAD}[streams.x]\n{fields}\n"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("franked-canary", "names that begin with franked- are Franked's own"),
        ("News", "the name of a stream is of a to z"),
        ('"a.b"', "the name of a stream is of a to z"),
        ("x" * 61, "at most 60 characters"),
    ],
)
def test_a_stream_s_name_is_checked_before_its_fields(desk: Desk, name: str, told: str) -> None:
    lines = desk.refusal(f"{HEAD}[streams.{name}]\n")
    assert len(lines) == 1
    assert lines[0].startswith("franked.toml:10: ")
    assert told in lines[0]


def test_a_text_that_is_no_toml_is_told_with_its_line(desk: Desk) -> None:
    assert desk.refusal("[ses]\nregion =\n") == ["franked.toml:2: is no TOML: Invalid value"]
    assert desk.refusal('a = 1\nregion = "eu') == ["franked.toml:2: is no TOML: Unterminated string"]


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match=r"nowhere.toml: cannot be read: No such file"):
        read(tmp_path / "nowhere.toml", {})
    with pytest.raises(SettingsFault, match="cannot be read: Is a directory"):
        read(tmp_path, {})
    (tmp_path / "latin.toml").write_bytes(b'name = "Z\xfcrich"')
    with pytest.raises(SettingsFault, match=r"is no UTF-8 text \(byte 9\)"):
        read(tmp_path / "latin.toml", {})


def test_lines_are_found_in_every_way_toml_can_be_written() -> None:
    text = '''# [not.this]
server.port = 1
[ ses . configuration_sets ] # lanes
"bulk" = "a"  # bulk = "b"
[sender]
postal_address = """
[server]
name = 1
"""
name = "x"
admins = [
  "a@example.com",
]
'''
    lines = lines_of(text)
    assert lines[("server", "port")] == 2
    assert lines[("ses", "configuration_sets")] == 3
    assert lines[("ses", "configuration_sets", "bulk")] == 4
    assert lines[("sender", "name")] == 10
    assert lines[("sender", "admins")] == 11
    assert ("server", "name") not in lines
    assert lines[("server",)] == 2


def test_a_table_stands_where_its_own_header_is_rather_than_where_a_dotted_one_names_it() -> None:
    lines = lines_of("[ses.configuration_sets]\nbulk = 'a'\n[ses]\nregion = 'x'\n[streems.x]\n")
    assert lines[("ses",)] == 3
    assert lines[("streems",)] == 5


# --- what people see --------------------------------------------------------------------------------------------------


def test_describing_tells_each_value_and_where_it_came_from_but_no_secret(desk: Desk) -> None:
    environ = {"FRANKED_SERVER_PORT": "9000", "FRANKED_STORE_SECRET": KEY.hex()}
    settings = desk.read(HEAD + STREAMS, environ)
    shown = {name: (value, origin) for name, value, origin in describe(settings)}
    assert shown["server.port"] == ("9000", "FRANKED_SERVER_PORT")
    assert shown["ses.region"] == ("us-east-1", f"{desk.path}:2")
    assert shown["log.level"] == ("info", "default")
    assert shown["feedback.topics"] == ("none", "default")
    assert shown["store.secret"] == ("(hidden)", "FRANKED_STORE_SECRET")
    assert shown["streams.sign-in-code.per_recipient"] == ("5/hour", f"{desk.path}:16")
    assert shown["streams.newsletter.lane"] == ("bulk", "default")
    assert shown["streams.newsletter.from"] == ("Example Backup <no-reply@backup.example.com>", "default")
    for said in (str(shown), repr(settings)):
        assert KEY.hex() not in said
        assert repr(KEY) not in said


def test_a_wrong_secret_is_not_repeated(desk: Desk) -> None:
    [line] = desk.refusal(HEAD + '[store]\nsecret = "hunter2hunter2"\n')
    assert "hunter2" not in line


def test_the_docs_page_is_the_one_made_from_the_table() -> None:
    assert DOCS.read_text("utf-8") == page(), "run: python -m franked.settings > docs/settings.md"


def test_every_setting_has_one_line_of_meaning() -> None:
    for setting in (setting for section in SECTIONS for setting in section.settings):
        assert setting.meaning.endswith("."), setting.path
        assert "\n" not in setting.meaning


def franked_config(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["config", *arguments])


def test_franked_config_shows_a_table_for_people_and_json_for_programs(desk: Desk) -> None:
    desk.path.write_text(HEAD + STREAMS)
    for_programs = franked_config("--config", str(desk.path), "--json")
    assert json.loads(for_programs.stdout)["ses.region"] == {"value": "us-east-1", "origin": f"{desk.path}:2"}
    for_people = franked_config("--config", str(desk.path))
    assert (for_programs.exit_code, for_people.exit_code) == (0, 0)
    assert "us-east-1" in for_people.stdout


def test_franked_config_tells_what_is_wrong_and_exits_with_2(desk: Desk) -> None:
    desk.path.write_text("[ses]\nregion = 1\n")
    told = franked_config("--config", str(desk.path))
    assert told.exit_code == 2
    assert "[ses] region: 1 is not an AWS Region" in told.stderr
    assert not told.stdout
