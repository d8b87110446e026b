"""DMARC (RFC 7489): where the record of a From domain stands, and whether it says something that holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from franked.rules.dns import Answer, Found
from franked.rules.domain.lines import remark, txt_line
from franked.rules.domain.opinion import Opinion, shown
from franked.rules.domain.organisation import organisational
from franked.rules.domain.tags import Tags, folded, tags_of
from franked.rules.finding import Status

POLICIES = ("none", "quarantine", "reject")
_MODES = {"r", "s"}
_KEPT = ("sp", "adkim", "aspf", "pct", "rua", "ruf", "fo", "ri")


@dataclass(frozen=True, slots=True)
class Policy:
    """What applies to a From domain. `at`: the domain below whose `_dmarc` it stands."""

    at: str
    tags: Tags

    def applied(self, domain: str) -> str:
        """none, quarantine or reject: to mail from this domain."""
        policy = self.tags.get("p").casefold()
        return policy if domain == self.at else self.tags.get("sp", policy).casefold()

    def is_strict(self, tag: str) -> bool:
        return self.tags.get(tag).casefold() == "s"

    def with_tags(self, **tags: str) -> str:
        """The line of this record with some tags put right."""
        return txt_line(name_at(self.at), _spelled({**self.tags.by_name, **tags}))


def name_at(domain: str) -> str:
    return f"_dmarc.{domain}"


def places(domain: str) -> list[str]:
    """Where receivers look, in order: at the From domain, then at what was registered."""
    return list(dict.fromkeys([domain.casefold(), organisational(domain)]))


def records_of(answer: Answer) -> list[str]:
    """Those that receivers take for DMARC at all."""
    return [text for text in answer.records if _is_dmarc(text)] if isinstance(answer, Found) else []


def near_misses(answer: Answer) -> list[str]:
    """Those that were meant so."""
    found = answer.records if isinstance(answer, Found) else ()
    return [text for text in found if "dmarc1" in text.casefold() and not _is_dmarc(text)]


def policy_of(at: str, texts: Sequence[str]) -> Policy | None:
    """None: none holds there."""
    tags = _tags(texts[0]) if len(texts) == 1 else None
    return Policy(at, tags) if tags and not fault_of(tags) else None


def judge_record(at: str, texts: Sequence[str], domain: str) -> Opinion:
    """`texts`: all DMARC records there, at least one."""
    if len(texts) > 1:
        found = f"{name_at(at)} has {len(texts)} DMARC records; receivers then take none."
        return Opinion(Status.WRONG, found, (_mended(at, texts[0]), remark("and take away every other DMARC record")))
    tags = _tags(texts[0])
    if fault := fault_of(tags):
        return Opinion(
            Status.WRONG, f"The DMARC record at {name_at(at)} does not hold: {fault}.", (_mended(at, texts[0]),)
        )
    applied = Policy(at, tags).applied(domain)
    return Opinion(Status.OK, f"One DMARC record stands at {name_at(at)}; for {domain} it says {applied}.")


def judge_near_miss(at: str, text: str) -> Opinion:
    found = f"The record at {name_at(at)} does not begin with v=DMARC1, so receivers pass it over."
    return Opinion(Status.WRONG, found, (_mended(at, text),))


def judge_absence(domain: str, stands_at: Sequence[str], reports_to: str) -> Opinion:
    """`stands_at`: names at which one was found though nobody looks there."""
    organisation = organisational(domain)
    line = (fresh(organisation, reports_to),)
    if stands_at:
        found = f"The DMARC record stands at {stands_at[0]}, where nobody looks for that of {domain}."
        return Opinion(Status.WRONG, found, line)
    looked = " nor ".join(map(name_at, places(domain)))
    return Opinion(Status.MISSING, f"There is no DMARC record at {looked}.", line)


def fresh(at: str, reports_to: str) -> str:
    """Reports go only to an address of the same organisation: any other has to agree in DNS first."""
    is_ours = organisational(reports_to.rpartition("@")[2]) == organisational(at)
    rua = {"rua": f"mailto:{reports_to}"} if reports_to and is_ours else {}
    return txt_line(name_at(at), _spelled({"p": "none", **rua}))


def fault_of(tags: Tags) -> str:
    """A sentence's end; "" where it holds."""
    if tags.fault:
        return tags.fault
    if "p" not in tags.by_name:
        return "it has no p="
    for name in ("p", "sp"):
        if name in tags.by_name and tags.get(name).casefold() not in POLICIES:
            return f"{name}={shown(tags.get(name), 20)} is none of {', '.join(POLICIES)}"
    for name in _KEPT:
        if name in tags.by_name and not _holds(name, tags.get(name)):
            return f"{name}={shown(tags.get(name), 40)} says nothing"
    return ""


def _holds(name: str, value: str) -> bool:
    match name:
        case "sp":
            return value.casefold() in POLICIES
        case "adkim" | "aspf":
            return value.casefold() in _MODES
        case "pct":
            return value.isascii() and value.isdecimal() and len(value) <= 3 and int(value) <= 100
        case "rua" | "ruf":
            return all(one.strip().casefold().startswith("mailto:") and "@" in one for one in value.split(","))
        case "ri":
            return value.isascii() and value.isdecimal()
        case _:
            return bool(value)


def _mended(at: str, text: str) -> str:
    """The same record with what held of it."""
    said = _tags(text).by_name
    policy = said.get("p", "").casefold()
    kept = {name: said[name] for name in _KEPT if name in said and _holds(name, said[name])}
    return txt_line(name_at(at), _spelled({"p": policy if policy in POLICIES else "none", **kept}))


def _spelled(tags: dict[str, str]) -> str:
    return "; ".join(["v=DMARC1", *(f"{name}={value}" for name, value in tags.items() if name != "v")])


def _tags(text: str) -> Tags:
    """Here a name's case says nothing."""
    return folded(tags_of(text))


def _is_dmarc(text: str) -> bool:
    name, _, value = text.partition(";")[0].partition("=")
    return name.strip() == "v" and value.strip() == "DMARC1"
