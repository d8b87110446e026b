"""Templates from a folder: read at start, read again when a file changes, each version on the store's shelf."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from franked.backends.logs import Log
from franked.formats.template import Template, TemplateFault, TemplateFiles, parse
from franked.rules.content import Content
from franked.rules.stream import Stream
from franked.store import StoreUnavailable

Stamp = tuple[tuple[str, int, int], ...]  # (file name, mtime in ns, size) of each file of a template


class TemplateShelf(Protocol):
    """The two verbs of the store that a template needs."""

    async def keep_templates(self, versions: Sequence[tuple[str, str, TemplateFiles]]) -> None: ...

    async def template_files(self, versions: Sequence[str]) -> list[TemplateFiles | None]: ...


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading one folder gave."""

    stamp: Stamp
    found: Template | TemplateFault


class FileTemplates:
    """ports.Templates. A version is kept by the store before `current` hands it out: what a message is pinned to can
    be loaded on any machine, after any change."""

    def __init__(self, directory: Path, default_locale: str, shelf: TemplateShelf, log: Log | None = None) -> None:
        self._directory = directory
        self._default_locale = default_locale
        self._shelf = shelf
        self._log = log or structlog.get_logger().info
        self._seen: dict[str, _Read] = {}  # as last read, broken ones too
        self._current: dict[str, Template] = {}
        self._versions: dict[str, Template] = {}

    async def open(self) -> None:
        """Read all. Faults are told by `faults`; StoreUnavailable is raised."""
        await self._read_changed()

    async def refresh(self) -> None:
        """Read what changed. Called every second; a broken version is logged and the one before it stays."""
        try:
            await self._read_changed()
        except StoreUnavailable:
            self._log("templates_not_kept", level="warning")  # read again next time

    def current(self, name: str) -> Template | None:
        return self._current.get(name)

    async def load(self, version: str) -> Template | None:
        if known := self._versions.get(version):
            return known
        [files] = await self._shelf.template_files([version])
        if files is None:
            return None
        try:
            self._versions[version] = parse(version, files, self._default_locale)
        except TemplateFault as fault:
            self._log("template_broken", level="error", version=version, fault=str(fault))
            return None
        return self._versions[version]

    def faults(self) -> list[str]:
        """One sentence for each template that can't be used as it stands in the folder."""
        return [f"{name}/{read.found}" for name, read in self._seen.items() if isinstance(read.found, TemplateFault)]

    def missed_by(self, streams: Iterable[Stream]) -> list[str]:
        """One sentence for each stream whose mail can't be written with what stands in the folder."""
        return [f"{one.template}: {why}" for one in streams if (why := self._missed_by(one))]

    def _missed_by(self, stream: Stream) -> str | None:
        if stream.content is not Content.TEMPLATE:
            return None
        found = self.current(stream.template)
        if found is None:
            is_told = any(fault.startswith(f"{stream.template}/") for fault in self.faults())
            return None if is_told else f"there is no such template, and the stream {stream.name!r} needs it"
        if stream.codes and not {*found.variables, *found.optional} & {"code", "url"}:
            return f"it shows neither `code` nor `url`, and the stream {stream.name!r} sends codes"
        return None

    async def _read_changed(self) -> None:
        there, read = await asyncio.to_thread(_changes, self._directory, self._stamps(), self._default_locale)
        fresh = {name: one.found for name, one in read.items() if isinstance(one.found, Template)}
        if fresh:
            await self._shelf.keep_templates([(name, new.version, new.files) for name, new in fresh.items()])
        for name in self._seen.keys() - there:
            self._seen.pop(name)
            self._current.pop(name, None)
        self._seen |= read
        self._current |= fresh
        self._versions |= {new.version: new for new in fresh.values()}
        for name, one in read.items():
            if isinstance(one.found, TemplateFault):
                self._log("template_broken", level="error", template=name, fault=str(one.found))

    def _stamps(self) -> Mapping[str, Stamp]:
        return {name: read.stamp for name, read in self._seen.items()}


def read_folder(directory: Path, default_locale: str) -> list[Template | TemplateFault]:
    """Every template as it stands there; a fault's file is told below the folder."""
    _, read = _changes(directory, {}, default_locale)
    return [
        TemplateFault(f"{name}/{found.file}" if "/" not in found.file else found.file, found.line, found.sentence)
        if isinstance(found := one.found, TemplateFault)
        else found
        for name, one in sorted(read.items())
    ]


def _changes(directory: Path, known: Mapping[str, Stamp], default_locale: str) -> tuple[set[str], dict[str, _Read]]:
    """The names of all templates there are, and those whose files, or the layouts', are not as they were."""
    folders = _folders(directory)
    layouts = [folder for folder in folders if folder.name.startswith("_")]
    around = tuple(one for folder in layouts for one in _stamp(folder))
    stamps = {folder.name: stamp + around for folder in folders if folder not in layouts and (stamp := _stamp(folder))}
    changed = [name for name, stamp in stamps.items() if stamp != known.get(name)]
    read = {name: _Read(stamps[name], _read(directory / name, layouts, default_locale)) for name in changed}
    return set(stamps), read


def _folders(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))


def _files(folder: Path) -> list[Path]:
    """Template files only: an editor leaves others beside them."""
    return sorted(p for p in folder.iterdir() if p.suffix in (".html", ".txt") and not p.name.startswith("."))


def _stamp(folder: Path) -> Stamp:
    """Empty for a folder that has no template files, or is gone by now."""
    try:
        stats = [(f"{folder.name}/{path.name}", path.stat()) for path in _files(folder)]
    except FileNotFoundError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _read(folder: Path, layouts: Sequence[Path], default_locale: str) -> Template | TemplateFault:
    try:
        own = {path.name: _text(path) for path in _files(folder)}
        around = {f"{layout.name}/{path.name}": _text(path) for layout in layouts for path in _files(layout)}
        return parse(folder.name, own | around, default_locale)
    except TemplateFault as fault:
        return fault


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateFault(path.name, None, f"can't be read as UTF-8 ({type(error).__name__})") from None
