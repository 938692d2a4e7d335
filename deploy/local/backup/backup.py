"""`backup`: copies the data of a running stack to one file."""

import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from deploy.local.backup.contents import DUMP, FOLDERS, KEY, run_postgres_program
from deploy.local.errors import NotRunning
from deploy.local.postgres import Postgres
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir

INCOMPLETE_FOLDER = ".incoming"
INCOMPLETE_SUFFIXES = (".unfinished", ".partial")
"""Names of what the services are still writing; no row of the database names it yet."""


def backup(settings: LocalSettings, console: Console, *, file: Path) -> int:
    """Write the backup; the services go on.

    The database is dumped first. The services write each file before the row that names it, so the
    backup has the files of all rows of the dump.

    Raises:
        NotRunning: no stack is running in the state folder.
    """
    state_dir = StateDir(settings.state_dir)
    if state_dir.supervisor() is None:
        raise NotRunning(
            f"No stack is running in {state_dir.path}: start it with `ostinato up`, in another "
            "terminal, or set OSTINATO_STATE_DIR to the folder of the one that is running."
        )
    partial, dump = (file.with_name(f"{file.name}.{suffix}") for suffix in ("partial", DUMP))
    try:
        for path in (partial, dump):
            path.touch(mode=0o600)
        run_postgres_program(
            "pg_dump", Postgres(state_dir).url, "--format", "custom", "--file", dump
        )
        with tarfile.open(partial, "w") as archive:
            archive.add(dump, DUMP)
            for path in _files(state_dir.path):
                with suppress(FileNotFoundError):  # deleted meanwhile
                    archive.add(path, path.relative_to(state_dir.path), recursive=False)
        partial.replace(file)
    finally:
        for path in (partial, dump):
            path.unlink(missing_ok=True)
    size = file.stat().st_size / 1e6
    console.print(f"Wrote {file} ({size:,.1f} MB).", soft_wrap=True, highlight=False, markup=False)
    return 0


def _files(state_dir: Path) -> Iterator[Path]:
    """The folders and files of the backup, besides the database."""
    yield state_dir / KEY
    for name in FOLDERS:
        for path in sorted((state_dir / name).rglob("*")):
            is_complete = INCOMPLETE_FOLDER not in path.parts
            if is_complete and not path.name.endswith(INCOMPLETE_SUFFIXES):
                yield path
