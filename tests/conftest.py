"""What any room of tests may ask for."""

pytest_plugins = ["tests.postgres"]
