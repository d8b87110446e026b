"""Templates in a folder: a change goes live, a mistake does not, and what a message was pinned to stays."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from franked.backends.templates import FileTemplates
from franked.formats.template import TemplateFiles
from franked.ports import Templates
from franked.store import StoreUnavailable

GOOD = '+++\nsubject = "Hello"\nvariables = ["name"]\n+++\nHello {{ name }}\n'
BETTER = GOOD.replace("Hello {{", "Good day {{")
BROKEN = GOOD.replace("{{ name }}", "{{ nmae }}")


class Shelf:
    """Keeps versions, and remembers in which order things happened."""

    def __init__(self) -> None:
        self.kept: dict[str, TemplateFiles] = {}
        self.names: list[str] = []
        self.is_full = False

    async def keep_templates(self, versions: Sequence[tuple[str, str, TemplateFiles]]) -> None:
        if self.is_full:
            raise StoreUnavailable("disk full")
        for name, version, files in versions:
            self.names.append(name)
            self.kept.setdefault(version, files)

    async def template_files(self, versions: Sequence[str]) -> list[TemplateFiles | None]:
        return [self.kept.get(version) for version in versions]


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def __call__(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def templates(tmp_path: Path, shelf: Shelf, log: Log) -> FileTemplates:
    return FileTemplates(tmp_path, "en", shelf, log)


def write(folder: Path, text: str, file: str = "en.txt") -> None:
    """As an editor does; the time moves on, whatever the file system's grain."""
    folder.mkdir(exist_ok=True)
    path = folder / file
    before = path.stat().st_mtime if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, (before + 2, before + 2))


def said(templates: Templates, name: str) -> str:
    template = templates.current(name)
    assert template is not None
    return template.render({"name": "Ana"}, "en", {}).text


async def test_all_folders_are_read_at_start_and_kept_before_they_are_used(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    write(tmp_path / "other", BETTER)
    (tmp_path / ".git").mkdir()
    (tmp_path / "drafts").mkdir()
    await templates.open()
    assert said(templates, "hello") == "Hello Ana\n"
    assert shelf.names == ["hello", "other"]
    assert templates.current("drafts") is None
    assert templates.faults() == []


async def test_a_folder_that_is_not_there_has_no_templates(shelf: Shelf, tmp_path: Path) -> None:
    templates = FileTemplates(tmp_path / "nowhere", "en", shelf)
    await templates.open()
    assert templates.current("hello") is None


async def test_a_changed_file_goes_live_and_the_old_version_stays_for_who_was_pinned_to_it(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    pinned = templates.current("hello")
    assert pinned is not None
    write(tmp_path / "hello", BETTER)
    await templates.refresh()
    assert said(templates, "hello") == "Good day Ana\n"
    assert await templates.load(pinned.version) is pinned
    assert len(shelf.kept) == 2


async def test_nothing_is_read_again_while_nothing_changes(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    await templates.refresh()
    assert shelf.names == ["hello"]


async def test_a_broken_change_is_logged_once_and_the_version_before_it_stays(
    templates: FileTemplates, log: Log, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    write(tmp_path / "hello", BROKEN)
    await templates.refresh()
    await templates.refresh()
    assert said(templates, "hello") == "Hello Ana\n"
    assert templates.faults() == ["hello/en.txt, line 5: the variable 'nmae' is used, but not declared"]
    assert [(event, fields["template"]) for event, fields in log.lines] == [("template_broken", "hello")]
    write(tmp_path / "hello", BETTER)
    await templates.refresh()
    assert said(templates, "hello") == "Good day Ana\n"
    assert templates.faults() == []


async def test_start_names_every_template_that_is_broken(templates: FileTemplates, tmp_path: Path) -> None:
    write(tmp_path / "a", BROKEN)
    write(tmp_path / "b", GOOD)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "en.txt").write_bytes(b"\xff\xfe")
    await templates.open()
    assert [fault.partition(",")[0].partition(":")[0] for fault in templates.faults()] == ["a/en.txt", "c/en.txt"]
    assert templates.current("a") is None
    assert said(templates, "b") == "Hello Ana\n"


async def test_what_an_editor_leaves_beside_a_template_is_not_read(templates: FileTemplates, tmp_path: Path) -> None:
    write(tmp_path / "hello", GOOD)
    for beside in (".en.txt.swp", "en.txt~", "notes.md", "._en.txt"):
        write(tmp_path / "hello", BROKEN, beside)
    await templates.open()
    assert templates.faults() == []


async def test_a_removed_template_is_gone_but_its_versions_load(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    [version] = shelf.kept
    (tmp_path / "hello" / "en.txt").unlink()
    await templates.refresh()
    assert templates.current("hello") is None
    assert await templates.load(version) is not None


async def test_another_machine_loads_a_version_it_never_had_in_its_folder(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    [version] = shelf.kept
    worker = FileTemplates(tmp_path / "nowhere", "en", shelf)
    loaded = await worker.load(version)
    assert loaded is not None
    assert loaded.version == version
    assert loaded.render({"name": "Ana"}, "en", {}).text == "Hello Ana\n"
    assert await worker.load(version) is loaded
    assert await worker.load("0" * 32) is None


async def test_a_version_that_can_not_be_kept_is_not_handed_out(
    templates: FileTemplates, shelf: Shelf, log: Log, tmp_path: Path
) -> None:
    write(tmp_path / "hello", GOOD)
    await templates.open()
    write(tmp_path / "hello", BETTER)
    shelf.is_full = True
    await templates.refresh()
    assert said(templates, "hello") == "Hello Ana\n"
    assert [event for event, _ in log.lines] == ["templates_not_kept"]
    shelf.is_full = False
    await templates.refresh()
    assert said(templates, "hello") == "Good day Ana\n"


LAID_OUT = GOOD.replace("Hello {{", "{% extends '_layout' %}{% block body %}Hello {{").rstrip() + "{% endblock %}\n"


async def test_a_layout_that_changes_makes_a_new_version_of_each_template_that_uses_it(
    templates: FileTemplates, shelf: Shelf, tmp_path: Path
) -> None:
    """What is pinned to the old version keeps the old layout."""
    write(tmp_path / "hello", LAID_OUT)
    write(tmp_path / "other", GOOD)
    write(tmp_path / "_layout", "{% block body %}{% endblock %} – one")
    await templates.open()
    assert said(templates, "hello") == "Hello Ana – one\n"
    old, other = templates.current("hello"), templates.current("other")
    assert old is not None
    assert other is not None
    write(tmp_path / "_layout", "{% block body %}{% endblock %} – number two")
    await templates.refresh()
    assert said(templates, "hello") == "Hello Ana – number two\n"
    assert templates.current("_layout") is None
    worker = await FileTemplates(tmp_path / "nowhere", "en", shelf).load(old.version)
    assert worker is not None
    assert worker.render({"name": "Ana"}, "en", {}).text == "Hello Ana – one\n"
    assert (after := templates.current("other")) is not None
    assert after.version == other.version
