"""Every ready mail in every language, rendered with its sample, as a reader gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from franked import ready
from franked.formats.template import NO_LINKS, Rendered, parse
from franked.rules.stream import Stream
from franked.settings import read

WISHED = ready.Wished(
    name="Example Backup",
    website="https://backup.example.com",
    domain="backup.example.com",
    postal_address="Example Backup Ltd, 1 Sample Street, 8000 Zurich",
    region="eu-central-1",
    languages=ready.LANGUAGES,
    mails=ready.mails(),
    admin=None,
)
SENDER = {"name": WISHED.name, "website": WISHED.website, "postal_address": WISHED.postal_address}
LINKS = {use: f"https://mail.example.com/u/{use}/sample" for use in NO_LINKS}


@dataclass(frozen=True, slots=True)
class ReadyMail:
    stream: Stream
    locale: str
    sample: Mapping[str, object]
    rendered: Rendered

    @property
    def name(self) -> str:
        return f"{self.stream.name}-{self.locale}"


def ready_mails(folder: Path) -> list[ReadyMail]:
    """As `franked init` writes them into `folder`."""
    files = ready.written(WISHED)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    streams = read(folder / "franked.toml", {}).streams.values()
    return [_mail(stream, locale, files) for stream in streams for locale in ready.LANGUAGES]


def _mail(stream: Stream, locale: str, files: Mapping[str, str]) -> ReadyMail:
    own, layout = f"mail/{stream.template}/", f"mail/{ready.LAYOUT}/"
    template = parse(
        stream.template,
        {
            path.removeprefix(own).removeprefix("mail/"): text
            for path, text in files.items()
            if path.startswith((own, layout))
        },
        "en",
    )
    links = LINKS if stream.topic else {"why": LINKS["why"]}
    sample = template.sample(locale)
    return ReadyMail(stream, locale, sample, template.render(sample, locale, SENDER, links))
