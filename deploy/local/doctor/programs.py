"""Checks of programs: Python, the servers, the compiler, Node and make."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.diagnosis.finding import Finding, ok, warning
from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.settings import LocalSettings
from deploy.local.web import earlier_build, missing_node
from shared.models.native import build as native

NATIVE = "native code"
"""How `describe` begins if the native code can be loaded."""


def python(_settings: LocalSettings) -> Finding:
    """The interpreter of all services."""
    return ok(f"{platform.python_version()} in {sys.prefix}")


def postgres(_settings: LocalSettings) -> Finding:
    """The server, and the account that runs it."""
    account = Account.for_postgres()
    version = _version(binaries.postgres(account) / "postgres", account)
    return ok(f"{version}, as {account.name} because this is root" if account else version)


def valkey(_settings: LocalSettings) -> Finding:
    """The Redis-compatible server."""
    return ok(" ".join(_version(binaries.valkey(), None).split()[:3]))


def native_code(settings: LocalSettings) -> Finding:
    """How models run: on the GPU, as native code, or on torch."""
    if settings.device == "cuda":
        return ok("not needed: models run on the GPU (OSTINATO_DEVICE)")
    text = native.describe()
    return ok(text) if text.startswith(NATIVE) else warning(text)


def studio(settings: LocalSettings) -> Finding:
    """Node, which only builds the web studio."""
    missing = missing_node()
    if missing is None:
        return ok(f"Node builds it from {settings.web_sources}")
    if earlier_build(settings.web_sources) is not None:
        return warning(f"was built earlier; building it again needs {missing}")
    return warning(f"only the API is served: the studio needs {missing}")


def make(_settings: LocalSettings) -> Finding:
    """The program that reads the Makefile."""
    path = shutil.which("make")
    if path is None:
        return warning("is not installed: use `ostinato up` instead of `make up`")
    return ok(path)


def _version(binary: Path, account: Account | None) -> str:
    """The version that the binary reports, run under the account that the stack would use."""
    completed = subprocess.run(  # noqa: S603 -- our own binary
        [str(binary), "--version"],
        user=account.uid if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return completed.stdout.strip()
