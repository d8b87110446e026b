"""How long each stream's mail, and what it said, is kept."""

from dataclasses import replace
from datetime import timedelta

from franked.rules.retention import past, past_contents
from tests.rules.test_verdict import CODE, NOTICE, NOW

DAY = timedelta(days=1)
INVOICE = replace(NOTICE, name="invoice", keep_for=3650 * DAY, keep_content=90 * DAY)


def test_a_stream_has_a_time_of_its_own_and_whatever_is_no_stream_any_more_has_the_records() -> None:
    found = past([INVOICE, NOTICE], 60 * DAY, NOW)
    assert found.before("invoice") == NOW - 3650 * DAY
    assert found.before(NOTICE.name) == NOW - NOTICE.keep_for
    assert found.before("removed") == found.others == NOW - 60 * DAY


def test_what_mail_said_is_past_at_once_where_its_stream_does_not_keep_it() -> None:
    found = past_contents([INVOICE, CODE], NOW)
    assert found.before("invoice") == NOW - 90 * DAY
    assert found.before(CODE.name) == found.before("removed") == NOW
