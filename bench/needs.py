"""What the bench can't install by itself, and where it is on a Debian."""

import os
import shutil
from pathlib import Path

from franked.doors.cli.start import Unusable

PEERS = Path(__file__).parents[1] / ".venv-bench" / "bin"
ECHO = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")  # without it nginx can't take its time
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))  # not everybody's PATH has it
_PACKAGES = {"nginx": "nginx-light", "redis-server": "redis-server", "redis-cli": "redis-tools"}


def program(name: str) -> str:
    """Its path. Raises Unusable."""
    if found := shutil.which(name, path=_PATH):
        return found
    raise Unusable(f"there is no {name}")


def check() -> None:
    """Raises Unusable with the one sentence that says what to install."""
    if sentence := missing(_PATH, ECHO, PEERS):
        raise Unusable(sentence)


def missing(path: str, echo: Path, peers: Path) -> str | None:
    """`path` is searched for programs, `echo` is nginx's module, `peers` the folder of the peers' own."""
    packages = [package for name, package in _PACKAGES.items() if shutil.which(name, path=path) is None]
    packages += [] if echo.exists() else ["libnginx-mod-http-echo"]
    if packages:
        return f"the bench needs what is not here: apt-get install {' '.join(packages)}"
    if not (peers / "celery").exists():
        return f"the bench's peers are not installed in {peers.parent}: say make bench"
    return None
