"""These tests run against a whole Franked."""

from tests.running import product, shared

__all__ = ["product", "shared"]
