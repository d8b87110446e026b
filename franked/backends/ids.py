"""Message ids, out of the kernel's randomness."""

import os
from collections.abc import Callable
from datetime import datetime

from franked.rules.message import RANDOM_BYTES, message_id

AT_ONCE = 400  # ids' randomness: to ask for each is to let go of the interpreter, and to wait until it is free again


class Ids:
    """Each call is a new one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._random = b""

    def __call__(self) -> str:
        if not self._random:
            self._random = os.urandom(AT_ONCE * RANDOM_BYTES)
        drawn, self._random = self._random[:RANDOM_BYTES], self._random[RANDOM_BYTES:]
        return message_id(int(self._now().timestamp() * 1000), int.from_bytes(drawn))
