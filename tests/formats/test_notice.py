"""What a webhook's receiver gets: plain, or as its chat tool takes it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from franked.formats.notice import LONGEST_AT_DISCORD, notice
from franked.rules.alarm import Chat, Says, Telling, Words

LABELS = {"opened": "Alarm", "over": "Over", "what": "What", "since": "Since", "over_at": "Until", "did": "Did"}
LABELS |= {"todo": "Do", "sample": "Counted on"}


def telling(what: str = "1 message used up all tries", **more: Any) -> Telling:
    plain = Telling(
        id="dead_letters|2026-03-04T10:15:00+00:00|0|opened",
        key="dead_letters",
        says=Says.OPENED,
        product="Example Backup",
        words=Words("Mail has used up all its tries", "It keeps them.", "Look at `franked dead`."),
        what=what,
        since=datetime(2026, 3, 4, 10, 15, tzinfo=UTC),
        labels=LABELS,
    )
    return replace(plain, **more)


TEXT = (
    "Example Backup: Alarm: Mail has used up all its tries\n"
    "What: 1 message used up all tries\n"
    "Since: 2026-03-04 10:15 UTC\n"
    "Did: It keeps them.\n"
    "Do: Look at `franked dead`."
)


def test_plain_text_has_each_part_in_a_field_of_its_own() -> None:
    said = notice(telling(sample="13 sends"), Chat.TEXT)
    assert said["text"] == TEXT + "\nCounted on: 13 sends"
    assert (said["alarm"], said["says"], said["since"]) == ("dead_letters", "opened", "2026-03-04T10:15:00Z")
    assert (said["over_at"], said["sample"]) == (None, "13 sends")


@pytest.mark.parametrize(
    ("chat", "field"), [(Chat.SLACK, "text"), (Chat.MATTERMOST, "text"), (Chat.DISCORD, "content")]
)
def test_chat_tools_take_one_text(chat: Chat, field: str) -> None:
    assert notice(telling(), chat)[field] == TEXT


def test_nobody_is_called_by_what_another_server_said() -> None:
    hostile = telling("<!channel> <https://evil.example/|click> @everyone")
    assert "<!channel>" not in str(notice(hostile, Chat.SLACK)["text"])
    assert notice(hostile, Chat.DISCORD)["allowed_mentions"] == {"parse": []}


def test_discord_takes_so_many_characters_and_no_more() -> None:
    assert len(str(notice(telling("x" * 5000), Chat.DISCORD)["content"])) == LONGEST_AT_DISCORD


def test_teams_takes_a_card() -> None:
    said: Any = notice(telling(), Chat.TEAMS)
    [attached] = said["attachments"]
    assert (said["type"], attached["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    facts = attached["content"]["body"][2]["facts"]
    assert facts[0] == {"title": "What", "value": "1 message used up all tries"}


def test_of_what_is_over_nothing_is_left_to_do() -> None:
    over = telling(says=Says.OVER, over_at=datetime(2026, 3, 4, 11, tzinfo=UTC))
    assert notice(over, Chat.SLACK)["text"] == (
        "Example Backup: Over: Mail has used up all its tries\n"
        "What: 1 message used up all tries\nSince: 2026-03-04 10:15 UTC\nUntil: 2026-03-04 11:00 UTC"
    )
