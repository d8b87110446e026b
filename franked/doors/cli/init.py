"""`franked init`: a new product's settings and mails, which work at once and are yours to change."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import typer
from rich.console import Console

from franked import ready
from franked.doors.cli.start import Unusable, said
from franked.settings import SettingsFault, read


@dataclass(frozen=True, slots=True)
class Asked:
    """The options; None where nothing was said."""

    name: str | None
    website: str | None
    domain: str | None
    postal_address: str | None
    region: str | None
    languages: str | None
    mails: str | None
    admin: str | None


def init(folder: Path, asked: Asked) -> int:
    return said(lambda: _init(folder, asked))


def _init(folder: Path, asked: Asked) -> int:
    for there in (folder / "franked.toml", folder / "mail"):
        if there.exists() or there.is_symlink():
            raise Unusable(f"{there} is there already, and nothing is written over: choose another folder")
    files = ready.written(_answered(asked))
    _refuse_wrong(files["franked.toml"])
    try:
        for path, text in files.items():
            _write(folder / path, text)
    except OSError as error:
        raise Unusable(f"{error.filename or folder}: {error.strerror or error}") from error
    _tell(folder, len(files))
    return 0


def _answered(asked: Asked) -> ready.Wished:
    """From the options; the rest from a person at a terminal. Raises Unusable where there is none."""
    ask = _asking() if sys.stdin.isatty() else _refusing(asked)
    name = asked.name or ask("name", "The product's name, as readers know it", None)
    website = asked.website or ask("website", "Its website", "https://example.com")
    domain = asked.domain or ask("domain", "The domain that its mail comes from", urlsplit(website).hostname)
    return ready.Wished(
        name=name.strip(),
        website=website.strip(),
        domain=domain.strip().lower(),
        postal_address=(asked.postal_address or ask("postal-address", "Your postal address", None)).strip(),
        region=(asked.region or ask("region", "The AWS Region that sends", "eu-central-1")).strip(),
        languages=_chosen("languages", asked.languages or ask("languages", "Languages", "en,de"), ready.LANGUAGES),
        mails=_chosen("mails", asked.mails or ask("mails", "Kinds of mail", ",".join(ready.mails())), ready.mails()),
        admin=asked.admin,
    )


Ask = Callable[[str, str, str | None], str]


def _asking() -> Ask:
    return lambda _, question, default: str(typer.prompt(question, default=default, err=True))


def _refusing(asked: Asked) -> Ask:
    """Without a terminal nobody is asked: what must be said is told at once, the rest has its default."""
    needed = {
        "name": asked.name,
        "website": asked.website,
        "domain": asked.domain,
        "postal-address": asked.postal_address,
    }
    if missing := [f"--{option}" for option, value in needed.items() if value is None]:
        raise Unusable(f"nobody is here to be asked: say {', '.join(missing)}")
    return lambda option, _, default: default or f"--{option}"


def _chosen(option: str, given: str, known: Sequence[str]) -> list[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise Unusable(f"--{option}: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    if not names:
        raise Unusable(f"--{option}: name at least one of {', '.join(known)}")
    return list(dict.fromkeys(names))


def _refuse_wrong(settings: str) -> None:
    """Read as they will be, before anything is written."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "franked.toml"
        file.write_text(settings, encoding="utf-8")
        try:
            read(file, {})
        except SettingsFault as fault:
            raise Unusable(f"{str(fault).replace(f'{folder}/', '')}\nNothing was written.") from None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:  # x: never over another
        file.write(text)


def _tell(folder: Path, count: int) -> None:
    out = Console(emoji=False, highlight=False, soft_wrap=True)
    out.print(
        f"{count} files are in {folder.absolute()}: franked.toml, and the mails in mail/. Change what you like.\n"
    )
    if folder != Path():
        out.print(f"  cd {folder}", markup=False)
    out.print("  franked up               start, with a simulated SES account: nothing leaves this machine")
    out.print("  franked templates lint   what a reviewer would ask about the mails")
