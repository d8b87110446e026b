"""A domain that sends below one that is verified: the parent signs for it, and the letter says no less."""

from pathlib import Path

from franked.access.checking import check
from franked.access.letter import write_letter
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.preparing import prepare, records_of
from franked.doors.cli.demo.way_out import candidate
from franked.doors.cli.start import examples
from franked.rules.finding import Finding, Status
from franked.rules.steps import NewIdentity

PARENT, DOMAIN = "example.com", "backup.example.com"


async def test_b8_a_verified_parent_covers_the_domain_that_sends(tmp_path: Path) -> None:
    clock = MovableClock()
    async with candidate(examples() / "backup", tmp_path, clock) as it:
        control = it.world.control
        assert control is not None
        await control.take(NewIdentity(PARENT))
        parent = await control.identity(PARENT)
        assert parent is not None
        it.zones.publish(*records_of(list(parent.dkim_records), (PARENT,)))
        await prepare(it.franked, it.settings, it.zones, clock, lambda _: None)
        assert await control.identity(DOMAIN) is None
        findings = {one.id: one for one in await check(it.world)}
        letter = await write_letter(list(findings.values()), "en", it.world)
    assert letter.objections == []
    assert (
        _of(findings, "identity").found == "example.com is verified in us-east-1, and may send for backup.example.com"
    )
    assert _of(findings, "dkim").found == "All 3 DKIM keys of example.com are published, with 2048 bits or more."
    assert "bounce.example.com" in _of(findings, "mail_from").found
    assert all(
        _of(findings, key).status is Status.OK for key in ("dkim_alignment", "spf_alignment", "dmarc", "default_set")
    )
    said = " ".join(one.text for one in letter.sentences)
    assert "The MAIL FROM domain bounce.example.com publishes an SPF record" in said


def _of(findings: dict[str, Finding], key: str) -> Finding:
    return findings[f"{key}:{DOMAIN}"]
