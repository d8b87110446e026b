"""A domain's records, asked of a name server on loopback: what is right, what is not, and the line that mends it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import pytest

from franked.access.checks.dns import SendingDomain, domain_checks
from franked.backends.dns import Resolvers
from franked.backends.local.zones import NameFault, NameServer, Zones, name_server
from franked.rules.address import Address, parse
from franked.rules.dns import Resolver
from franked.rules.domain.lines import mx_line, txt_line
from franked.rules.finding import Finding, Status
from tests.broken_domains import BROKEN, NOBODY_KNOWS
from tests.domains import BOUNCE, NO_LOGO, SHOP, TOKENS, Case, expected, good, key_text, of_ses
from tests.product import MovableClock


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server(Zones()) as running:
        yield running


async def checked(server: NameServer, *domains: SendingDomain, within: float = 10.0) -> Sequence[Finding]:
    resolvers = Resolvers([server.address], within=5.0, each=1.5)
    return await domain_checks(domains or [expected()], resolvers, MovableClock(), within)


def not_ok(findings: Sequence[Finding]) -> Mapping[str, Status]:
    return {finding.key: finding.status for finding in findings if not finding.is_ok}


def by_key(findings: Sequence[Finding], key: str) -> Finding:
    [found] = [finding for finding in findings if finding.key == key]
    return found


async def test_d9_a_domain_with_every_record_is_ok(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    findings = await checked(server)
    assert not_ok(findings) == NO_LOGO
    assert {finding.key for finding in findings} == {
        *("dkim", "mail_from", "spf", "dmarc", "dkim_alignment", "spf_alignment", "own_spf", "mx", "bimi")
    }
    assert all(finding.evidence and finding.why and finding.found for finding in findings)
    [said] = [one for one in by_key(findings, "dmarc").evidence if one.what == f"TXT _dmarc.{SHOP}"]
    assert said.value == "v=DMARC1; p=none"


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
async def test_d9_what_is_amiss_is_told_with_the_line_that_mends_it(server: NameServer, case: Case) -> None:
    case.publish(server.zones)
    findings = await checked(server, case.expected)
    assert not_ok(findings) == {**NO_LOGO, **case.statuses}
    told = by_key(findings, next(iter(case.statuses)))
    assert case.says in told.found
    assert told.fix
    assert told.fix[0].startswith(case.fix)
    if case.mends:
        server.zones.publish(*(line for line in told.fix if not line.startswith("aws ")))
        assert by_key(await checked(server, case.expected), told.key).is_ok


@pytest.mark.parametrize("case", NOBODY_KNOWS, ids=lambda case: case.name)
async def test_d9_what_nobody_answered_is_unknown_and_never_missing(server: NameServer, case: Case) -> None:
    case.publish(server.zones)
    findings = await checked(server, case.expected)
    assert not_ok(findings) == {**NO_LOGO, **case.statuses}
    told = by_key(findings, next(iter(case.statuses)))
    assert case.says in told.found
    assert told.fix == ()


async def test_d9_a_domain_that_does_not_exist_has_nothing(server: NameServer) -> None:
    findings = await checked(server)
    missing = {"dkim", "mail_from", "spf", "dmarc", "mx", "bimi"}
    assert not_ok(findings) == dict.fromkeys(missing, Status.MISSING)
    assert all("no such name" in [one.value for one in finding.evidence] for finding in findings)


async def test_d9_all_remedies_together_make_a_domain(server: NameServer) -> None:
    """From nothing to all right by copying what the checks say, and an MX of one's own."""
    server.zones.publish(*of_ses())
    lines = [line for finding in await checked(server) for line in finding.fix]
    server.zones.publish(*lines, mx_line(SHOP, 10, "mx.example.net"))
    assert not_ok(await checked(server)) == NO_LOGO


async def test_d9_an_answer_in_pieces_is_one_text(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    server.zones.publish(
        f'_dmarc.{SHOP}. IN TXT "v=DMA" "RC1; p=qua" "rantine"',
        f'{BOUNCE}. IN TXT "v=spf1 include:amaz" "onses.com ~all"',
    )
    findings = await checked(server)
    assert not_ok(findings) == NO_LOGO
    assert "for shop.example.com it says quarantine" in by_key(findings, "dmarc").found


async def test_a12_a_domain_with_letters_of_its_own(server: NameServer) -> None:
    address = parse("no-reply@bücher.example.com")
    assert isinstance(address, Address)
    assert address.domain == "xn--bcher-kva.example.com"
    server.zones.publish(*of_ses(), *good(address.domain))
    assert not_ok(await checked(server, expected(address.domain))) == NO_LOGO
    server.zones.withdraw(f"{TOKENS[0]}._domainkey.{address.domain}")
    [line] = by_key(await checked(server, expected(address.domain)), "dkim").fix
    assert line == "tokena._domainkey.xn--bcher-kva.example.com. IN CNAME tokena.dkim.amazonses.com."


async def test_b8_a_subdomain_lives_by_its_organisations_dmarc(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    server.zones.withdraw(f"_dmarc.{SHOP}")
    server.zones.publish(txt_line("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine"))
    findings = await checked(server)
    assert not_ok(findings) == NO_LOGO
    assert by_key(findings, "dmarc").found == (
        "One DMARC record stands at _dmarc.example.com; for shop.example.com it says quarantine."
    )


async def test_b8_below_a_public_suffix_the_next_name_is_the_organisation(server: NameServer) -> None:
    """co.uk is nobody's: a record there says nothing."""
    domain = "mail.shop.co.uk"
    server.zones.publish(*of_ses(), *good(domain))
    server.zones.withdraw(f"_dmarc.{domain}")
    server.zones.publish(txt_line("_dmarc.co.uk", "v=DMARC1; p=none"))
    assert by_key(await checked(server, expected(domain)), "dmarc").status is Status.MISSING
    server.zones.publish(txt_line("_dmarc.shop.co.uk", "v=DMARC1; p=none"))
    assert by_key(await checked(server, expected(domain)), "dmarc").is_ok


async def test_a_key_of_the_domains_own_is_as_good(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good(), txt_line(f"own._domainkey.{SHOP}", f"v=DKIM1; k=rsa; {key_text()}"))
    own = replace(expected(), dkim_tokens=("own",), hosted_zone="")
    assert not_ok(await checked(server, own)) == NO_LOGO


async def test_a_regions_own_zone_of_keys(server: NameServer) -> None:
    zone = "dkim.eu-central-1.amazonses.com"
    server.zones.publish(*of_ses(), *good())
    server.zones.publish(*(txt_line(f"{token}.{zone}", key_text()) for token in TOKENS))
    other = replace(expected(), hosted_zone=zone)
    told = by_key(await checked(server, other), "dkim")
    assert told.status is Status.WRONG
    server.zones.publish(*told.fix)
    assert by_key(await checked(server, other), "dkim").is_ok


async def test_exactly_ten_look_ups_are_allowed(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    includes = [f"s{number}.example.net" for number in range(9)]
    server.zones.publish(*(txt_line(name, "v=spf1 ip4:192.0.2.9 -all") for name in includes))
    text = " ".join(f"include:{name}" for name in includes)
    server.zones.publish(txt_line(BOUNCE, f"v=spf1 {text} include:amazonses.com ~all"))
    told = by_key(await checked(server), "spf")
    assert told.is_ok
    assert "10 of 10 look-ups" in told.found


async def test_ses_may_be_let_in_two_floors_down(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    server.zones.publish(
        txt_line(BOUNCE, "v=spf1 redirect=_spf.example.com"),
        txt_line("_spf.example.com", SHOP_SPF),
    )
    assert by_key(await checked(server), "spf").is_ok


SHOP_SPF = "v=spf1 a:mx.example.net include:amazonses.com -all"


async def test_a_record_without_end_is_walked_to_an_end(server: NameServer) -> None:
    """A stranger's include that leads on for ever costs 26 questions, not more."""
    server.zones.publish(*of_ses(), *good(), txt_line(BOUNCE, "v=spf1 include:n0.example.net ~all"))
    lines = [txt_line(f"n{at}.example.net", f"v=spf1 include:n{at + 1}.example.net -all") for at in range(200)]
    server.zones.publish(*lines)
    assert by_key(await checked(server), "spf").status is Status.WRONG
    assert len([asked for asked, _ in server.asked if asked.endswith("example.net") and "TXT n" in asked]) <= 26


async def test_a_check_that_takes_too_long_is_unknown(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    server.zones.fail(SHOP, NameFault.SILENCE)
    findings = await checked(server, within=0.1)
    assert {finding.status for finding in findings} == {Status.UNKNOWN}
    assert by_key(findings, "dkim").found == "Nobody answered within 0.1 seconds."
    assert not by_key(findings, "bimi").is_required


async def test_a_resolver_that_fails_hides_nothing(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    async with name_server(Zones()) as other:
        other.zones.fail(".", NameFault.SERVFAIL)
        closed = Resolver("127.0.0.1", 1)
        resolvers = Resolvers([other.address, closed, server.address], each=0.3)
        assert not_ok(await domain_checks([expected()], resolvers, MovableClock())) == NO_LOGO


async def test_what_a_stranger_publishes_reaches_no_terminal(server: NameServer) -> None:
    server.zones.publish(*of_ses(), *good())
    server.zones.publish(
        f'_dmarc.{SHOP}. IN TXT "v=DMARC1; p=\\027[2J\\000\\255"',
        f'{BOUNCE}. IN TXT "v=spf1 \\027[31m:x ~all"',
    )
    findings = await checked(server)
    texts = [text for one in findings for text in (one.found, *one.fix, *(seen.value for seen in one.evidence))]
    assert all(text.isprintable() for text in texts)
    assert by_key(findings, "dmarc").status is by_key(findings, "spf").status is Status.WRONG
