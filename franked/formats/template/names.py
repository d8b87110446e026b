"""The names that a source may use: what is always given, what was declared, and the filters its language has."""

from jinja2 import TemplateSyntaxError, meta, nodes

from franked.formats.template.faults import TemplateFault
from franked.formats.template.language import FILTERS, PLURALS, locale_of
from franked.formats.template.parts import HTML
from franked.formats.template.source import Source

PARTS = {  # what is in each name that is always given
    "sender": ("name", "website", "postal_address"),
    "links": ("leave", "preferences", "why"),
}
GIVEN = frozenset({*PARTS, "locale"})  # always there, never declared


def names_in(source: Source, declared: frozenset[str], locale: str) -> set[str]:
    """The variables it uses; TemplateFault where one is not declared, or Jinja can't read it."""
    tree = _tree(source)
    for alone in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        file, line = source.place(alone.lineno)
        raise TemplateFault(file, line, "a template stands alone, or in a layout: no include, import or other extends")
    used = meta.find_undeclared_variables(tree) - HTML.globals.keys()
    for name in tree.find_all(nodes.Name):
        if name.name in used - declared - GIVEN:
            raise TemplateFault(*source.place(name.lineno), f"the variable {name.name!r} is used, but not declared")
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name) and part.attr not in (parts := PARTS.get(part.node.name, (part.attr,))):
            sentence = f"`{part.node.name}` has {', '.join(parts)}, but no {part.attr!r}"
            raise TemplateFault(*source.place(part.lineno), sentence)
    for one in tree.find_all(nodes.Filter):
        if one.name in FILTERS and (why := _misused(one, locale)):
            raise TemplateFault(*source.place(one.lineno), why)
    return used


def _tree(source: Source) -> nodes.Template:
    try:
        HTML.compile(source.text)  # `parse` alone takes a filter that does not exist
        return HTML.parse(source.text)
    except TemplateSyntaxError as error:
        raise TemplateFault(*source.place(error.lineno), error.message or "Jinja can't read this") from None


def _misused(one: nodes.Filter, locale: str) -> str | None:
    if locale_of(locale) is None:
        return f"nobody has written down how the language {locale!r} writes this: no `{one.name}` here"
    named = {keyword.key for keyword in one.kwargs}
    if one.name == "plural" and (one.args or "other" not in named or named - set(PLURALS)):
        return f"`plural` takes wordings by name, `other` among them: {', '.join(PLURALS)}"
    if one.name == "money" and not (one.args or one.kwargs):
        return '`money` needs its currency: money("EUR")'
    return None
