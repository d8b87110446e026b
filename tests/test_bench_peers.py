"""The long bench: its own parts work, and say what is missing. None says how fast anything is; none needs a peer."""

import asyncio
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bench import needs
from bench import sink as nginx
from bench.__main__ import main
from bench.bars import BARS, Bar, Result, Side
from bench.peers.letter import LETTERHEAD, request
from bench.postgres import settings_of
from bench.processes import running
from bench.redis import config as redis_config
from bench.sink import Sink
from bench.table import as_json, row, show
from franked.doors.cli.bench.house import STREAM, house, sink, variables
from franked.doors.cli.bench.place import Disk
from franked.doors.cli.start import Unusable

FASTER = Bar("drain vs other", 6, 10)
SHARE = Bar("drain vs loop", 0.4, 0.6, "%")
LATE = Bar("urgent p99", 500, 200, "ms", at_most=True)
DISK = Disk("ext4", 0.2)


@pytest.mark.parametrize(
    ("bar", "value", "word"),
    [
        (FASTER, 10, "aim"),
        (FASTER, 6, "must"),
        (FASTER, 5.9, "missed"),
        (LATE, 200, "aim"),
        (LATE, 201, "must"),
        (LATE, 501, "missed"),
        (Bar("shown only", None, None), 0.1, ""),
    ],
)
def test_a_bar_says_what_was_reached(bar: Bar, value: float, word: str) -> None:
    assert bar.reached(value) == word


def test_a_result_is_the_median_of_its_rounds_ratios() -> None:
    result = Result(FASTER, Side("ours", (600, 900, 700)), Side("theirs", (100, 100, 350)))
    assert list(result.measured) == [6, 9, 2]
    assert row(result) == (FASTER.name, "6 ×", "10 ×", "6.00 ×", "2.00 ×", "9.00 ×", "700/s", "100/s", "must")


def test_a_share_and_a_time_are_shown_in_their_units() -> None:
    share = row(Result(SHARE, Side("ours", (50,)), Side("loop", (100,))))
    assert share[1:6] == ("40 %", "60 %", "50 %", "50 %", "50 %")
    alone = row(Result(LATE, Side("ours", (150, 170, 190), "ms")))
    assert alone[1:] == ("≤500 ms", "≤200 ms", "170 ms", "150 ms", "190 ms", "170 ms", "", "aim")


def test_for_programs_each_ratio_stands_beside_both_absolute_figures() -> None:
    result = Result(SHARE, Side("ours", (50, 60)), Side("loop", (100, 100)), ("nginx, which answers at once",))
    told = as_json([result], 2, DISK)
    bar = told["bars"][SHARE.name]
    assert bar["measured"] == {"median": 0.55, "min": 0.5, "max": 0.6}
    assert bar["ours"] == {"who": "ours", "unit": "/s", "median": 55, "min": 50, "max": 60}
    assert bar["theirs"] == {"who": "loop", "unit": "/s", "median": 100, "min": 100, "max": 100}
    assert (bar["must"], bar["aim"], bar["reached"], bar["rounds"]) == (0.4, 0.6, "must", 2)
    assert told["disk"] == {"file_system": "ext4", "fsync_ms": 0.2}


def test_for_people_the_table_is_followed_by_who_was_measured_and_on_what(capsys: pytest.CaptureFixture[str]) -> None:
    show([Result(FASTER, Side("one process", (7,)), Side("two workers", (1,)), ("a Redis",))], 1, DISK)
    said = capsys.readouterr().out
    assert "drain vs other: one process 7/s (7 to 7); two workers 1/s (1 to 1)" in said
    assert "a Redis" in said
    assert "1 rounds in turn; ext4, one fsync 0.2 ms" in said


def test_every_bar_has_a_name_of_its_own() -> None:
    assert len({bar.name for bar in BARS}) == len(BARS)


def test_an_unknown_bar_is_refused_with_the_names_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "drain vs pigeon"]) == 2
    assert "there is no bar 'drain vs pigeon': there are drain vs celery, " in capsys.readouterr().err


def test_no_round_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "0"]) == 2
    assert capsys.readouterr().err == "a bar takes one round at least\n"


def test_memory_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    if " /dev/shm tmpfs " in Path("/proc/mounts").read_text():
        assert main(["--data", "/dev/shm"]) == 2
        assert "/dev/shm is on tmpfs, which is no disk" in capsys.readouterr().err


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    nothing, all_of_it = tmp_path / "nothing", tmp_path / "bin"
    all_of_it.mkdir()
    packages = "nginx-light redis-server redis-tools libnginx-mod-http-echo"
    found = needs.missing(str(nothing), nothing, all_of_it)
    assert found == f"the bench needs what is not here: apt-get install {packages}"
    for name in ("nginx", "redis-server", "redis-cli", "celery"):
        (all_of_it / name).touch(0o755)
    found = needs.missing(str(all_of_it), all_of_it, nothing)
    assert found == f"the bench's peers are not installed in {tmp_path}: say make bench"
    assert needs.missing(str(all_of_it), all_of_it, all_of_it) is None


def test_the_sink_is_one_nginx_with_a_quick_and_a_slow_port() -> None:
    servers = [(8081, Path("/bench/quick.log"), 0.0), (8082, Path("/bench/slow.log"), 0.05)]
    quick, slow = nginx.config(Path("/bench"), servers).split("listen ")[1:]
    assert quick.startswith("127.0.0.1:8081 ")
    assert slow.startswith("127.0.0.1:8082 ")
    assert "access_log /bench/quick.log" in quick
    assert """return 200 '{"MessageId":"$request_id"}';""" in quick
    assert """return 200 '{"MessageId":"$request_id"}';""" in slow
    assert re.findall(r"echo_sleep (\S+);", quick + slow) == ["0.05"]


def test_redis_is_as_debian_ships_it_or_sure() -> None:
    plain = redis_config(Path("/bench"), 6400, fsync=False).splitlines()
    assert {"port 6400", "appendonly no", "save 3600 1 300 100 60 10000"} <= set(plain)
    assert {"appendonly yes", "appendfsync always"} <= set(redis_config(Path("/bench"), 6400, fsync=True).splitlines())


async def test_the_sink_counts_whole_lines_and_knows_when_each_mail_came(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("100.000\n100.500\n10")
    seen = Sink("quick", 8081, log, "at once")
    assert seen.took() == 2
    with log.open("a") as more:
        more.write("1.000\n102.500\n")
    assert seen.took() == 4
    assert seen.rate(0, 2) == 2.0  # two more within a second
    assert seen.rate(2, 3) == pytest.approx(1 / 1.5)


async def test_who_ends_before_the_last_mail_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    command = (sys.executable, "-c", "import sys; sys.exit('no broker')")
    with pytest.raises(Unusable, match=r"peer ended \(1\): no broker"):
        async with running("peer", command, tmp_path) as peer:
            await Sink("quick", 8081, tmp_path / "log", "at once").reached(1, peer)


async def test_what_was_started_is_ended_whatever_happens_and_its_children_with_it(tmp_path: Path) -> None:
    script = "sleep 600 & echo $!; wait"
    with suppress(ZeroDivisionError):
        async with running("parent", ("sh", "-c", script), tmp_path) as parent:
            while not (child := parent.log.read_text().strip()):
                await asyncio.sleep(0.01)
            1 / 0  # noqa: B018
    assert parent.process.returncode == -15
    while not _has_ended(child):
        await asyncio.sleep(0.01)


def _has_ended(pid: str) -> bool:
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()  # nobody has asked for its status yet
    except OSError:
        return True


async def test_the_peers_mail_says_what_franked_says(tmp_path: Path) -> None:
    """The same template: subject and HTML to the letter, the text but for empty lines at its ends."""
    async with sink() as endpoint, house(tmp_path, "record", endpoint) as world:
        template = world.templates.current(STREAM)
        assert template is not None
        ours = template.render(variables(7), "en", LETTERHEAD)
    theirs = await asyncio.to_thread(request, "p7@example.net", variables(7))
    told = theirs["Content"]["Simple"]
    assert told["Subject"]["Data"] == ours.subject
    assert told["Body"]["Html"]["Data"].strip() == ours.html.strip()
    assert told["Body"]["Text"]["Data"].strip() == ours.text.strip()


def test_a_peer_finds_the_database_as_libpq_does() -> None:
    on_a_socket = settings_of("postgresql://postgres:@/pgqueuer?host=/run/bench")
    assert on_a_socket == {"PGHOST": "/run/bench", "PGUSER": "postgres", "PGDATABASE": "pgqueuer"}
    assert settings_of("postgresql://me@db.example.com:6432/mail")["PGPORT"] == "6432"
