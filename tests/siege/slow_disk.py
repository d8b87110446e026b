"""`python -m tests.siege.slow_disk up`: the command line of Franked, on a disk that is slow to flush."""

import os
import threading
import time

from sqlalchemy import Connection, Engine, event

from franked.doors.cli import main

A_FLUSH = "SLOW_DISK_SECONDS"  # the variable of the environment


def _flush_slowly(conn: Connection) -> None:
    """Before each commit of the one writer."""
    if threading.current_thread().name == "franked-writer":
        time.sleep(float(os.environ[A_FLUSH]))


if __name__ == "__main__":
    event.listen(Engine, "commit", _flush_slowly)
    main()
