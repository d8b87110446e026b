"""One page: a template in its reader's language, told in headers to load nothing and to tell nobody.

GET and HEAD change nothing: link scanners open every link. What changes something is a form that is posted.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType

from franked.doors.http.context import AnyRequest, door_of

LANGUAGES = ("en", "de")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the link is the key to what it opens
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}

_templates = Environment(
    loader=PackageLoader("franked.doors.http.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    name: str, request: AnyRequest, status: int = 200, shown: Mapping[str, object] = MappingProxyType({})
) -> Response[str]:
    """`name`: its template, and its section in the texts. `shown`: what the template asks for besides."""
    language = language_of(request)
    declared = door_of(request).world.declared
    texts = _texts(language)
    html = _templates.get_template(f"{name}.html").render(
        shown, lang=language, languages=LANGUAGES, t={**texts["all"], **texts.get(name, {})}, sender=declared.contact
    )
    return Response(
        html, status_code=status, media_type=MediaType.HTML, headers={**_HEADERS, "Content-Language": language}
    )


def no_such_link(request: AnyRequest) -> Response[str]:
    """Whatever we did not write: it opens nothing and changes nothing."""
    return page("no_such_link", request, status=404)


def language_of(request: AnyRequest) -> str:
    """`?lang=`, else the first of the browser's that we have, else the product's own, else English."""
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "")[:200].split(",")]
    wished = [request.query_params.get("lang", ""), *accepted, door_of(request).world.declared.default_locale]
    known = (found for one in wished if (found := one.partition("-")[0].lower()) in LANGUAGES)
    return next(known, LANGUAGES[0])


@cache
def _texts(language: str) -> Mapping[str, Mapping[str, Any]]:
    """By page; `all` is every page's."""
    return tomllib.loads((files("franked.doors.http.pages") / "texts" / f"{language}.toml").read_text("utf-8"))
