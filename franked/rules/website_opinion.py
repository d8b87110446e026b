"""What is to be said of a page of the website, or of what stands in its place."""

from franked.rules.domain.lines import remark
from franked.rules.domain.opinion import Opinion, shown
from franked.rules.finding import Status
from franked.rules.website import About, Page, Unreached, is_html


def judge_first(url: str, found: Page | Unreached) -> Opinion:
    if not url.startswith("https://"):
        secure = url.replace("http://", "https://", 1)
        named = (remark("in franked.toml:"), "[sender]", f'website = "{secure}"')
        return Opinion(Status.WRONG, f"The website is named as {url}, without https.", named)
    fix = (remark(f"serve {url} over https, with a certificate that browsers accept"),)
    if fault := _fault(url, found, fix):
        return fault
    return Opinion(Status.OK, f"{url} answers over https.")


def judge_page(about: About, url: str, found: Page | Unreached, first: str) -> Opinion:
    """`first`: where the website's first page stood in the end."""
    fix = (remark(f"serve {url}, or name another page in franked.toml:"), *_setting(about))
    if fault := _fault(url, found, fix):
        return fault
    if isinstance(found, Page) and _plain(found.url) == _plain(first):
        return Opinion(Status.WRONG, f"{shown(url)} leads back to the first page.", fix)
    return Opinion(Status.OK, f"The page on {about} stands at {shown(url)}.")


def judge_unlinked(about: About, url: str, first: Page | Unreached) -> Opinion:
    """No page is named, and the first one has no link to it."""
    fix = (remark(f"put a link to it on {url}, or name it in franked.toml:"), *_setting(about))
    if isinstance(first, Page) and first.status == 200:
        return Opinion(Status.MISSING, f"{url} has no link to a page on {about}.", fix)
    return Opinion(Status.UNKNOWN, f"Whether there is a page on {about} is not known: {url} was not read.")


def said(found: Page | Unreached) -> str:
    """As evidence."""
    if isinstance(found, Unreached):
        return shown(found.why)
    return shown(f"{found.status} {found.content_type}, {len(found.text)} characters, at {found.url}")


def _fault(url: str, found: Page | Unreached, fix: tuple[str, ...]) -> Opinion | None:
    match found:
        case Unreached(is_answer=False):
            return Opinion(Status.UNKNOWN, f"{shown(url)} was not reached: {shown(found.why)}.")
        case Unreached():
            return Opinion(Status.WRONG, f"{shown(url)} is no page: {shown(found.why)}.", fix)
        case Page(status=200) if not is_html(found.content_type):
            return Opinion(Status.WRONG, f"{shown(url)} is {shown(found.content_type, 60)}, and no page.", fix)
        case Page(status=200) if not found.text.strip():
            return Opinion(Status.WRONG, f"{shown(url)} is empty.", fix)
        case Page(status=200):
            return None
        case Page(status=404 | 410):
            return Opinion(Status.MISSING, f"{shown(url)} is not there: it answers {found.status}.", fix)
        case Page(status=status):
            return Opinion(Status.WRONG, f"{shown(url)} answers {status}.", fix)


def _setting(about: About) -> tuple[str, str]:
    return "[checks]", f'{about} = "https://…"'


def _plain(url: str) -> str:
    return url.partition("?")[0].rstrip("/").casefold()
