"""The verbs that write, as the writer takes them: each with its batch, and whether its results ring the bell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from franked.backends.sql import (
    account,
    alarms,
    approvals,
    brake,
    codes,
    consents,
    deletions,
    factors,
    figures,
    invites,
    keys,
    limits,
    newsletters,
    origins,
    pace,
    suppressions,
    templates,
    tickets,
)
from franked.backends.sql import release as releases
from franked.backends.sql.add import Answer, add
from franked.backends.sql.cancel import cancel
from franked.backends.sql.check import check
from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.erase import erase
from franked.backends.sql.finish import finish
from franked.backends.sql.forget import Forgetting, forget, forget_contents
from franked.backends.sql.release import Release
from franked.backends.sql.replay import put_back
from franked.backends.sql.settle import Settling, settle
from franked.backends.sql.suppressions import Grounded
from franked.backends.sql.sweep import sweep
from franked.backends.sql.take import take
from franked.enquiry import Cancel, Lift, PutBack
from franked.formats.template import TemplateFiles
from franked.record import (
    Added,
    Alarm,
    ApiKey,
    Candidate,
    Finished,
    Haul,
    Heard,
    IdempotencyConflict,
    Issue,
    Issued,
    Moved,
    Rotation,
    Settled,
    Spend,
    Sweep,
    Swept,
    TooMany,
    Wish,
)
from franked.rules.approval import NotNow, Review
from franked.rules.code import Code, Guess, Pressed
from franked.rules.consent import Asked, Confirmation, Statement
from franked.rules.factor import Factor, NewFactor, Proof
from franked.rules.governor import Brake, BrakeRelease
from franked.rules.invite import Invite
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.newsletter import Newsletter, Stretch
from franked.rules.origin import Origin
from franked.rules.pace import Access, LaneWait
from franked.rules.person import AccountDeletion, Erased, Erasure
from franked.rules.rates import AwsRates
from franked.rules.suppression import Suppression
from franked.rules.ticket import Ticket

E = TypeVar("E")
R = TypeVar("R")
Batch = Callable[[Connection, Sequence[E]], list[R]]

Closing = tuple[Lane, LaneWait]
Revoking = tuple[str, int]  # key id, when
Version = tuple[str, str, TemplateFiles]


@dataclass(frozen=True, slots=True)
class AlarmVerbs:
    open_up: Verb[Alarm, bool]
    close: Verb[str, bool]
    claim: Verb[int, list[Alarm]]  # until when
    hear: Verb[Heard, bool]


@dataclass(frozen=True, slots=True)
class Verbs:
    add: Verb[Candidate, Answer]
    take: Verb[Wish, Haul]
    finish: Verb[Finished, Moved]
    settle: Verb[Settling, Settled]
    sweep: Verb[Sweep, Swept]
    release: Verb[Release, int]
    put_back: Verb[PutBack, Moved | None]
    cancel: Verb[Cancel, Moved | None]
    end_leases: Verb[int, int]
    forget: Verb[Forgetting, int]
    forget_contents: Verb[Forgetting, int]
    check: Verb[int, None]
    add_newsletters: Verb[Newsletter, Newsletter | IdempotencyConflict]
    advance_newsletters: Verb[Stretch, bool]
    spend: Verb[Sequence[Spend], bool]
    forget_limits: Verb[tuple[int, int], int]
    suppress: Verb[Grounded, bool]
    import_people: Verb[Origin, bool]
    lift: Verb[Lift, Suppression | None]
    state: Verb[Statement, bool]
    ask_consent: Verb[Asked, None]
    confirm_consent: Verb[Confirmation, Asked | None]
    forget_asked: Verb[tuple[int, int], int]
    learn_access: Verb[Access, Access | None]
    close_lane: Verb[Closing, None]
    add_keys: Verb[ApiKey, None]
    revoke_keys: Verb[Revoking, bool]
    rotate_keys: Verb[Rotation, ApiKey | None]
    keep_invites: Verb[Invite, bool]
    forget_invites: Verb[tuple[int, int], int]  # before when, how many
    keep_templates: Verb[Version, None]
    alarms: AlarmVerbs
    review: Verb[Review, Review | NotNow]
    issue: Verb[Issue, Issued | TooMany]
    guess: Verb[Guess, Code | None]
    press: Verb[Pressed, Code | None]
    claim: Verb[Pressed, Code | None]
    forget_codes: Verb[codes.Forgetting, int]
    enrol: Verb[NewFactor, bool]
    prove: Verb[Proof, Factor | None]
    remove_factors: Verb[str, bool]
    keep_tickets: Verb[Ticket, bool]
    forget_tickets: Verb[tuple[int, int], int]  # before when, how many
    erase: Verb[Erasure, Erased]
    delete_accounts: Verb[AccountDeletion, int]
    reopen_accounts: Verb[str, bool]
    govern: Verb[bool, Brake]
    release_brake: Verb[BrakeRelease, Brake | None]
    learn_aws_rates: Verb[AwsRates, Brake]
    be_careful: Verb[datetime, None]
    forget_figures: Verb[tuple[int, int], int]


def verbs_of(desk: Desk) -> Verbs:
    """The verbs at one desk."""

    def at_desk(run: Callable[[Connection, Sequence[E], Desk], list[R]]) -> Batch[E, R]:
        return lambda conn, elements: run(conn, elements, desk)

    return Verbs(
        add=Verb(at_desk(add), rings=_is_queued),
        take=Verb(at_desk(take)),
        finish=Verb(at_desk(finish), rings=_is_back),
        settle=Verb(at_desk(settle)),
        sweep=Verb(at_desk(sweep), rings=_has_queued),
        release=Verb(at_desk(releases.release), rings=bool),
        put_back=Verb(at_desk(put_back), rings=_is_put_back),
        cancel=Verb(at_desk(cancel)),
        end_leases=Verb(_each(releases.end_leases)),
        forget=Verb(_each(forget)),
        forget_contents=Verb(_each(forget_contents)),
        check=Verb(_each(check)),
        add_newsletters=Verb(at_desk(newsletters.add)),
        advance_newsletters=Verb(newsletters.advance),
        spend=Verb(lambda conn, asked: limits.spend(conn, [(spends, desk.now()) for spends in asked])),
        forget_limits=Verb(_each(lambda conn, past: limits.forget_ended(conn, *past))),
        suppress=Verb(lambda conn, new: suppressions.suppress(conn, new, desk.now(), desk)),
        import_people=Verb(at_desk(origins.add)),
        lift=Verb(lambda conn, lifts: suppressions.lift(conn, lifts, desk.now(), desk)),
        state=Verb(at_desk(consents.state)),
        ask_consent=Verb(_nothing(lambda conn, new: consents.ask(conn, new, desk))),
        confirm_consent=Verb(at_desk(consents.confirm)),
        forget_asked=Verb(_each(lambda conn, asked: consents.forget_asked(conn, *asked))),
        learn_access=Verb(_each(account.learn), rings=_always),
        close_lane=Verb(_each(pace.close_one), rings=_always),
        add_keys=Verb(_nothing(keys.add)),
        revoke_keys=Verb(keys.revoke),
        rotate_keys=Verb(keys.rotate),
        keep_invites=Verb(at_desk(invites.keep)),
        forget_invites=Verb(_each(lambda conn, past: invites.forget(conn, *past))),
        keep_templates=Verb(_nothing(templates.keep)),
        alarms=_of_alarms(desk),
        review=Verb(approvals.review),
        issue=Verb(at_desk(codes.issue), rings=_is_issued),
        guess=Verb(at_desk(codes.guess)),
        press=Verb(at_desk(codes.press)),
        claim=Verb(at_desk(codes.claim)),
        forget_codes=Verb(_each(codes.forget)),
        enrol=Verb(at_desk(factors.enrol)),
        prove=Verb(at_desk(factors.prove)),
        remove_factors=Verb(factors.remove),
        keep_tickets=Verb(at_desk(tickets.keep)),
        forget_tickets=Verb(_each(lambda conn, past: tickets.forget(conn, *past))),
        erase=Verb(at_desk(erase)),
        delete_accounts=Verb(at_desk(deletions.delete_accounts)),
        reopen_accounts=Verb(deletions.reopen),
        govern=Verb(_each(lambda conn, _: brake.govern(conn, desk)), rings=_always),
        release_brake=Verb(at_desk(brake.release), rings=bool),
        learn_aws_rates=Verb(_each(lambda conn, rates: brake.learn_aws(conn, rates, desk))),
        be_careful=Verb(_each(brake.be_careful)),
        forget_figures=Verb(_each(lambda conn, past: figures.forget(conn, *past))),
    )


def _of_alarms(desk: Desk) -> AlarmVerbs:
    return AlarmVerbs(
        open_up=Verb(alarms.open_up),
        close=Verb(lambda conn, keys: alarms.close(conn, keys, desk.now())),
        claim=Verb(_each(lambda conn, until: alarms.claim(conn, desk.now(), until))),
        hear=Verb(alarms.hear),
    )


def _each(run: Callable[[Connection, E], R]) -> Batch[E, R]:
    return lambda conn, elements: [run(conn, element) for element in elements]


def _nothing(run: Callable[[Connection, Sequence[E]], None]) -> Batch[E, None]:
    def batch(conn: Connection, elements: Sequence[E]) -> list[None]:
        run(conn, elements)
        return [None] * len(elements)

    return batch


def _is_queued(answer: Answer) -> bool:
    return isinstance(answer, Added) and answer.state is State.QUEUED and not answer.repeated


def _is_issued(answer: Issued | TooMany) -> bool:
    return isinstance(answer, Issued) and answer.is_new


def _is_back(answer: Moved) -> bool:
    return answer.moved and answer.state is State.QUEUED


def _is_put_back(answer: Moved | None) -> bool:
    return answer is not None and answer.moved


def _has_queued(swept: Swept) -> bool:
    return bool(swept.requeued or swept.resent or swept.released)


def _always(answer: object) -> bool:
    return True
