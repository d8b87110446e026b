"""The system's Chromium, driven from Python: how a mail or a page looks, and whether everybody can read it."""

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


def found(program: str) -> str | None:
    """A program of the system's that only proofs need. Where it is missing, CI fails, and a developer is warned."""
    path = shutil.which(program)
    if path is None:
        missing = f"{program} is missing, so nothing was proven with it: apt-get install {program}"
        assert not os.environ.get("CI"), missing
        warnings.warn(missing, stacklevel=2)
    return path


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
