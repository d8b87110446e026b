"""What the database says when it can't, in a sentence for an operator. No SQLAlchemy error passes this file."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from franked.store import StoreUnavailable

_SENTENCES = {
    "is full": "the disk is full, or the database has reached its size limit: make room, then try again",
    "readonly": "the database file can't be written: look at its owner and its rights",
    "locked": "another process keeps the database locked",
    "busy": "another process keeps the database locked",
    "unable to open": "the database file can't be opened: look at its directory and its rights",
    "i/o error": "the disk does not read or write what it is asked to",
    "malformed": "the database file is damaged: restore it from a backup",
    "connection was closed": "the connection to the database broke",
    "connection is closed": "the connection to the database broke",
    "cannot switch to state": "the connection to the database broke",  # asyncpg's, when it breaks half way
    "terminating connection": "the database has ended the connection",
    "shutting down": "the database is shutting down",
    "starting up": "the database is starting up",
    "not a database": "the file is no database of ours",
}
_CAME_BETWEEN = {"40001", "40P01"}  # PostgreSQL's serialization_failure and deadlock_detected
_WAITS_FOR_NOBODY = ("locked", "busy")


def translated(error: Exception) -> Exception:
    """Our own exceptions pass as they are. The database's own words may quote a value, so they stay in the cause."""
    if isinstance(error, StopIteration):  # no future takes one
        return RuntimeError("a rule raised StopIteration")
    if not isinstance(error, SQLAlchemyError):
        return _unreached(error) if isinstance(error, OSError) or _is_asyncpgs(error) else error
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    unavailable = StoreUnavailable(
        f"nothing was stored: {sentence_of(said) or f'the database failed ({_name(error)})'}"
    )
    unavailable.__cause__ = error
    return unavailable


def _unreached(error: Exception) -> Exception:
    """As a connection is made, SQLAlchemy lets some errors through as they are."""
    unavailable = StoreUnavailable(f"nothing was stored: the database can't be reached ({type(error).__name__})")
    unavailable.__cause__ = error
    return unavailable


def _is_asyncpgs(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "asyncpg"


def sentence_of(said: str) -> str | None:
    """`said`: the database's own words."""
    return next((sentence for word, sentence in _SENTENCES.items() if word in said.lower()), None)


def is_locked(error: Exception) -> bool:
    """Every further try would wait for the lock as long again."""
    return isinstance(error, DBAPIError) and any(word in str(error.orig).lower() for word in _WAITS_FOR_NOBODY)


def is_worth_another_try(error: Exception) -> bool:
    """Another's transaction came in between: nothing of this one was stored, and the next may well go through."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CAME_BETWEEN


def _name(error: SQLAlchemyError) -> str:
    return type(error.orig if isinstance(error, DBAPIError) and error.orig else error).__name__
