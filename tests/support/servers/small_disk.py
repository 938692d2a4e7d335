"""A small file system that a test can fill; only root can mount it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.account import Account
from tests.support.tmp import world_traversable_dir


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of 2 MB; its folder `data` belongs to the account of PostgreSQL."""
    account = Account.for_postgres()
    if account is None:
        pytest.skip("only root can mount a file system")
    with world_traversable_dir() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            pytest.skip("this machine does not let root mount a file system")
        try:
            data = folder / "data"
            data.mkdir(mode=0o700)
            account.chown(data)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Write to a file until its disk is full."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
