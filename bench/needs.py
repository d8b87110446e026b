"""What the bench can't install by itself, and where it is on a Debian."""

import os
import shutil
from pathlib import Path

from franked.doors.cli.start import Unusable

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-bench" / "bin"
_PROGRAMS = {"nginx": "nginx-light", "redis-server": "redis-server", "redis-cli": "redis-tools"}
_SYSTEM = ("/usr/sbin", "/usr/local/sbin")  # not everybody's PATH has them
_ECHO = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")


def program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM)))


def echo_module() -> Path | None:
    """nginx can't be slow without it."""
    return _ECHO if _ECHO.exists() else None


def check() -> None:
    """Raises Unusable: one sentence that says what to install."""
    packages = [package for name, package in _PROGRAMS.items() if program(name) is None]
    packages += [] if echo_module() else ["libnginx-mod-http-echo"]
    if packages:
        raise Unusable(f"the bench needs what is not here: apt-get install {' '.join(packages)}")
    if not (PEERS / "python").exists():
        raise Unusable(f"the peers are not installed in {PEERS.parent}: make bench does it")
