"""The lock of a run's folder: of two trainings there, one would undo what the other has written.

Refuses to know what else is in the folder.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import UserError

LOCK = "lock"
"""The file that is locked; it says which process has the folder, or had it last."""


class AlreadyTraining(UserError):
    """Another process trains in the run's folder."""

    code = "already_training"
    status = 409


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have the folder for this process alone; the kernel ends that with the process, at the latest.

    Raises:
        AlreadyTraining: another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            file.seek(0)
            raise AlreadyTraining(
                f"{folder}: process {file.read()} trains there; stop it or wait for its end, or "
                "set OSTINATO_HOME to another folder."
            ) from taken
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
