"""`python -m services.trainer.programs.inspect_dataset`: a child of the trainer that says what is in a data set.

It has a limit on memory and on time, since the music is somebody else's. Refuses to know jobs.
"""

import resource
import signal
import sys
from dataclasses import asdict
from types import FrameType

from ostinato.schemas.datasets import DatasetReport
from services.trainer.data.dataset import load_dataset
from services.trainer.data.uploads import unpacked
from services.trainer.ipc.channel import Lifeline, work
from services.trainer.ipc.messages import Described, ReadingAssignment
from services.trainer.ipc.workdir import begin_attempt
from shared.errors import UserError
from shared.logs import configure
from shared.storage.blobs import Blobs

MAX_MEMORY = 6 << 30
"""Bytes of address space."""
MAX_SECONDS = 3600


class TooMuchMusic(UserError):
    """A data set takes more memory or time than there is for it; hand it in in parts."""

    code = "too_much_music"
    status = 422


def describe(line: Lifeline) -> Described:
    """Read the data set that the supervisor names."""
    assignment = line.take(ReadingAssignment)
    folder = begin_attempt(assignment.places.home, assignment.job_id, assignment.attempt)
    blobs = Blobs(assignment.places.storage_url)
    try:
        with unpacked(blobs, assignment.job_id, assignment.name, folder) as source:
            dataset = load_dataset(source, assignment.places.home)
    except MemoryError as error:
        detail = f"{assignment.name} does not fit into {MAX_MEMORY >> 30} GiB; hand it in in parts."
        raise TooMuchMusic(detail) from error
    return Described(report=DatasetReport(**asdict(dataset.report)))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(MAX_SECONDS)


def _too_late(_number: int, _frame: FrameType | None) -> None:
    minutes = MAX_SECONDS // 60
    raise TooMuchMusic(f"It was not read after {minutes} minutes; hand it in in parts.")


if __name__ == "__main__":
    line = Lifeline.of_this_process()
    configure("trainer")
    _limit()
    sys.exit(work(line, describe))
