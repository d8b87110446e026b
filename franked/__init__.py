"""Franked: mail that is accounted for, allowed, and stamped."""

__version__ = "0.1.0"
