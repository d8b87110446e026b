"""An SQLite file that has the schema: most of the time that a record takes to begin goes there."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from franked.backends.sql.engine import url_of, writing
from franked.backends.sql.migrate import migrate


def begin_record(file: Path) -> None:
    file.write_bytes(_with_schema())
    file.chmod(0o600)


@cache
def _with_schema() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "franked.db"
        engine = writing(url_of(file))
        migrate(engine)
        engine.dispose()
        return file.read_bytes()
