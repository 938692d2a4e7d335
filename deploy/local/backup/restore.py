"""`restore`: makes a stack of a backup in an empty state folder."""

import tarfile
from pathlib import Path

from rich.console import Console

from deploy.local.backup.contents import DUMP, FOLDERS, KEY, run_postgres_program
from deploy.local.errors import StackError, UnusableFolder
from deploy.local.settings import LocalSettings
from deploy.local.stack import Stack
from deploy.local.state_dir import StateDir


def restore(settings: LocalSettings, console: Console, *, file: Path) -> int:
    """Restore the backup; `up` then runs the stack.

    Raises:
        UnusableFolder: the state folder has the data of a stack, or files of other programs.
        StackError: the file is no backup, or PostgreSQL does not accept it.
    """
    state_dir = StateDir(settings.state_dir)
    state_dir.reject_foreign_files()
    for name in ("postgres", *FOLDERS):
        if (state_dir.path / name).exists():
            raise UnusableFolder(
                f"{state_dir.path / name} exists: set OSTINATO_STATE_DIR to a new folder, or "
                "delete the data of this one with `ostinato down --delete`."
            )
    try:
        with tarfile.open(file) as archive:
            _restore(archive, state_dir)
    except (tarfile.TarError, KeyError) as error:
        raise StackError(f"{file} is no backup, or it is damaged: {error}") from error
    console.print(
        f"Restored {file} to {state_dir.path}; `ostinato up` starts the stack.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    return 0


def _restore(archive: tarfile.TarFile, state_dir: StateDir) -> None:
    """Load the dump into a new database, and extract the files."""
    archive.getmember(DUMP)
    with Stack(state_dir.path, checkpoints_dir=state_dir.checkpoints_dir) as stack:
        stack.start_servers()
        archive.extract(DUMP, state_dir.path, filter="data")
        dump = state_dir.path / DUMP
        try:
            run_postgres_program(
                "pg_restore",
                stack.database_url,
                *("--no-owner", "--exit-on-error", "--single-transaction"),
                dump,
            )
        finally:
            dump.unlink()
        for member in archive:
            if Path(member.name).parts[0] in {KEY, *FOLDERS}:
                archive.extract(member, state_dir.path, filter="data")
