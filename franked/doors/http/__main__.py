"""Prints docs/openapi.json."""

import sys

from franked.doors.http.app import printed

sys.stdout.write(printed())
