"""A link's token opens what it was made for, always, and nothing else."""

from string import ascii_letters, digits

from hypothesis import given
from hypothesis import strategies as st

from franked.formats.links import KEY_LENGTH, LONGEST, Links, Use

LINKS = Links("https://mail.example.com", bytes(range(KEY_LENGTH)))
LETTERS = {*ascii_letters, *digits, "-", "_"}
PARTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=4)


@given(PARTS, st.sampled_from(Use))
def test_a_token_holds_its_parts_for_its_use_and_no_other(parts: list[str], use: Use) -> None:
    token = LINKS.token(use, *parts)
    assert LINKS.read(use, token) == tuple(parts)
    assert token == LINKS.token(use, *parts)  # links in old mail are those in new mail
    for other in set(Use) - {use}:
        assert LINKS.read(other, token) is None


@given(st.data())
def test_a_token_with_one_letter_changed_opens_nothing(data: st.DataObject) -> None:
    token = LINKS.token(Use.LEAVE, "ana@example.net", "digests")
    at = data.draw(st.integers(0, len(token) - 2))  # the last one has bits that mean nothing
    other = data.draw(
        st.sampled_from(sorted(set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") - {token[at]}))
    )
    assert LINKS.read(Use.LEAVE, token[:at] + other + token[at + 1 :]) is None


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda some: some.decode("latin-1")))
def test_what_we_did_not_write_opens_nothing(text: str) -> None:
    assert LINKS.read(Use.WHY, text) is None


def test_another_server_opens_nothing_of_ours() -> None:
    theirs = Links(LINKS.base, bytes(KEY_LENGTH))
    assert theirs.read(Use.WHY, LINKS.token(Use.WHY, "m_1")) is None


def test_no_address_stands_in_a_link_and_the_longest_is_short_enough() -> None:
    longest = LINKS.to(Use.LEAVE, f"{'a' * 64}@{'b' * 185}.com", "t" * 60)
    assert "aaaa" not in longest
    assert len(longest.rpartition("/")[2]) <= LONGEST
    assert longest.startswith("https://mail.example.com/u/leave/")
