"""A lock on a run's folder, so that two processes never train the same run."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import UserError

LOCK_FILE = "lock"
"""Name of the locked file, which contains the id of the last process that held the lock."""


class AlreadyTraining(UserError):
    """Another process is training in the run's folder."""

    code = "already_training"
    status = 409


@contextmanager
def lock_run(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; if the process dies, the kernel releases it.

    Raises:
        AlreadyTraining: another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyTraining(
                f"{folder}: process {file.read()} is training there; stop it or wait for its end, "
                "or set OSTINATO_CACHE_DIR to another folder."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
