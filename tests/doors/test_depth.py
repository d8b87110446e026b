"""How deep a body nests is told before it is parsed, and as the parser would tell."""

import json

from hypothesis import given
from hypothesis import strategies as st

from franked.doors.http.context import DEEPEST, _depth

TEXTS = st.text(alphabet='[]{}"\\né', max_size=6)
VALUES = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    match value:
        case dict():
            return 1 + max(map(depth_of, value.values()), default=0)
        case list():
            return 1 + max(map(depth_of, value), default=0)
        case _:
            return 0


@given(VALUES)
def test_brackets_nest_as_the_parser_sees_them_whatever_stands_in_texts(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert _depth(text.encode()) == depth_of(value)


def test_of_too_deep_no_more_is_told_than_that_it_is_too_deep() -> None:
    for levels in (1, DEEPEST, DEEPEST + 1, 100_000):
        for body in (b"[" * levels + b"]" * levels, b"[" * levels, b'{"a":' * levels):
            assert (_depth(body) > DEEPEST) is (levels > DEEPEST)
