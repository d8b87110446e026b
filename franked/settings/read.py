"""From a file and the environment to settings, or to everything that is wrong with them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from franked.settings.document import Document, opened
from franked.settings.faults import SettingsFault
from franked.settings.streams import declared
from franked.settings.topics import declared_topics
from franked.settings.unknown import unknown_in_file, unknown_variables
from franked.settings.values import take
from franked.settings.webhooks import declared_webhooks
from franked.settings.whole import SECTIONS, Settings

FILE = "franked.toml"


def located(given: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """The file that applies: the one given, else the one FRANKED_CONFIG names, else franked.toml in `folder`."""
    if given is None and environ.get("FRANKED_CONFIG"):
        return Path(environ["FRANKED_CONFIG"])
    here = folder / FILE
    return given or (here if here.exists() else None)


def read(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Variables win over the file, the file over the defaults. Raises SettingsFault with all that is wrong."""
    document = opened(path) if path else Document()
    taken = {section.field: take(section.settings, document, environ) for section in SECTIONS}
    streams = declared(document, taken["sender"].values["from_"], taken["store"].values["keep_for"])
    faults = [fault for it in taken.values() for fault in it.faults]
    topics = declared_topics(document, streams.by_name, taken["subscriptions"].values["stream"])
    webhooks = declared_webhooks(document, environ, streams.by_name)
    faults += [*streams.faults, *topics.faults, *webhooks.faults]
    faults += [*unknown_in_file(document), *unknown_variables(environ, webhooks.settings)]
    if faults:
        raise SettingsFault(faults)
    tables = {section.field: section.table(**taken[section.field].values) for section in SECTIONS}
    origins = {
        path: origin
        for given in [*(it.origins for it in taken.values()), streams.origins, topics.origins, webhooks.origins]
        for path, origin in given.items()
    }
    settings = Settings(
        **tables, streams=streams.by_name, topics=topics.by_name, webhooks=webhooks.by_name, origins=origins
    )
    return _placed(settings, document.folder)


def _placed(settings: Settings, folder: Path) -> Settings:
    """Paths are relative to the file's own folder, wherever the command was started."""
    ca = settings.checks.website_ca
    return replace(
        settings,
        store=replace(settings.store, directory=folder / settings.store.directory),
        templates=replace(settings.templates, directory=folder / settings.templates.directory),
        checks=replace(settings.checks, website_ca=folder / ca if ca else None),
    )
