"""`franked newsletter` and `franked consents`, in processes of their own."""

import json
from pathlib import Path

from tests.commandline import called, together, up
from tests.letters import TOPICS
from tests.product import TOML, settings_in


def test_an_issue_is_sent_by_hand_and_the_log_exported(tmp_path: Path) -> None:
    """Said again, the same is the same; the log is JSON Lines."""
    place = tmp_path / "mail" / "news"
    place.mkdir(parents=True)
    (place / "en.html").write_text('+++\nsubject = "{{ number }}"\nvariables = ["number"]\n+++\n<p>{{ number }}</p>')
    settings_in(tmp_path, (TOML, TOML + TOPICS))
    (tmp_path / "half.html").write_text("<p>Half the price</p>")
    with up(tmp_path) as running:
        body = {"to": "ana@example.net", "topic": "news", "wording": "Yes, weekly.", "ip": "198.51.100.7"}
        assert running.ask("/v1/subscriptions", body) == {"state": "pending"}
        send = "newsletter", "send", "news", "--id", "march", "--var", "number=12"
        first = called(tmp_path, *send, **running.by_url)
        assert first.status == 0, first.err
        assert "march (news) is written: 0 go as SES's pace allows, 0 must not" in first.out
        inline = "newsletter", "send", "offers", "--id", "half", "--subject", "Half", "--html", "half.html"
        again, other, wrong, unread, shown, half, log, nobody = together(
            tmp_path,
            (*send, "--json"),
            (*send[:-1], "number=13"),
            ("newsletter", "send", "receipt", "--id", "april", "--var", "number=1"),
            (*inline, "--text", "nowhere.txt"),
            ("newsletter", "show", "march", "--json"),
            inline,
            ("consents", "export"),
            ("consents", "export", "--address", "ben@example.net"),
            **running.by_url,
        )
        assert json.loads(again.out) == json.loads(shown.out)
        assert json.loads(shown.out)["state"] == "done"
        assert (other.status, wrong.status, unread.status, half.status) == (2, 2, 2, 0)
        assert "is the id of another issue" in other.err
        assert "is not marketing" in wrong.err
        assert "nowhere.txt can't be read" in unread.err
        [line] = map(json.loads, log.out.splitlines())
        assert (line["what"], line["address"], line["wording"]) == ("asked", "ana@example.net", "Yes, weekly.")
        assert (line["by"] != "", line["ip"], line["topic"]) == (True, "198.51.100.7", "news")
        assert (nobody.status, nobody.out) == (0, "")
