"""Set-ups that are broken on purpose: the sentence leaves the letter, and what is to be done names the fix."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from franked.access.checking import check
from franked.access.checks.product import volumes
from franked.access.keeping import ALARM, keep_promises
from franked.access.letter import write_letter
from franked.access.request import NotAsked, ask, note_mode, stand
from franked.backends.local.estate import OwnDkim
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.preparing import prepare
from franked.doors.cli.demo.way_out import Candidate, candidate
from franked.doors.cli.start import examples
from franked.ports import World
from franked.rules.address import Sender, parse
from franked.rules.asking import Volume
from franked.rules.code import CodeLimits
from franked.rules.declared import Declared
from franked.rules.draft import Draft
from franked.rules.finding import Status
from franked.rules.letter import Letter
from franked.rules.request import Line, What
from franked.rules.steps import NewIdentity
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.wiring import NameFault, Zones

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOMAIN = "backup.example.com"
ANOTHER = "arn:aws:sns:us-east-1:111122223333:another"
BOUNCE, DMARC = f"bounce.{DOMAIN}.", f"_dmarc.{DOMAIN}."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Candidate]:
    """The backup service, with everything done. Its templates may be changed."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(examples() / "backup", folder / "backup")
    (folder / "home").mkdir()
    clock = MovableClock()
    async with candidate(folder / "backup", folder / "home", clock) as it:
        await prepare(it.franked, it.settings, it.zones, clock, lambda _: None)
        yield it


async def letter_of(world: World) -> Letter:
    return await write_letter(await check(world), "en", world)


async def test_f1_with_everything_done_nothing_is_open(whole: Candidate) -> None:
    letter = await letter_of(whole.world)
    assert letter.objections == []
    assert letter.rehearsal
    said = {one.id for one in letter.findings if one.is_ok}
    assert all(proof in said for one in letter.sentences for proof in one.proof)
    assert all(one.proof for one in letter.sentences)


@dataclass(frozen=True, slots=True)
class Break:
    """`of`: the promise that leaves the letter. `says`: what its to-do says, the reason or the way out."""

    name: str
    of: str
    says: str
    spoil: Callable[[Any], Any]

    def __str__(self) -> str:
        return self.name


# --- in the DNS -------------------------------------------------------------------------------------------------------


@contextmanager
def changed(zones: Zones, spoil: Callable[[Zones], None]) -> Iterator[None]:
    records, faults = dict(zones.records), dict(zones.faults)
    spoil(zones)
    try:
        yield
    finally:
        zones.records, zones.faults = records, faults


def says(*lines: str) -> Callable[[Zones], None]:
    return lambda zones: zones.publish(*lines)


def lacks(*names: str) -> Callable[[Zones], None]:
    return lambda zones: zones.withdraw(*names)


def key_of(zones: Zones, end: str) -> str:
    return min(name.to_text() for name, _ in zones.records if name.to_text().endswith(end))


def _dmarc_elsewhere(zones: Zones) -> None:
    zones.withdraw(DMARC)
    zones.publish(f'_dmarc.{BOUNCE} IN TXT "v=DMARC1; p=none"')


SES, NONE = '"v=spf1 include:amazonses.com ~all"', '"v=DMARC1; p=none"'
SES_MX = f"{BOUNCE} IN MX 10 feedback-smtp.us-east-1.amazonses.com."
OTHER_MX = f"{BOUNCE} IN MX 20 mx.example.net."
ELSEWHERE = f"{BOUNCE} IN MX 10 feedback-smtp.eu-west-1.amazonses.com."
ALIASES, KEYS = f"._domainkey.{DOMAIN}.", ".dkim.amazonses.com."
IN_DNS = [
    Break("a DKIM record is gone", "dkim", "IN CNAME", lambda z: z.withdraw(key_of(z, ALIASES))),
    Break("one leads elsewhere", "dkim", "dkim", lambda z: z.publish(f"{key_of(z, ALIASES)} IN CNAME x.example.net.")),
    Break("the key behind is revoked", "dkim", "p=", lambda z: z.publish(f'{key_of(z, KEYS)} IN TXT "p="')),
    Break("no DMARC", "dmarc", "v=DMARC1", lacks(DMARC)),
    Break("two DMARC", "dmarc", "DMARC", says(f"{DMARC} IN TXT {NONE}", f'{DMARC} IN TXT "v=DMARC1; p=reject"')),
    Break("DMARC without a policy", "dmarc", "DMARC", says(f'{DMARC} IN TXT "v=DMARC1; p=maybe"')),
    Break("DMARC of the wrong domain", "dmarc", "_dmarc.example.com. IN TXT", _dmarc_elsewhere),
    Break("two SPF", "spf", "SPF", says(f"{BOUNCE} IN TXT {SES}", f'{BOUNCE} IN TXT "v=spf1 -all"')),
    Break("SPF without SES", "spf", "include:amazonses.com", says(f'{BOUNCE} IN TXT "v=spf1 mx ~all"')),
    Break("two MX of MAIL FROM", "spf", "feedback-smtp", says(SES_MX, OTHER_MX)),
    Break("MX of another Region", "spf", "us-east-1", says(ELSEWHERE)),
    Break("nobody takes replies", "mx", "MX", says(f"{DOMAIN}. IN MX 0 .")),
    Break("the name server fails", "dmarc", "unknown", lambda z: z.fail(DMARC, NameFault.SERVFAIL)),
]


@pytest.mark.parametrize("broken", IN_DNS, ids=str)
async def test_f1_d9_what_the_dns_lacks_is_not_said(broken: Break, whole: Candidate) -> None:
    with changed(whole.zones, broken.spoil):
        left_and_told(broken, await letter_of(whole.world))


def left_and_told(broken: Break, letter: Letter) -> None:
    told = [one for one in letter.to_do if one.promise == broken.of]
    assert told, letter.to_do
    said = {(one.promise, one.of) for one in letter.sentences}
    assert all((one.promise, one.of) not in said for one in told)
    assert any(broken.says in text for one in told for text in (one.why, *one.fix)), told
    assert letter.objections


# --- in the settings --------------------------------------------------------------------------------------------------


def asked(**fields: Any) -> Callable[[Declared], Declared]:
    return lambda declared: replace(declared, asked=replace(declared.asked, **fields))


def stream(name: str, **fields: Any) -> Callable[[Declared], Declared]:
    def spoil(declared: Declared) -> Declared:
        streams: Mapping[str, Any] = {**declared.streams, name: replace(declared.streams[name], **fields)}
        return replace(declared, streams=streams)

    return spoil


def _free_mail(declared: Declared) -> Declared:
    address = parse("example.backup@gmail.com")
    return replace(declared, sender=Sender("Example Backup", address))  # type: ignore[arg-type]


RESET, COMPLETED = "password-reset", "backup-completed"
IN_SETTINGS = [
    Break("nobody signs", "business", "[request] signer", asked(signer="")),
    Break("the business is not said", "business", "[request] business", asked(business="Backups")),
    Break("the recipients are not said", "recipients", "[request] recipients", asked(recipients="")),
    Break("no quota", "asked", "[request] per_day", asked(per_day=None)),
    Break("a quota below the volumes", "asked", "per_day", asked(per_day=100)),
    Break("a quota that nothing explains", "asked", "[request] reason", asked(per_day=10_000_000, reason="")),
    Break("what asks for it is not said", "stream", "asked_by", stream(RESET, asked_by="")),
    Break("nothing says why it stays", "not_left", "not_left_because", stream(RESET, not_left_because="")),
    Break("a notification without a topic", "not_left", "topic", stream(COMPLETED, topic=None)),
    Break("no volume planned", "total", "planned", stream(RESET, planned=None)),
    Break("volumes above the quota", "asked", "per_day", stream(COMPLETED, planned=Volume(90_000, 90_000))),
    Break("a sender at a free mail service", "kinds", "gmail.com", _free_mail),
    Break("nobody hears alarms", "alarms", "[sender] admins", lambda it: replace(it, admins=())),
    Break("codes without limits", "rate_limits", "per_mailbox", lambda it: replace(it, code_limits=CodeLimits())),
    Break("a template that is not there", "can_spam", "no template", stream(RESET, template="gone")),
    Break("no configuration sets", "bounce", "[ses.configuration_sets]", lambda it: replace(it, configuration_sets={})),
    Break("another topic", "bounce", "[feedback] topics", lambda it: replace(it, sns_topics=frozenset({ANOTHER}))),
]


@pytest.mark.parametrize("broken", IN_SETTINGS, ids=str)
async def test_f1_what_the_settings_lack_is_not_said(broken: Break, whole: Candidate) -> None:
    left_and_told(broken, await letter_of(replace(whole.world, declared=broken.spoil(whole.world.declared))))


async def test_f7_a_placeholder_keeps_the_letter_back(whole: Candidate) -> None:
    business = "[Company] keeps backups of its customers' machines: TODO say more"
    world = replace(whole.world, declared=asked(business=business)(whole.world.declared))
    assert any("placeholder" in one for one in (await letter_of(world)).objections)


# --- at AWS, on the web, in the record --------------------------------------------------------------------------------


async def test_f1_a_website_without_privacy_is_not_said_to_have_it(whole: Candidate) -> None:
    page = whole.website.pages.pop("/privacy")
    try:
        left_and_told(Break("no privacy", "website", "privacy", id), await letter_of(whole.world))
    finally:
        whole.website.pages["/privacy"] = page


async def test_f1_a_website_that_is_down_is_not_said_to_be_there(whole: Candidate) -> None:
    pages, whole.website.pages = whole.website.pages, {}
    try:
        left_and_told(Break("down", "website", "404", id), await letter_of(whole.world))
    finally:
        whole.website.pages = pages


async def test_f1_a_set_that_publishes_no_bounces_is_found(whole: Candidate) -> None:
    name = next(iter(whole.world.declared.configuration_sets.values()))
    whole.simulator.publish("SEND", "DELIVERY", configuration_set=name)
    try:
        left_and_told(Break("silent", "bounce", "BOUNCE", id), await letter_of(whole.world))
    finally:
        whole.simulator.account.unpublish(name)
    assert (await letter_of(whole.world)).objections == []


async def test_d10_an_address_that_stands_before_its_domain_and_does_not_sign_is_found(whole: Candidate) -> None:
    control, address = whole.world.control, f"accounts@{DOMAIN}"
    assert control is not None
    await control.take(NewIdentity(address))
    try:
        unproven = Break("pending", "dkim", f"delete-email-identity --email-identity {address}", id)
        left_and_told(unproven, await letter_of(whole.world))
        whole.simulator.verify(address)
        assert (await letter_of(whole.world)).objections == []  # it signs as its domain does
        whole.simulator.office.estate.book.dkim[address] = OwnDkim(is_on=False)
        left_and_told(Break("unsigned", "dkim", "does not sign", id), await letter_of(whole.world))
    finally:
        whole.simulator.account.remove_identity(address)
        whole.simulator.office.estate.forget_identity(address)


async def test_mail_that_is_sent_past_franked_is_asked_for_as_well(whole: Candidate) -> None:
    """It is good to have, and no sentence stands on it."""
    book = whole.simulator.office.estate.book
    own = book.of_identity[DOMAIN]

    async def seen() -> tuple[Status, str, tuple[str, ...]]:
        [one] = [one for one in await check(whole.world) if one.key == "default_set"]
        return one.status, one.found, one.fix

    goes = f"mail of {DOMAIN} that names no configuration set goes by"
    try:
        assert await seen() == (Status.OK, f"{goes} {own}", ())
        book.of_identity[DOMAIN] = "theirs"
        status, found, [fix] = await seen()
        assert (status, found) == (Status.WRONG, f"{goes} theirs: its bounces are not heard")
        assert fix.startswith(f"aws sesv2 put-email-identity-configuration-set-attributes --email-identity {DOMAIN} ")
        del book.of_identity[DOMAIN]
        assert await seen() == (Status.MISSING, f"{goes} none: its bounces are not heard", ("franked setup --apply",))
    finally:
        book.of_identity[DOMAIN] = own


async def test_f1_an_account_that_does_not_send_asks_for_nothing(whole: Candidate) -> None:
    limits = whole.simulator.account.limits
    whole.simulator.set_limits(replace(limits, sending_enabled=False))
    try:
        await whole.franked.refresh()
        left_and_told(Break("off", "identity", "switched off", id), await letter_of(whole.world))
    finally:
        whole.simulator.set_limits(limits)
        await whole.franked.refresh()


async def test_c10_a_template_that_was_changed_since_is_not_said_to_be_approved(whole: Candidate) -> None:
    file = whole.settings.templates.directory / "billing-update" / "en.html"
    text = file.read_text()
    file.write_text(text.replace("</p>", "</p><p>One more sentence.</p>", 1))
    try:
        await whole.franked.wired.templates.refresh()
        changed = Break("changed", "approval", "franked templates submit billing-update --by NAME", id)
        left_and_told(changed, await letter_of(whole.world))
    finally:
        file.write_text(text)
        await whole.franked.wired.templates.refresh()


async def test_f3_what_was_seen_at_a_simulated_account_is_no_evidence_for_a_real_one(whole: Candidate) -> None:
    real = replace(whole.world, declared=replace(whole.world.declared, is_rehearsal=False))
    await note_mode(real)
    letter = await letter_of(real)
    assert not letter.rehearsal
    assert {one.promise for one in letter.to_do} >= {"bounce", "complaint", "tested", "alarms"}
    assert any("seen at the simulated account" in one.why for one in letter.to_do)
    refused = await ask("Ada Muster", (await stand(real)).digest, real)
    assert isinstance(refused, NotAsked)
    await note_mode(whole.world)
    assert (await letter_of(whole.world)).objections == []


async def test_f1_what_aws_was_told_and_is_no_longer_so_opens_an_alarm_until_it_is_again(whole: Candidate) -> None:
    world = whole.world

    async def alarms() -> list[str]:
        return [one.text for one in await world.store.alarms() if one.key == ALARM]

    with changed(whole.zones, lacks(DMARC)):
        await keep_promises(world)
        assert await alarms() == []  # nobody has been told anything
        await world.store.note_access([Line(world.now(), What.ASKED, "Ada Muster")])
        await keep_promises(world)
        [said] = await alarms()
        assert f"dmarc:{DOMAIN}" in said
        await keep_promises(world)
        assert len(await alarms()) == 1
    await keep_promises(world)
    assert await alarms() == []


async def test_f7_a_plan_that_a_week_of_mail_has_overtaken_is_out_of_date(whole: Candidate) -> None:
    planned = whole.world.declared.streams[RESET].planned
    assert planned is not None
    assert volumes(whole.world.declared, {RESET: 7 * planned.most}).is_ok
    stale = volumes(whole.world.declared, {RESET: 7 * planned.most + 7})
    assert stale.status is Status.WRONG
    assert stale.fix == (f'[streams.{RESET}] planned = "0-{planned.most + 1}"',)


async def test_f4_an_address_whose_origin_nobody_knows_is_found(whole: Candidate) -> None:
    """Its first mail was of a stream that needs no act."""
    used = {"name": "Ana", "percent": 80, "used": "80 GB", "storage": "100 GB", "url": "https://backup.example.com"}
    draft = Draft("storage-warning", "ana@example.net", None, used)
    await accept([draft], Caller("test", "test", frozenset(whole.world.declared.streams)), whole.world)
    left_and_told(Break("unknown", "gdpr", "franked people import", id), await letter_of(whole.world))
