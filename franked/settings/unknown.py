"""What nobody reads is refused: a misspelled setting would look as if it applied."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from franked.settings.document import Document
from franked.settings.faults import Fault, meant
from franked.settings.lines import Keys
from franked.settings.setting import Setting
from franked.settings.values import variables
from franked.settings.whole import SECTIONS

PREFIX = "FRANKED_"
OTHERS = {"FRANKED_CONFIG", "FRANKED_URL", "FRANKED_KEY"}  # the file's name; where a client goes, and as whom
_TOP = {section.path for section in SECTIONS if "." not in section.path} | {"streams", "topics", "webhooks"}


def unknown_in_file(document: Document) -> Iterator[Fault]:
    for name in document.values:
        if name not in _TOP:
            yield document.fault((name,), f"[{name}]: there is no such section{meant(name, _TOP, '[{}]')}")
    for keys in [("streams",), ("topics",), ("webhooks",), *(section.keys for section in SECTIONS)]:
        if not isinstance(document.said(keys), Mapping | None):
            yield document.fault(keys, f"{'.'.join(keys)} is a section: write [{'.'.join(keys)}]")
    for section in SECTIONS:
        yield from unknown_keys(section.keys, {*_names(section.path)}, document)


def unknown_keys(keys: Keys, known: Collection[str], document: Document) -> Iterator[Fault]:
    for name in document.table(keys):
        if name not in known:
            hint = meant(name, known) or f"; there are {', '.join(sorted(known))}"
            yield document.fault((*keys, name), f"[{'.'.join(keys)}] {name}: there is no such setting{hint}")


def unknown_variables(environ: Mapping[str, str], of_webhooks: Sequence[Setting] = ()) -> Iterator[Fault]:
    known = variables([*(setting for section in SECTIONS for setting in section.settings), *of_webhooks]) | OTHERS
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name not in known):
        if name.startswith((f"{PREFIX}STREAMS_", f"{PREFIX}TOPICS_")):
            yield Fault(name, "streams and topics are declared in the file only")
        else:
            yield Fault(name, f"there is no such setting{meant(name, known)}")


def _names(path: str) -> Iterator[str]:
    """The settings of a section, and the sections inside it."""
    for section in SECTIONS:
        if section.path == path:
            yield from (setting.name for setting in section.settings)
        elif section.path.startswith(f"{path}."):
            yield section.path.removeprefix(f"{path}.")
