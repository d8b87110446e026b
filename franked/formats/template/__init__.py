"""A mail's template: front matter, one wording a locale, compiled once, rendered strictly."""

from franked.formats.template.faults import RenderError, TemplateFault
from franked.formats.template.reading import parse
from franked.formats.template.source import TemplateFiles
from franked.formats.template.template import (
    NO_LINKS,
    Rendered,
    Template,
    missing_variables,
    unknown_variables,
)

__all__ = [
    "NO_LINKS",
    "RenderError",
    "Rendered",
    "Template",
    "TemplateFault",
    "TemplateFiles",
    "missing_variables",
    "parse",
    "unknown_variables",
]
