"""A child's line to its supervisor: it hears how long the claim is its own, and says what it does.

The child writes checkpoints only while the claim holds, and waits where that is in doubt. It ends
when the line does, though the kernel, which was asked to end it with its supervisor, is mostly
faster. Refuses to know what the child works on.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, TypeVar

from ostinato.schemas.jobs import Failure
from services.trainer.ipc.messages import Assignment, Failed, Hold, Word
from shared.errors import OstinatoError

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Assignment)

PASSING = (OSError, MemoryError)
"""Errors of a machine that was short of something, which it may have again."""
POLITENESS = 10
"""Whoever listens to a worker on this machine comes first (nice(2))."""


class Interrupted(Exception):
    """Told to stop before it was done; somebody will go on from the last checkpoint."""


class Lifeline:
    """Both pipes of a child."""

    def __init__(self, heard: IO[bytes], said: IO[bytes]) -> None:
        self.stopping = threading.Event()
        """Set when the child is to write what there is, and end."""
        self._heard = heard
        self._said = said
        self._until = 0.0
        self._renewed = threading.Condition()

    @classmethod
    def of_this_process(cls) -> "Lifeline":
        """Standard input and output are the line; whatever is printed goes to the log.

        The process gives way to others from now on. The line is read without a buffer, whose lock
        its thread would hold when the process ends.
        """
        os.nice(POLITENESS)
        heard = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        said = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        return cls(heard, said)

    def take(self, kind: type[A]) -> A:
        """The assignment, which comes first; from then on the line is watched."""
        assignment = kind.model_validate_json(self._heard.readline())
        self._until = assignment.until
        threading.Thread(target=self._listen, name="lifeline", daemon=True).start()
        return assignment

    def say(self, word: Word) -> None:
        """Tell the supervisor."""
        self._said.write(word.model_dump_json().encode() + b"\n")
        self._said.flush()

    def wait_for_leave(self) -> None:
        """Return as soon as the claim holds, which it nearly always does.

        Raises:
            Interrupted: told to stop, and it does not hold.
        """
        with self._renewed:
            while time.monotonic() >= self._until:
                if self.stopping.is_set():
                    raise Interrupted
                self._renewed.wait(timeout=0.1)

    def _listen(self) -> None:
        for line in self._heard:
            with self._renewed:
                self._until = Hold.model_validate_json(line).until
                self._renewed.notify_all()
        os._exit(os.EX_TEMPFAIL)


def work(line: Lifeline, do: Callable[[Lifeline], Word]) -> int:
    """Do an errand and say how it ended; the exit code, 0 unless it is worth another try."""
    code = os.EX_OK
    try:
        word = do(line)
    except Interrupted:
        return os.EX_TEMPFAIL
    except OstinatoError as error:
        word = Failed(failure=Failure(code=error.code, detail=error.detail))
    except Exception as error:
        log.exception("The errand failed.")
        detail = f"{type(error).__name__}: {error}"
        word = Failed(failure=Failure(code=OstinatoError.code, detail=detail))
        code = os.EX_OSERR if isinstance(error, PASSING) else os.EX_OK
    line.say(word)
    return code
