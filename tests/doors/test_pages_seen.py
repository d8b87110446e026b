"""The pages behind links, as everybody has to be able to read them: axe in a real browser, in light and in dark."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from franked import ready
from tests.browser import chromium, found
from tests.commandline import up
from tests.readymade import ready_mails
from tests.screenshots import pages

_ANY_PORT = {"FRANKED_SERVER_PORT": "0", "FRANKED_SIMULATOR_PORT": "0"}


def test_axe_finds_nothing_serious_on_any_page(tmp_path: Path) -> None:
    program = found("chromium")
    if program is None:
        return
    product = tmp_path / "product"
    ready_mails(product)
    with chromium(program) as browser, up(product, **_ANY_PORT) as running:
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
            for name, path in pages(product).items():
                for language in ready.LANGUAGES:
                    page.goto(f"{running.url}{path}?lang={language}")
                    assert page.title()
                    assert _serious(page) == [], (name, language, scheme)
        page = browser.new_page()
        page.set_content("<html><body><img src='x'><p style='color:#eee;background:#fff'>pale</p></body></html>")
        assert {"image-alt", "color-contrast"} <= set(_serious(page))  # it does look


def _serious(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [str(one["id"]) for one in violations if one["impact"] in {"serious", "critical"}]
