"""What any room of tests may ask for."""

from hypothesis import settings

pytest_plugins = ["tests.postgres"]

settings.register_profile("fast", max_examples=20)  # `make fast`; `make test` draws hypothesis's own hundred
