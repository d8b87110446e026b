"""Prints docs/settings.md."""

import sys

from franked.settings.page import page

sys.stdout.write(page())
