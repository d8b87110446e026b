"""The request itself: where it stands, whether it may go, and what AWS has said of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from franked.access.checking import check
from franked.access.letter import write_letter
from franked.formats.request import Fields, fields_of
from franked.outside import Control, ControlUnreadable
from franked.ports import World
from franked.rules.at_aws import Details, Increase, NotTaken, SesAccount, quota_named
from franked.rules.finding import Finding
from franked.rules.letter import Letter
from franked.rules.promise import Section
from franked.rules.request import (
    Line,
    Phase,
    Refusal,
    Stage,
    What,
    asked_at,
    heard,
    mode_line,
    objections,
    refusal,
    stage,
)
from franked.rules.views import phases

POLL_EVERY = 60.0  # seconds; AWS takes hours
QUESTIONS: Mapping[str, tuple[Section, ...]] = {  # what reviewers ask (ses/01)
    "How do you build or acquire your mailing list?": (Section.RECIPIENTS, Section.LISTS),
    "How do you handle bounces and complaints?": (Section.BOUNCES, Section.MONITORING),
    "How can recipients opt out of receiving email from you?": (Section.LEAVING,),
    "How did you choose the sending rate or quota that you asked for?": (Section.VOLUMES,),
    "What do you send, and who are the recipients?": (Section.SENDER, Section.STREAMS),
    "How is your mail authenticated?": (Section.AUTHENTICATION,),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`objections`: why it may not go now. `digest`: of what would be sent; who says yes, says it of this."""

    stage: Stage
    account: SesAccount
    objections: tuple[str, ...]
    phases: tuple[Phase, ...]
    letter: Letter
    fields: Fields
    digest: str
    refused: Refusal | None
    asked_at: datetime | None
    log: tuple[Line, ...]
    now: datetime

    @property
    def waits_for(self) -> timedelta | None:
        """Since it was sent, while AWS reviews it. How long that takes nobody can say."""
        return self.now - self.asked_at if self.stage is Stage.PENDING and self.asked_at else None

    @property
    def answers(self) -> Mapping[str, str]:
        """To what AWS asks, out of the letter's own sentences."""
        said = self.letter.sentences
        return {
            question: " ".join(one.text for one in said if one.section in sections)
            for question, sections in QUESTIONS.items()
        }


async def stand(world: World) -> Standing:
    """All is checked now. Raises ControlUnreadable, StoreUnavailable."""
    account = await control_of(world).account()
    await _note_heard(account, world)
    findings = await check(world)
    letter, log = await write_letter(findings, "en", world), await world.store.access_log()
    return _standing(account, findings, letter, log, world)


def _standing(
    account: SesAccount, findings: Sequence[Finding], letter: Letter, log: Sequence[Line], world: World
) -> Standing:
    refused, way_back, fields = refusal(log), phases(findings), fields_of(letter, world.declared)
    locked = objections(account, refused, way_back if refused else (), world.now())
    unreleased = [f"the letter is not released: {one}" for one in letter.objections]
    return Standing(
        stage=stage(account),
        account=account,
        objections=tuple(dict.fromkeys([*locked, *unreleased])),
        phases=tuple(way_back),
        letter=letter,
        fields=fields,
        digest=hashlib.sha256(repr(fields).encode()).hexdigest()[:16],
        refused=refused,
        asked_at=asked_at(log),
        log=tuple(log),
        now=world.now(),
    )


@dataclass(frozen=True, slots=True)
class NotAsked:
    why: tuple[str, ...]


async def ask(by: str, digest: str, world: World) -> Standing | NotAsked:
    """GetAccount comes first, and what goes is what was previewed. Raises ControlUnreadable, StoreUnavailable."""
    now_stands = await stand(world)
    if now_stands.objections:
        return NotAsked(now_stands.objections)
    if digest != now_stands.digest:
        return NotAsked(("what would be sent has changed since it was shown: look at it again",))
    fields = now_stands.fields
    details = Details(fields.mail_type, fields.website, fields.language, fields.contacts, fields.use_case)
    refused = await control_of(world).put_details(details)
    if isinstance(refused, NotTaken):
        return NotAsked((_said(refused),))
    await world.store.note_access([Line(world.now(), What.ASKED, by, now_stands.digest)])
    return await stand(world)


def _said(refused: NotTaken) -> str:
    return (
        f"AWS did not take it ({refused.why}): {refused.said}. After a refusal answer in the case instead: "
        "franked letter --as case_reply; or ask for the quota by name: franked request quota"
    )


async def raise_quota(name: str, value: float, world: World) -> Increase | NotTaken | None:
    """Through Service Quotas, by name. None: there is no quota of that name. Raises ControlUnreadable."""
    control = control_of(world)
    quota = quota_named(await control.quotas(), name)
    return await control.ask_increase(quota.code, value) if quota else None


async def watch(world: World) -> None:
    """What AWS has said meanwhile is written down. Raises StoreUnavailable."""
    log = await world.store.access_log()
    if world.control is None or asked_at(log) is None or any(line.what is What.GRANTED for line in log):
        return
    try:
        await _note_heard(await world.control.account(), world)
    except ControlUnreadable as error:
        world.log("request_unread", level="warning", why=str(error))


async def _note_heard(account: SesAccount, world: World) -> None:
    line = heard(account, await world.store.access_log(), world.now())
    if line:
        await world.store.note_access([line])
        world.log("request", what=line.what.value, case=line.case_id or None)


async def note_mode(world: World) -> None:
    """Whether what is seen from here on is evidence. Raises StoreUnavailable."""
    line = mode_line(await world.store.access_log(), world.now(), simulated=world.declared.is_rehearsal)
    if line:
        await world.store.note_access([line])


def control_of(world: World) -> Control:
    """Raises ControlUnreadable."""
    if world.control is None:
        raise ControlUnreadable("nothing here asks AWS")
    return world.control
