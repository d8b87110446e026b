"""docs/settings.md, made from the table."""

from collections.abc import Iterable

from franked.settings.coding import OF_A_STREAM as OF_CODES
from franked.settings.coding import Codes
from franked.settings.describe import default_of
from franked.settings.setting import Section, Setting
from franked.settings.webhooks import WEBHOOK, DeclaredWebhook
from franked.settings.whole import SECTIONS, STREAM, TOPIC

_HEAD = """# Settings

Made from the code by `python -m franked.settings > docs/settings.md`; do not edit.

Franked reads `franked.toml` once, at start: the file that `--config` or `FRANKED_CONFIG` names, else the one in the
current folder. A variable wins over the file, the file over the default. In a variable, the items of a list are
separated by commas. A secret may come from a file of its own, named by the variable with `_FILE` behind it. Whatever
is misspelled or not allowed is refused at start, with its line. Without a file every default applies; where there is
one, what is marked *required* must be said.

`franked config` shows what applies, and where each value came from.
"""
_STREAMS = """
## `[streams.NAME]`

{meaning} The name is made of a to z, 0 to 9 and `-`, and does not begin with `franked-`.
Streams are declared in the file only: no variable changes what a kind of mail is.

| Name | Allowed | Default | Meaning |
|---|---|---|---|
"""
_TOPICS = """
## `[topics.NAME]`

What a reader agrees to and leaves: each stream's `topic` names one. One that has no section has its name as its title.
Topics are declared in the file only. A text is one line, or one by language: `title = {en = "News", de = "Neues"}`.

| Name | Allowed | Default | Meaning |
|---|---|---|---|
"""
_CODES = """
## `[streams.NAME.codes]`

{meaning} See [codes.md](codes.md).

| Name | Allowed | Default | Meaning |
|---|---|---|---|
"""
_WEBHOOKS = """
## `[webhooks.NAME]`

{meaning} See [webhooks.md](webhooks.md).
The name is made of a to z, 0 to 9 and `-`; in a variable it is in capitals, with `_` for `-`. An endpoint is declared
in the file; a variable says what differs from machine to machine.

| Name | Variable | Allowed | Default | Meaning |
|---|---|---|---|---|
"""
_DECLARED = "A declared class of mail: who may get it, from whom, how long it is worth sending."


def page() -> str:
    streams = _STREAMS.format(meaning=_DECLARED) + "".join(f"{_row(setting)}\n" for setting in STREAM)
    codes = _CODES.format(meaning=Codes.__doc__) + "".join(f"{_row(setting)}\n" for setting in OF_CODES)
    topics = _TOPICS + "".join(f"{_row(setting)}\n" for setting in TOPIC)
    webhooks = _WEBHOOKS.format(meaning=DeclaredWebhook.__doc__)
    webhooks += "".join(f"{_row(setting, _variable(setting))}\n" for setting in WEBHOOK)
    return _HEAD + "".join(map(_section, SECTIONS)) + streams + codes + topics + webhooks


def _section(section: Section) -> str:
    head = f"\n## `[{section.path}]`\n\n{section.table.__doc__}\n\n"
    table = "| Name | Variable | Allowed | Default | Meaning |\n|---|---|---|---|---|\n"
    return head + table + "".join(f"{_row(setting, _variable(setting))}\n" for setting in section.settings)


def _row(setting: Setting, *variable: str) -> str:
    default = "*required*" if setting.required else default_of(setting)
    return _cells([f"`{setting.name}`", *variable, setting.form.allowed, default or "–", setting.meaning])


def _variable(setting: Setting) -> str:
    return f"`{setting.variable}`, `{setting.variable}_FILE`" if setting.secret else f"`{setting.variable}`"


def _cells(texts: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("<", "&lt;").replace("|", "\\|") for text in texts) + " |"
