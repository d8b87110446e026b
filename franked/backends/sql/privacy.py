"""docs/privacy.md: what is stored, why and how long. `python -m franked.backends.sql.privacy` prints it."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from msgspec import Struct, convert

from franked.backends.sql import store  # noqa: F401  (with it, every table is known)
from franked.backends.sql.columns import metadata

HEAD = """# Privacy

Made by `python -m franked.backends.sql.privacy > docs/privacy.md`; do not edit.

Franked keeps its record on your own server. What stands in it about people, why, and how long, is on this page, table
by table, column by column. Besides, mail goes to Amazon SES, in the Region of your settings; the log has addresses
masked (`[log] addresses`); the simulated account's inbox is a folder of test mail.

## What a person can ask for

| | |
|---|---|
| a copy | `franked people export ana@example.com`: all that stands under the address, in every table, as JSON |
| to be forgotten | `franked people erase ana@example.com --why "asked by letter of 3 March"`, which can't be undone |
| an end of all mail | `DELETE /v1/accounts/{account}`: nothing that names the account is sent ([http.md](http.md)) |

An erasure drops what waits, and takes the address, the words and the account's name out of every table, in one
transaction. What stays is a figure: a mail of this stream, then, delivered. One keyed hash of the address stays on
the list of suppressions, as `erased`: a later mail or import finds it there, is dropped, and is not stored under the
address. The hash is made with the server's key: nobody can read the address from it, and with another key it is not
recognised. A person who comes back is taken off with `franked suppressions lift`.

An erasure does not reach the `trigger` of mail to other addresses of the same account, what other servers said in the
ledger about mail that was forgotten before, backups that were made before ([backup.md](backup.md)), logs, what SES
keeps, and your own product.
"""


class Shelf(Struct, frozen=True, forbid_unknown_fields=True):
    """What a table is for. `person`: it holds something of a person."""

    about: str
    person: bool
    until: str
    columns: dict[str, str]


def purposes() -> Mapping[str, Shelf]:
    """By table, in the order of the page."""
    text = files("franked.backends.sql").joinpath("privacy.toml").read_text("utf-8")
    return convert(tomllib.loads(text), dict[str, Shelf])


def stored() -> Mapping[str, list[str]]:
    """Every table of the record, and its columns."""
    return {table.name: [column.name for column in table.columns] for table in metadata.tables.values()}


def page() -> str:
    told = purposes()
    of_people = {name: shelf for name, shelf in told.items() if shelf.person}
    others = {name: shelf for name, shelf in told.items() if not shelf.person}
    return "".join(
        [
            HEAD,
            "\n## Tables that hold something of a person\n",
            *(line for name, shelf in of_people.items() for line in _section(name, shelf)),
            "\n## Tables that hold nothing of a recipient\n",
            *(line for name, shelf in others.items() for line in _section(name, shelf)),
        ]
    )


def _section(name: str, shelf: Shelf) -> Iterator[str]:
    yield f"\n### `{name}`\n\n{shelf.about} Kept {shelf.until}.\n\n| Column | What for |\n|---|---|\n"
    yield from (f"| `{column}` | {purpose} |\n" for column, purpose in shelf.columns.items())


if __name__ == "__main__":
    sys.stdout.write(page())
