"""The shelf of template versions: files by content hash, written once."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from franked.backends.sql.many import among, fetch, ignoring, write
from franked.backends.sql.schema import templates
from franked.formats.template import TemplateFiles

_KEEP = ignoring(templates)
_FIND = select(templates.c.version, templates.c.files).where(among(templates.c.version))
_files = msgspec.json.Decoder(dict[str, str])


def keep(conn: Connection, versions: Sequence[tuple[str, str, TemplateFiles]]) -> None:
    rows = [
        {"version": version, "name": name, "files": msgspec.json.encode(dict(files)).decode()}
        for name, version, files in versions
    ]
    write(conn, _KEEP, sorted(rows, key=lambda row: str(row["version"])))


def files(conn: Connection, versions: Sequence[str]) -> list[TemplateFiles | None]:
    found = {row.version: _files.decode(row.files) for row in fetch(conn, _FIND, versions)}
    return [found.get(version) for version in versions]
