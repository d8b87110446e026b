"""Processes that share a record seal with one key: the first leaves its fingerprint, the others compare."""

from hmac import compare_digest

from sqlalchemy import Connection, select

from franked.backends.sealing import Seal
from franked.backends.sql.many import ignoring, write
from franked.backends.sql.schema import sealed_with
from franked.store import StoreUnavailable

_LEAVE = ignoring(sealed_with)
_LEFT = select(sealed_with.c.fingerprint)
_WORD = b"the key of this record"


def agree(conn: Connection, seal: Seal) -> None:
    """Raises StoreUnavailable."""
    ours = seal.fingerprint(_WORD)
    write(conn, _LEAVE, [{"only": 1, "fingerprint": ours}])
    if not compare_digest(conn.execute(_LEFT).scalar_one(), ours):
        raise StoreUnavailable(
            "this process has another key than the record was begun with: say that one as FRANKED_STORE_SECRET"
        )
