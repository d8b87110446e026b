"""What a domain publishes is read without a stumble, whatever a stranger has put there."""

import base64

import dns.name
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.backends.local.zones import Zones
from franked.rules.dns import Answer, Found, NoName, NoRecord, Silence, Type, Unanswered, mx_of
from franked.rules.domain import alignment, bimi, dkim, dmarc, mail_exchange, mail_from
from franked.rules.domain.lines import txt_line
from franked.rules.domain.opinion import Opinion, shown, together
from franked.rules.domain.organisation import organisational
from franked.rules.domain.spf import NoSpf, Spf, parse
from franked.rules.domain.spf_opinion import judge_own, judge_path, merged
from franked.rules.domain.spf_walk import GIVEN_UP, Tally, walk
from franked.rules.domain.tags import tags_of
from franked.rules.finding import Status
from tests.domains import key_text, public_key

SHOP, REGION = "shop.example.com", "eu-central-1"

PIECES = """v=spf1 v=DMARC1 v=DKIM1 v=BIMI1 ; = : / % %{ } p= sp= l= a= rua= pct= k=rsa include: redirect= ip4: a mx all
amazonses.com 192.0.2.1 none reject 10 . - ~ + ?"""
_pieces = st.sampled_from([*PIECES.split(), " ", "\x00", "\xff", "\ud7ff"])
texts = st.one_of(
    st.binary(max_size=300).map(lambda given: given.decode("utf-8", "replace")),
    st.lists(_pieces, max_size=20).map("".join),
    st.lists(_pieces, max_size=20).map(" ".join),
)
answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(Found, st.lists(texts, min_size=1, max_size=3).map(tuple), st.lists(texts, max_size=2).map(tuple)),
    st.just(NoName()),
    st.just(NoRecord()),
    st.sampled_from(Silence).map(Unanswered),
)


@given(texts)
def test_no_text_makes_a_rule_stumble(text: str) -> None:
    bits = dkim.bits_of(text)
    assert isinstance(bits, dkim.NoKey) or bits > 0
    assert isinstance(parse(text), Spf | NoSpf)
    assert tags_of(text).by_name is not None
    assert isinstance(dmarc.judge_near_miss(SHOP, text), Opinion)
    assert isinstance(mx_of(text)[0], int)
    assert shown(text).isprintable()


@given(answers, answers, answers)
def test_no_answer_makes_a_rule_stumble_and_silence_is_never_ok_or_missing(
    answer: Answer, second: Answer, third: Answer
) -> None:
    selector = dkim.Selector(f"a._domainkey.{SHOP}", "a.dkim.amazonses.com")
    at_dmarc = dmarc.records_of(answer)
    policy = dmarc.policy_of(SHOP, at_dmarc)
    opinions = [
        dkim.judge_alias(selector, answer, second, third) or dkim.judge_key(selector, answer, "renew"),
        dkim.judge_key(dkim.Selector(selector.name), answer, "renew"),
        mail_from.judge_mx(f"bounce.{SHOP}", REGION, answer),
        mail_exchange.judge(SHOP, answer, dict.fromkeys(mail_exchange.worth_asking(answer), second)),
        bimi.judge(SHOP, SHOP, answer, policy),
    ]
    if isinstance(answer, Unanswered):
        assert {one.status for one in opinions} == {Status.UNKNOWN}
    if at_dmarc:
        opinions.append(dmarc.judge_record(SHOP, at_dmarc, f"news.{SHOP}"))
        opinions.append(alignment.judge_spf(SHOP, f"bounce.{SHOP}", policy, SHOP, REGION))
    assert all(one.found.isprintable() and all(line.isprintable() for line in one.fix) for one in opinions)


@given(st.data())
def test_no_tree_of_spf_is_walked_without_end(data: st.DataObject) -> None:
    walking = walk(SHOP)
    asked, tally = [next(walking)], Tally()
    try:
        while True:
            answer = data.draw(answers)
            if asked[-1][1] is Type.TXT and data.draw(st.booleans()):
                more = " ".join(f"include:n{len(asked)}{place}.example.net" for place in range(40))
                answer = Found((f"v=spf1 {more} -all",))
            asked.append(walking.send(answer))
    except StopIteration as end:
        tally = end.value
    assert len(asked) <= GIVEN_UP + 2
    for opinion in (judge_own(SHOP, tally), judge_path(SHOP, tally)):
        assert opinion.found.isprintable()
        if tally.silent and not tally.faults and not tally.texts:
            assert opinion.status is Status.UNKNOWN


@given(st.one_of(texts, st.text(max_size=600).filter(lambda given: given.isprintable())))
def test_a_line_to_copy_says_what_it_should(text: str) -> None:
    """Read back by a name server, it is the same text: quotes, backslashes, bytes and length."""
    zones = Zones()
    zones.publish(txt_line(SHOP, text))
    [record] = zones.records[dns.name.from_text(SHOP), dns.rdatatype.TXT]
    assert b"".join(record.strings).decode() == text
    assert max(map(len, record.strings)) <= 255


@given(st.binary(max_size=80), st.integers(0, 290))
def test_no_key_makes_the_reader_stumble(noise: bytes, at: int) -> None:
    der = base64.b64decode(public_key(2048))
    broken = base64.b64encode(der[:at] + noise + der[at + len(noise) :]).decode()
    assert dkim.bits_of(f"p={broken}") is not None


def test_a_key_may_be_written_in_many_ways() -> None:
    key = public_key(2048)
    for text in (
        key_text(),
        f"v=DKIM1; k=rsa; p={key}",
        f"v=DKIM1;p={key};",
        f" v = DKIM1 ; t=s; p = {key[:50]} {key[50:]} ; n=note",
        f"k=rsa;p={key}",
    ):
        assert dkim.bits_of(text) == 2048, text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no p="),
        ("v=DKIM1; p=", "its p= is empty, which revokes it"),
        (f"p={public_key(2048)}; v=DKIM1", "it does not begin with v=DKIM1"),
        ("v=DKIM2; p=x", "it does not begin with v=DKIM1"),
        ("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "it is of the kind ed25519, not rsa"),
        ("p=MIIB", "its p= can't be read"),
        ("p=ü", "its p= can't be read"),
        ("p=a; p=b", "it says p= twice"),
        ("v=spf1 -all", "it does not begin with v=DKIM1"),
        ("hello", "it has a part without `=`"),
    ],
)
def test_what_is_no_key(text: str, why: str) -> None:
    assert dkim.bits_of(text) == dkim.NoKey(why)


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("Shop.Example.Com", "example.com"),
        ("mail.shop.co.uk", "shop.co.uk"),
        ("co.uk", "co.uk"),
        ("com", "com"),
        ("a.xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("", ""),
    ],
)
def test_b8_the_organisation_is_what_was_registered(domain: str, organisation: str) -> None:
    assert organisational(domain) == organisation


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        (["v=spf1 a -all", "v=spf1 mx a ~all"], "v=spf1 include:amazonses.com a mx ~all"),
        (["v=spf1 redirect=x.example.net"], "v=spf1 include:amazonses.com ~all"),
        (["v=spf1 include:amazonses.com -all"], "v=spf1 include:amazonses.com ~all"),
        ([f"v=spf1 {' '.join(f'ip4:192.0.2.{n}' for n in range(256))} -all"], "v=spf1 include:amazonses.com ~all"),
    ],
)
def test_d9_several_records_are_made_one(texts: list[str], one: str) -> None:
    assert merged(texts, "amazonses.com") == one


def test_reports_go_only_to_an_address_of_the_same_organisation() -> None:
    """Any other has to agree in DNS first (RFC 7489, 7.1)."""
    ours = dmarc.fresh("example.com", "ops@shop.example.com")
    assert ours == '_dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:ops@shop.example.com"'
    for address in ("", "ops@example.net", "nobody"):
        assert dmarc.fresh("example.com", address).endswith('"v=DMARC1; p=none"')


def test_the_worst_of_several_counts_and_each_is_told() -> None:
    named = (Status.OK, Status.WRONG, Status.UNKNOWN)
    ok, wrong, unknown = (Opinion(status, status.value, (status.value,)) for status in named)
    assert together([ok, ok], "fine") == Opinion(Status.OK, "fine")
    assert together([ok, unknown, wrong, wrong], "fine") == Opinion(Status.WRONG, "unknown wrong", ("unknown", "wrong"))
