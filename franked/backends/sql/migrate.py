"""The schema is brought up to this version's, one migration after the other, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from franked.backends.sql.faults import translated
from franked.store import StoreUnavailable

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Raises StoreUnavailable when the database is from a newer Franked, or can't be opened."""
    try:
        with engine.begin() as conn:
            config = _config(conn)
            _refuse_newer(conn, ScriptDirectory.from_config(config))
            command.upgrade(config, "head")
    except Exception as error:
        raise translated(error) from error


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _refuse_newer(conn: Connection, script: ScriptDirectory) -> None:
    version = MigrationContext.configure(conn).get_current_revision()
    if version is not None and version not in {revision.revision for revision in script.walk_revisions()}:
        raise StoreUnavailable(
            f"the database has the schema {version!r} of a newer Franked: start that version, or restore a backup"
        )
