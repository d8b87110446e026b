"""What is different between two versions of a template, file by file, as a unified diff."""

from collections.abc import Iterator
from difflib import unified_diff

from franked.formats.template import TemplateFiles


def difference(before: TemplateFiles, after: TemplateFiles) -> str:
    """Empty where nothing is."""
    return "".join(line for file in sorted({*before, *after}) for line in _of_file(file, before, after))


def _of_file(file: str, before: TemplateFiles, after: TemplateFiles) -> Iterator[str]:
    old, new = before.get(file), after.get(file)
    names = file if old is not None else "/dev/null", file if new is not None else "/dev/null"
    for line in unified_diff((old or "").splitlines(keepends=True), (new or "").splitlines(keepends=True), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
