"""Forty domains of which something is wrong, and what the checks must say of each."""

from dataclasses import replace

from franked.backends.local.zones import NameFault
from franked.rules.domain.lines import cname_line, mx_line, txt_line
from tests.domains import (
    BOUNCE,
    MISSING,
    SES_SPF,
    SHOP,
    TOKENS,
    UNKNOWN,
    WRONG,
    ZONE,
    Case,
    expected,
    key_text,
)

FEEDBACK = "feedback-smtp.eu-central-1.amazonses.com"
_DKIM = [f"{token}._domainkey.{SHOP}" for token in TOKENS]
_FIRST_CNAME = cname_line(_DKIM[0], f"{TOKENS[0]}.{ZONE}")
_MX, _SPF = mx_line(BOUNCE, 10, FEEDBACK), txt_line(BOUNCE, SES_SPF)
_DMARC = f"_dmarc.{SHOP}"
_FRESH = txt_line("_dmarc.example.com", f"v=DMARC1; p=none; rua=mailto:ops@{SHOP}")
_RENEW = f"aws sesv2 put-email-identity-dkim-signing-attributes --email-identity {SHOP}"
_SILENT = dict.fromkeys(("dkim", "mail_from", "spf", "dmarc", "dkim_alignment", "spf_alignment", "own_spf"), UNKNOWN)
_ALL_SILENT = {**_SILENT, "mx": UNKNOWN, "bimi": UNKNOWN}
_NO_POLICY = {"dmarc": UNKNOWN, "dkim_alignment": UNKNOWN, "spf_alignment": UNKNOWN}


def _spf(text: str, *more: str) -> list[str]:
    return [txt_line(BOUNCE, text), *more]


_TEN = [f"include:s{number}.example.net" for number in range(10)]
_TEN_RECORDS = [txt_line(f"s{number}.example.net", "v=spf1 ip4:192.0.2.9 -all") for number in range(10)]

DKIM = [
    Case("no_cname", gone=_DKIM[:1], statuses={"dkim": MISSING}, says="has no CNAME", fix=_FIRST_CNAME),
    Case(
        "cname_with_the_zone_twice",
        [cname_line(f"{_DKIM[0]}.{SHOP}", f"{TOKENS[0]}.{ZONE}")],
        _DKIM[:1],
        {"dkim": WRONG},
        "zone twice",
        _FIRST_CNAME,
    ),
    Case(
        "cname_with_the_organisations_zone_twice",
        [cname_line(f"{_DKIM[0]}.example.com", f"{TOKENS[0]}.{ZONE}")],
        _DKIM[:1],
        {"dkim": WRONG},
        "zone twice",
        _FIRST_CNAME,
    ),
    Case("proxied_away", [f"{_DKIM[0]}. IN A 192.0.2.1"], _DKIM[:1], {"dkim": WRONG}, "proxying", _FIRST_CNAME),
    Case(
        "cname_elsewhere",
        [cname_line(_DKIM[0], "other.dkim.amazonses.com")],
        statuses={"dkim": WRONG},
        says="leads to other.dkim.amazonses.com instead of tokena.dkim.amazonses.com",
        fix=_FIRST_CNAME,
    ),
    Case(
        "nothing_behind_the_cname",
        gone=[f"{TOKENS[0]}.{ZONE}"],
        statuses={"dkim": WRONG},
        says="there is no key",
        fix=_RENEW,
        mends=False,
    ),
    Case(
        "empty_key",
        [txt_line(f"{TOKENS[1]}.{ZONE}", "v=DKIM1; p=")],
        statuses={"dkim": WRONG},
        says="revokes",
        fix=_RENEW,
        mends=False,
    ),
    Case(
        "empty_text",
        [txt_line(f"{TOKENS[1]}.{ZONE}", "")],
        statuses={"dkim": WRONG},
        says="it has no p=",
        fix=_RENEW,
        mends=False,
    ),
    Case(
        "key_of_1024_bits",
        [txt_line(f"{TOKENS[2]}.{ZONE}", key_text(1024))],
        statuses={"dkim": WRONG},
        says="1024 bits; 2048 are needed",
        fix=_RENEW,
        mends=False,
    ),
    Case(
        "no_tokens",
        statuses={"dkim": MISSING},
        says="no DKIM tokens",
        fix=_RENEW,
        mends=False,
        expected=replace(expected(), dkim_tokens=()),
    ),
    Case(
        "own_key_not_there",
        statuses={"dkim": MISSING},
        says="own._domainkey.shop.example.com has no key",
        fix="; publish your key at own._domainkey.shop.example.com",
        mends=False,
        expected=replace(expected(), dkim_tokens=("own",), hosted_zone=""),
    ),
]

MAIL_FROM = [
    Case(
        "no_mail_from",
        statuses={"mail_from": MISSING, "spf_alignment": MISSING},
        says="no MAIL FROM domain",
        fix=_MX,
        mends=False,
        expected=replace(expected(), mail_from=""),
    ),
    Case("no_mx_at_mail_from", [_SPF], [BOUNCE], {"mail_from": MISSING}, "has no MX", _MX),
    Case(
        "two_mx_at_mail_from",
        [_MX, mx_line(BOUNCE, 20, "mx.example.net")],
        statuses={"mail_from": WRONG},
        says="2 MX records; SES takes exactly one",
        fix=_MX,
    ),
    Case(
        "wrong_region",
        [mx_line(BOUNCE, 10, "feedback-smtp.us-east-1.amazonses.com")],
        statuses={"mail_from": WRONG},
        says="leads to SES in us-east-1; mail is sent from eu-central-1",
        fix=_MX,
    ),
    Case("mx_elsewhere", [mx_line(BOUNCE, 10, "mx.example.net")], (), {"mail_from": WRONG}, "leads to mx.example", _MX),
    Case("another_preference", [mx_line(BOUNCE, 20, FEEDBACK)], (), {"mail_from": WRONG}, "the preference 20", _MX),
    Case(
        "mail_from_is_no_subdomain",
        [mx_line("bounce.example.com", 10, FEEDBACK), txt_line("bounce.example.com", SES_SPF)],
        statuses={"mail_from": WRONG},
        says="is not a subdomain",
        fix=_MX,
        mends=False,
        expected=replace(expected(), mail_from="bounce.example.com"),
    ),
    Case(
        "mail_from_is_a_from_domain",
        statuses={"mail_from": WRONG},
        says="is also the domain of a From or Reply-To",
        fix=_MX,
        mends=False,
        expected=replace(expected(), replies_to=(BOUNCE,)),
        lines=["feedback-smtp.eu-central-1.amazonses.com. IN A 192.0.2.26"],
    ),
]

SPF = [
    Case("no_spf", [_MX], [BOUNCE], {"spf": MISSING}, "has no SPF record", _SPF),
    Case("two_spf", [_SPF, txt_line(BOUNCE, "v=spf1 ip4:192.0.2.7 -all")], (), {"spf": WRONG}, "2 SPF records"),
    Case(
        "eleven_look_ups",
        _spf(f"v=spf1 {' '.join(_TEN)} include:amazonses.com ~all", *_TEN_RECORDS),
        statuses={"spf": WRONG},
        says="it needs 11 look-ups, and receivers stop at 10",
        fix=_SPF,
    ),
    Case(
        "eleven_look_ups_two_floors_down",
        [
            *_spf("v=spf1 include:amazonses.com include:deep.example.net ~all", *_TEN_RECORDS),
            txt_line("deep.example.net", f"v=spf1 {' '.join(_TEN[:9])} ~all"),
        ],
        statuses={"spf": WRONG},
        says="it needs 11 look-ups",
        fix=_SPF,
    ),
    Case("spf_without_ses", _spf("v=spf1 ip4:192.0.2.7 -all"), (), {"spf": WRONG}, "does not let SES send"),
    Case("spf_that_refuses_ses", _spf("v=spf1 -include:amazonses.com ~all"), (), {"spf": WRONG}, "does not let SES"),
    Case("ses_behind_all", _spf("v=spf1 ~all include:amazonses.com"), (), {"spf": WRONG}, "does not let SES"),
    Case(
        "spf_in_a_circle",
        _spf(
            "v=spf1 include:amazonses.com include:one.example.net ~all",
            txt_line("one.example.net", "v=spf1 include:two.example.net -all"),
            txt_line("two.example.net", "v=spf1 include:one.example.net -all"),
        ),
        statuses={"spf": WRONG},
        says="include:one.example.net leads back to itself",
        fix=_SPF,
    ),
    Case(
        "look_ups_for_nothing",
        _spf("v=spf1 a:no1.example.net a:no2.example.net mx:no3.example.net include:amazonses.com ~all"),
        statuses={"spf": WRONG},
        says="3 of its look-ups find nothing, and receivers stop at 2",
        fix=_SPF,
    ),
    Case(
        "include_of_nothing",
        _spf("v=spf1 include:nowhere.example.net include:amazonses.com ~all"),
        statuses={"spf": WRONG},
        says="include:nowhere.example.net leads to no SPF record",
        fix=_SPF,
    ),
    Case("misspelled_spf", _spf("v=spf1 inclde:amazonses.com ~all"), (), {"spf": WRONG}, "is no term of SPF", _SPF),
    Case("spf_lets_everybody", _spf("v=spf1 include:amazonses.com +all"), (), {"spf": WRONG}, "everybody", _SPF),
    Case("spf_that_begins_late", _spf(f" {SES_SPF}"), (), {"spf": WRONG}, "does not begin with v=spf1", _SPF),
    Case(
        "own_spf_twice",
        [txt_line(SHOP, "v=spf1 a -all"), txt_line(SHOP, "v=spf1 mx ~all")],
        statuses={"own_spf": WRONG},
        says="has 2 SPF records",
        fix=txt_line(SHOP, "v=spf1 a mx ~all"),
        mends=False,
    ),
]

DMARC = [
    Case("no_dmarc", (), [_DMARC], {"dmarc": MISSING}, "_dmarc.shop.example.com nor _dmarc.example.com", _FRESH),
    Case(
        "dmarc_at_the_domain_itself",
        [txt_line(SHOP, "v=DMARC1; p=none")],
        [_DMARC],
        {"dmarc": WRONG},
        "stands at shop.example.com, where nobody looks",
        _FRESH,
    ),
    Case(
        "dmarc_at_mail_from",
        [txt_line(f"_dmarc.{BOUNCE}", "v=DMARC1; p=none")],
        [_DMARC],
        {"dmarc": WRONG},
        "stands at _dmarc.bounce.shop.example.com, where nobody looks",
        _FRESH,
    ),
    Case(
        "dmarc_with_the_domain_twice",
        [txt_line(f"_dmarc.{SHOP}.{SHOP}", "v=DMARC1; p=none")],
        [_DMARC],
        {"dmarc": WRONG},
        "where nobody looks",
        _FRESH,
    ),
    Case(
        "two_dmarc",
        [txt_line(_DMARC, "v=DMARC1; p=reject"), txt_line(_DMARC, "v=DMARC1; p=none")],
        statuses={"dmarc": WRONG},
        says="has 2 DMARC records",
    ),
    Case(
        "no_policy",
        [txt_line(_DMARC, f"v=DMARC1; rua=mailto:dmarc@{SHOP}")],
        statuses={"dmarc": WRONG},
        says="it has no p=",
        fix=txt_line(_DMARC, f"v=DMARC1; p=none; rua=mailto:dmarc@{SHOP}"),
    ),
    Case(
        "a_policy_that_is_none",
        [txt_line(_DMARC, "v=DMARC1; p=block")],
        statuses={"dmarc": WRONG},
        says="p=block is none of none, quarantine, reject",
        fix=txt_line(_DMARC, "v=DMARC1; p=none"),
    ),
    Case(
        "a_policy_for_subdomains_that_is_none",
        [txt_line("_dmarc.example.com", "v=DMARC1; p=reject; sp=all")],
        [_DMARC],
        {"dmarc": WRONG},
        "sp=all is none of",
        txt_line("_dmarc.example.com", "v=DMARC1; p=reject"),
    ),
    Case(
        "reports_to_no_address",
        [txt_line(_DMARC, "v=DMARC1; p=none; rua=ops@example.com")],
        statuses={"dmarc": WRONG},
        says="rua=ops@example.com says nothing",
        fix=txt_line(_DMARC, "v=DMARC1; p=none"),
    ),
    Case(
        "dmarc_in_lower_case",
        [txt_line(_DMARC, "v=dmarc1; p=quarantine")],
        statuses={"dmarc": WRONG},
        says="does not begin with v=DMARC1",
        fix=txt_line(_DMARC, "v=DMARC1; p=quarantine"),
    ),
    Case(
        "strict_spf",
        [txt_line(_DMARC, "v=DMARC1; p=none; aspf=s")],
        statuses={"spf_alignment": WRONG},
        says="aspf=s",
        fix=txt_line(_DMARC, "v=DMARC1; p=none; aspf=r"),
    ),
    Case(
        "strict_dkim_for_a_subdomain",
        [
            txt_line("_dmarc.news.shop.example.com", "v=DMARC1; p=none; adkim=s"),
            mx_line(f"news.{SHOP}", 10, "mx.example.net"),
        ],
        statuses={"dkim_alignment": WRONG},
        says="adkim=s",
        fix=txt_line("_dmarc.news.shop.example.com", "v=DMARC1; p=none; adkim=r"),
        expected=replace(expected(), senders=(f"news.{SHOP}",)),
    ),
    Case(
        "signed_by_another_organisation",
        [txt_line("_dmarc.example.org", "v=DMARC1; p=none"), mx_line("example.org", 10, "mx.example.net")],
        statuses={"dkim_alignment": WRONG, "spf_alignment": WRONG},
        says="another organisation's domain",
        fix="aws sesv2 create-email-identity --email-identity example.org --region eu-central-1",
        mends=False,
        expected=replace(expected(), senders=("example.org",)),
    ),
]

REPLIES = [
    Case("no_mx", (), [SHOP], {"mx": MISSING}, "has no MX", f"; {SHOP}. IN MX", mends=False),
    Case("null_mx", [f"{SHOP}. IN MX 0 ."], (), {"mx": WRONG}, "takes no mail", f"; {SHOP}. IN MX", mends=False),
    Case(
        "mx_without_an_address",
        [mx_line(SHOP, 10, "gone.example.net")],
        statuses={"mx": WRONG},
        says="No MX of shop.example.com has an address: gone.example.net",
        mends=False,
    ),
]

LOGOS = [
    Case(
        "logo_without_a_policy_that_bites",
        [txt_line(f"default._bimi.{SHOP}", f"v=BIMI1; l=https://{SHOP}/logo.svg; a=")],
        statuses={"bimi": WRONG},
        says="quarantine or reject",
        fix=txt_line(_DMARC, "v=DMARC1; p=quarantine; pct=100"),
    ),
    Case(
        "logo_that_is_no_svg",
        [txt_line(f"default._bimi.{SHOP}", "v=BIMI1; l=http://shop.example.com/logo.png")],
        statuses={"bimi": WRONG},
        says="is no https:// address of an .svg",
        mends=False,
    ),
]

NOBODY_KNOWS = [
    Case("servfail", statuses=_ALL_SILENT, says="SERVFAIL", faults={SHOP: NameFault.SERVFAIL}),
    Case("time_out", statuses=_ALL_SILENT, says="in time", faults={SHOP: NameFault.SILENCE}),
    Case("refused", statuses=_ALL_SILENT, says="refused", faults={SHOP: NameFault.REFUSED}),
    Case("somebody_who_guesses", statuses=_ALL_SILENT, says="in time", faults={SHOP: NameFault.WRONG_ID}),
    Case("half_an_answer", statuses=_ALL_SILENT, says="in time", faults={SHOP: NameFault.GARBAGE}),
    Case("servfail_at_dmarc", statuses=_NO_POLICY, says="SERVFAIL", faults={_DMARC: NameFault.SERVFAIL}),
    Case(
        "servfail_at_the_organisations_dmarc",
        gone=[_DMARC],
        statuses=_NO_POLICY,
        says="_dmarc.example.com could not be looked up",
        faults={"_dmarc.example.com": NameFault.SERVFAIL},
    ),
    Case(
        "servfail_at_an_include",
        _spf("v=spf1 include:amazonses.com include:out.example.net ~all"),
        statuses={"spf": UNKNOWN},
        says="out.example.net could not be looked up",
        faults={"out.example.net": NameFault.SERVFAIL},
    ),
    Case("servfail_behind_a_cname", statuses={"dkim": UNKNOWN}, faults={f"{TOKENS[0]}.{ZONE}": NameFault.SERVFAIL}),
    Case("servfail_at_the_mx_host", statuses={"mx": UNKNOWN}, faults={"mx.example.net": NameFault.SERVFAIL}),
]

BROKEN = [*DKIM, *MAIL_FROM, *SPF, *DMARC, *REPLIES, *LOGOS]
