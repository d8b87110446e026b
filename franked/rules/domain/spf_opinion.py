"""What is to be said of a domain's SPF, once it was walked."""

from collections.abc import Sequence

from franked.rules.domain.lines import remark, txt_line
from franked.rules.domain.mail_from import SPF
from franked.rules.domain.opinion import Opinion, shown, unknown
from franked.rules.domain.spf import VERSION
from franked.rules.domain.spf_walk import MOST_LOOK_UPS, MOST_VOID, SES, Tally
from franked.rules.finding import Status

_LONGEST_FIX = 1000


def judge_path(mail_from: str, tally: Tally) -> Opinion:
    """Of the domain that SES sends from: it says that SES may."""
    fresh = (txt_line(mail_from, SPF),)
    if len(tally.texts) > 1:
        found = f"{mail_from} has {len(tally.texts)} SPF records; receivers then take none."
        only = remark(f"and take away every other TXT of {mail_from} that begins with {VERSION}")
        return Opinion(Status.WRONG, found, (txt_line(mail_from, merged(tally.texts, SES)), only))
    if not tally.texts:
        return _judge_absence(mail_from, tally, fresh)
    if faults := faults_of(tally):
        return Opinion(Status.WRONG, f"The SPF of {mail_from} does not hold: {'; '.join(faults)}.", fresh)
    if tally.lets_ses:
        costs = f"{tally.look_ups} of {MOST_LOOK_UPS} look-ups"
        return _silent(tally) or Opinion(Status.OK, f"{mail_from} has one SPF record that lets SES send ({costs}).")
    with_ses = txt_line(mail_from, merged(tally.texts, SES))
    return _silent(tally) or Opinion(
        Status.WRONG, f"The SPF of {mail_from} does not let SES send: it has no include:{SES}.", (with_ses,)
    )


def judge_own(domain: str, tally: Tally) -> Opinion:
    """Of a From domain: SES needs none there, but one that is broken hurts its other mail."""
    if len(tally.texts) > 1:
        found = f"{domain} has {len(tally.texts)} SPF records; receivers then take none."
        return Opinion(Status.WRONG, found, (txt_line(domain, merged(tally.texts)),))
    if not tally.texts:
        return _silent(tally) or Opinion(Status.OK, f"{domain} has no SPF record, and needs none for SES.")
    if faults := faults_of(tally):
        mend = remark(f"mend the TXT of {domain} that begins with {VERSION}: {'; '.join(faults)}")
        return Opinion(Status.WRONG, f"The SPF of {domain} does not hold: {'; '.join(faults)}.", (mend,))
    return _silent(tally) or Opinion(Status.OK, f"{domain} has one SPF record ({tally.look_ups} look-ups).")


def faults_of(tally: Tally) -> list[str]:
    faults = [shown(fault) for fault in tally.faults]
    if tally.look_ups > MOST_LOOK_UPS:
        faults.append(f"it needs {tally.look_ups} look-ups, and receivers stop at {MOST_LOOK_UPS}")
    if tally.voids > MOST_VOID:
        faults.append(f"{tally.voids} of its look-ups find nothing, and receivers stop at {MOST_VOID}")
    if tally.lets_all:
        faults.append("it lets everybody send (+all)")
    return faults


def merged(texts: Sequence[str], *includes: str) -> str:
    """One record of all: each term once, SES's first, and a soft no to everybody else."""
    words = [f"include:{name}" for name in includes]
    words += [word for text in texts for word in text.split(" ")[1:] if word and not _ends(word)]
    kept = " ".join(dict.fromkeys(words))
    return f"{VERSION} {kept} ~all" if kept and len(kept) < _LONGEST_FIX else SPF


def _ends(word: str) -> bool:
    return word.casefold().lstrip("+?~-") == "all" or word.casefold().startswith("redirect=")


def _judge_absence(mail_from: str, tally: Tally, fresh: tuple[str, ...]) -> Opinion:
    if tally.near:
        found = f"A TXT record of {mail_from} is meant as SPF, and does not begin with {VERSION}."
        return Opinion(Status.WRONG, found, fresh)
    return _silent(tally) or Opinion(Status.MISSING, f"{mail_from} has no SPF record.", fresh)


def _silent(tally: Tally) -> Opinion | None:
    return unknown(*tally.silent) if tally.silent else None
