"""These tests run against a whole Franked."""

from tests.running import product

__all__ = ["product"]
