"""Addresses: what is one, when two are the same person, what a sender may be called."""

import time
from email.header import decode_header, make_header

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from franked.rules import address as rule
from franked.rules.address import Address, NotAnAddress, Sender, parse, parse_sender

LOCAL_LETTERS = "abcxyzABCXYZ0189_+-"
LABEL_LETTERS = "abcxyz019-"
words = st.text(LOCAL_LETTERS, min_size=1, max_size=66)
labels = st.text(LABEL_LETTERS, min_size=1, max_size=10) | st.sampled_from(
    ["xn--80ak6aa92e", "ab--cd", "a" * 63, "b" * 64]
)
ends = st.sampled_from(
    ["com", "co", "example", "museum", "c", "test", "local", "onion", "arpa", "invalid", "localhost"]
)
plain_looking = st.builds(
    lambda local, domain, end: f"{'.'.join(local)}@{'.'.join(domain)}.{end}",
    st.lists(words, min_size=1, max_size=3),
    st.lists(labels, min_size=1, max_size=3),
    ends,
)


def good(text: str) -> Address:
    found = parse(text)
    assert isinstance(found, Address), found
    return found


def wrong(text: str) -> str:
    found = parse(text)
    assert isinstance(found, NotAnAddress), found
    return found.why


def named(text: str) -> Sender:
    found = parse_sender(text)
    assert isinstance(found, Sender), found
    return found


# --- one address ------------------------------------------------------------------------------------------------------


@given(plain_looking)
def test_what_the_fast_check_lets_through_the_thorough_one_lets_through_unchanged(text: str) -> None:
    if rule._is_plain(text):
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
        assert good(text) == Address.of_spelled(f"{found.local_part}@{found.ascii_domain}")
        assert good(text).spelled == text


def test_a_label_with_two_dashes_that_is_no_idna_is_refused_by_both_checks() -> None:
    with pytest.raises(EmailNotValidError):
        validate_email("ann@ab--cd.com", check_deliverability=False)
    assert "two dashes" in wrong("ann@ab--cd.com")


@given(plain_looking)
def test_whatever_is_taken_fits_what_ses_takes(text: str) -> None:
    found = parse(text)
    if isinstance(found, Address):
        local, _, domain = found.spelled.rpartition("@")
        assert found.spelled.isascii()
        assert 1 <= len(local) <= 64
        assert domain == domain.lower()
        assert parse(found.spelled) == found


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("Ann.Lee+news@EXAMPLE.com", "Ann.Lee+news@example.com"),
        ("ann@exämple.com", "ann@xn--exmple-cua.com"),
        ("ann@EXÄMPLE.com", "ann@xn--exmple-cua.com"),
        ("ann@xn--exmple-cua.com", "ann@xn--exmple-cua.com"),
        ("o'neill!#$@example.com", "o'neill!#$@example.com"),
    ],
)
def test_an_address_goes_out_in_ascii_with_its_domain_in_lower_case(text: str, spelled: str) -> None:
    assert good(text).spelled == spelled


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@@example.com",
        "ann(comment)@example.com",
        '"ann lee"@example.com',
        "ann lee@example.com",
        "ann@example.com.",
        ".ann@example.com",
        "ann..lee@example.com",
        "a@example.com,b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "änn@example.com",
        "ann@localhost",
        "ann@example",
        "ann@[127.0.0.1]",
        "ann@1.2.3.4",
        "ann@-example.com",
        "ann@example-.com",
        "ann@example.test",
        "ann@example.invalid",
        "ann@example.com\r\nBcc: eve@example.com",
        "ann\n@example.com",
        "ann@example.com\x00",
        "ann@example.com\u200b",
        "ann@exam\u2025ple.com",
        "ann\uff20example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_not_one_bare_address_is_refused_with_a_sentence(text: str) -> None:
    assert len(wrong(text)) > 10


def test_an_address_of_300_characters_is_refused_before_anything_looks_at_it() -> None:
    assert wrong("a" * 288 + "@example.com") == "an address has at most 254 characters, this one has 300"
    began = time.perf_counter()
    wrong("a." * 5_000_000)
    assert time.perf_counter() - began < 0.5


def test_a_local_part_has_at_most_64_characters() -> None:
    assert good("a" * 64 + "@example.com").spelled == "a" * 64 + "@example.com"
    assert wrong("a" * 65 + "@example.com")


# --- who is the same --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann@Example.com", "ann@example.com"), ("ann@EXÄMPLE.com", "ann@xn--exmple-cua.com")],
)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert good(one).key == good(other).key


def test_a_tag_is_another_address_but_the_same_mailbox() -> None:
    plain, tagged = good("ann@example.com"), good("Ann+news@example.com")
    assert plain.key != tagged.key
    assert plain.mailbox == tagged.mailbox == "ann@example.com"


def test_gmail_knows_no_dots_and_two_names() -> None:
    mailboxes = {good(text).mailbox for text in ("a.nn@gmail.com", "ANN+x@googlemail.com", "ann@gmail.com")}
    assert mailboxes == {"ann@gmail.com"}
    assert good("a.nn@example.com").mailbox == "a.nn@example.com"


def test_an_address_that_is_only_a_tag_keeps_it() -> None:
    assert good("+news@example.com").mailbox == "+news@example.com"


@given(plain_looking)
def test_key_and_mailbox_do_not_change_when_asked_again(text: str) -> None:
    found = parse(text)
    if isinstance(found, Address):
        assert Address.of_spelled(found.key).key == found.key
        assert Address.of_spelled(found.mailbox).mailbox == found.mailbox
        assert good(text.upper()).key == found.key
        assert found.domain == found.key.split("@")[1]


def test_only_ses_s_own_domain_is_the_simulator() -> None:
    assert good("bounce+run-1@Simulator.amazonses.com").is_simulator
    assert not good("bounce@simulator.amazonses.com.example.com").is_simulator
    assert not good("bounce@x.simulator.amazonses.com").is_simulator


def test_a_log_shows_too_little_to_mail() -> None:
    assert good("ann.lee@example.com").masked == "a…@example.com"
    assert str(good("ann.lee@example.com")) == "ann.lee@example.com"


# --- senders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "header"),
    [
        ("no-reply@example.com", "", "no-reply@example.com"),
        ("<no-reply@example.com>", "", "no-reply@example.com"),
        (" Example  <no-reply@Example.com> ", "Example", "Example <no-reply@example.com>"),
        ('"Example, Ltd." <no-reply@example.com>', "Example, Ltd.", '"Example, Ltd." <no-reply@example.com>'),
        ("A \\ B <no-reply@example.com>", "A \\ B", '"A \\\\ B" <no-reply@example.com>'),
    ],
)
def test_a_sender_is_quoted_where_it_must_be(text: str, name: str, header: str) -> None:
    assert (named(text).name, named(text).header) == (name, header)


@pytest.mark.parametrize("name", ["Zürich Post", "📅 Invites", "é" * 200, "日本語の長い名前" * 12])
def test_a_name_beyond_ascii_goes_as_encoded_words_that_read_back(name: str) -> None:
    header = named(f"{name} <no-reply@example.com>").header
    assert header.isascii()
    assert header.endswith(" <no-reply@example.com>")
    assert str(make_header(decode_header(header))) == f"{name} <no-reply@example.com>"


@pytest.mark.parametrize(
    "text",
    [
        "Ann\r\nBcc: eve@example.com <ann@example.com>",
        "Ann\x00 <ann@example.com>",
        "Ann <ann@example.com> Eve",
        "Ann <ann@example.com>, Eve <eve@example.com>",
        "Ann <eve@example.com> <ann@example.com>",
        "Ann <ann@example.com",
        'A "q" B <ann@example.com>',
        "Ann <>",
        "Ann",
        "",
    ],
)
def test_what_is_not_one_sender_is_refused(text: str) -> None:
    assert isinstance(parse_sender(text), NotAnAddress)


@pytest.mark.parametrize("break_", ["\r", "\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_kind_of_line_break_gets_into_a_header(break_: str) -> None:
    assert isinstance(parse_sender(f"Ann{break_}Bcc: eve@example.com <ann@example.com>"), NotAnAddress)


def test_half_a_character_is_no_name() -> None:
    assert isinstance(parse_sender("\ud800 <ann@example.com>"), NotAnAddress)


@given(st.text(max_size=200))
def test_whatever_a_sender_is_called_its_header_is_one_line(name: str) -> None:
    found = parse_sender(f"{name} <ann@example.com>")
    if isinstance(found, Sender):
        assert found.header.isascii()
        assert len(found.header.splitlines()) == 1
        assert found.address.key == "ann@example.com"


def test_a_name_of_thousands_of_blanks_costs_no_time() -> None:
    began = time.perf_counter()
    assert isinstance(parse_sender(f"{' ' * 3_000}x"), NotAnAddress)
    assert time.perf_counter() - began < 0.1
