"""The fixtures we ship, in a product of its own: the page that explains them is run as it stands."""

import re
import shutil
from pathlib import Path

import pytest

from franked.doors.cli.start import examples

pytest_plugins = ["pytester"]
PAGE = Path(__file__).parents[2] / "docs" / "testing.md"

MORE = '''
"""What the page need not show."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import pytest

from franked.settings import SettingsFault


@pytest.fixture
def franked_config(tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[sess]")
    return wrong


def test_settings_that_are_wrong_are_said_before_a_test_begins_and_nothing_is_left_behind(request):
    with pytest.raises(SettingsFault, match=r"wrong.toml:1: .*did you mean .*ses"):
        request.getfixturevalue("franked")
    assert "franked" not in {thread.name for thread in threading.enumerate()}


def test_a_fault_that_does_not_exist_names_those_that_do(ses_simulator):
    with pytest.raises(ValueError, match="reordered"):
        ses_simulator.fault("gremlin")


def test_events_go_to_whoever_subscribed(ses_simulator):
    posted = Queue()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Door) as door:
        threading.Thread(target=door.handle_request).start()
        ses_simulator.subscribe(f"http://127.0.0.1:{door.server_port}/")
        assert posted.get(timeout=5)["Type"] == "SubscriptionConfirmation"
'''


def test_the_page_on_testing_runs_as_it_stands(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """F3: a product's mail is proven before AWS lets it out."""
    conftest, product, ses = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    shutil.copytree(examples() / "consulting", pytester.path, dirs_exist_ok=True)
    pytester.makeconftest(conftest)
    pytester.makepyfile(test_product=product, test_ses=ses, test_more=MORE)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60).assert_outcomes(passed=7)
