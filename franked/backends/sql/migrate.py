"""The schema is brought up to this version's, one migration after the other, in one transaction."""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from franked.backends.sql.faults import translated
from franked.store import StoreUnavailable

_LOCK = 0x6672616E6B6564  # "franked"
_ONE_AT_A_TIME = Lock()  # Alembic keeps what it works on in globals
_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Raises StoreUnavailable when the database is from a newer Franked, or can't be opened."""
    try:
        with _ONE_AT_A_TIME, engine.begin() as conn:
            bring_up(conn)
    except Exception as error:
        raise translated(error) from error


def bring_up(conn: Connection) -> None:
    """In a transaction. On PostgreSQL one process does it, and the others find it done."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config(conn)
    _refuse_newer(conn, ScriptDirectory.from_config(config))
    command.upgrade(config, "head")


def refuse_another(conn: Connection) -> None:
    """For a process that does not migrate. Raises StoreUnavailable."""
    script = ScriptDirectory.from_config(_config(conn))
    _refuse_newer(conn, script)
    if MigrationContext.configure(conn).get_current_revision() != script.get_current_head():
        raise StoreUnavailable("the database has the schema of an older Franked: start `franked up` of this one first")


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _refuse_newer(conn: Connection, script: ScriptDirectory) -> None:
    version = MigrationContext.configure(conn).get_current_revision()
    if version is not None and version not in {revision.revision for revision in script.walk_revisions()}:
        raise StoreUnavailable(
            f"the database has the schema {version!r}, which this version does not know: it is of a newer Franked "
            "(start that one, or restore a backup), or from before the first release (move it away to begin a new one)"
        )
