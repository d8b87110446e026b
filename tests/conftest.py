"""What any room of tests may ask for."""

import gc

from hypothesis import settings

pytest_plugins = ["tests.postgres"]

gc.set_threshold(50_000, 20, 20)  # looking through a process that holds the whole suite took an eighth of its time
settings.register_profile("fast", max_examples=20)  # `make fast`; `make test` draws hypothesis's own hundred
