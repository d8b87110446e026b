"""`make screenshots`: every ready mail and the public pages as pictures: desktop, phone and dark, to be looked at.

Whoever adds a page adds its path in `pages`.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Browser

from franked import ready
from franked.backends.sealing import Seal, load_or_create_key
from franked.formats.links import KEY_LENGTH, Links, Use
from tests.browser import chromium, found
from tests.commandline import up
from tests.readymade import ready_mails

READER = "ana@example.com"
LOOKS = {"desktop": (1000, "light"), "phone": (390, "light"), "dark": (390, "dark")}
_ANY_PORT = {"FRANKED_SERVER_PORT": "0", "FRANKED_SIMULATOR_PORT": "0"}


def shoot(folder: Path) -> Iterator[Path]:
    """Each picture's file."""
    product = folder / "product"
    mails = ready_mails(product)
    program = found("chromium")
    assert program, "no pictures without Chromium"
    with chromium(program) as browser, up(product, **_ANY_PORT) as running:
        for mail in mails:
            file = folder / f"{mail.name}.html"
            file.write_text(mail.rendered.html, encoding="utf-8")
            yield from _looks(browser, file.as_uri(), folder / "mails" / mail.name)
        for name, path in pages(product).items():
            for language in ready.LANGUAGES:
                url = f"{running.url}{path}?lang={language}"
                yield from _looks(browser, url, folder / "pages" / f"{name}-{language}")


def pages(product: Path) -> Mapping[str, str]:
    """With links as the mails of this product have them."""
    seal = Seal(load_or_create_key(product / ".franked" / "secret.key"))
    links = Links("", seal.key_for("franked links 1", KEY_LENGTH))
    return {
        "no-such-link": "/u/nothing",
        "leave": links.to(Use.LEAVE, READER, "newsletter"),
        "preferences": links.to(Use.PREFERENCES, READER),
        "why-forgotten": links.to(Use.WHY, "m_01kjv281d0q2m5r8x4y7zb3cde"),
        "code-over": "/u/code/nothing",
        "confirm-over": "/u/confirm/nothing",
    }


def _looks(browser: Browser, url: str, name: Path) -> Iterator[Path]:
    for look, (width, scheme) in LOOKS.items():
        page = browser.new_page(
            viewport={"width": width, "height": 700}, color_scheme="dark" if scheme == "dark" else "light"
        )
        page.goto(url)
        file = name.with_name(f"{name.name}-{look}.png")
        page.screenshot(path=file, full_page=True)
        page.close()
        yield file


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(prefix="franked-screenshots-"))
    print(f"{sum(1 for _ in shoot(place))} pictures in {place}")
