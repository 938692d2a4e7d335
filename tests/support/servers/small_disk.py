"""A small file system that a test can fill; only root can mount it."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.account import Account
from tests.support.servers.databases import run_statements
from tests.support.tmp import world_traversable_dir

TABLES = ("jobs", "melodies")


@contextmanager
def tables_on_small_disk(database_url: str, megabytes: int) -> Iterator[Path]:
    """Jobs and melodies on a disk of their own; the value is the file with which to fill it.

    What is in them at the end has to fit on that disk.
    """

    def run(*statements: str) -> None:
        asyncio.run(run_statements(database_url, *statements))

    with small_disk(megabytes) as folder:
        filler = folder / "filler"
        run(
            f"CREATE TABLESPACE small LOCATION '{folder / 'data'}'",
            *(f"ALTER TABLE {table} SET TABLESPACE small" for table in TABLES),
        )
        yield filler
        filler.unlink(missing_ok=True)
        run(
            *(f"ALTER TABLE {table} SET TABLESPACE pg_default" for table in TABLES),
            "DROP TABLESPACE small",
        )


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of this size; its folder `data` belongs to the account of PostgreSQL."""
    account = Account.for_postgres()
    if account is None:
        pytest.skip("only root can mount a file system")
    with world_traversable_dir() as folder:
        options = f"size={megabytes}m,mode=755"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
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
