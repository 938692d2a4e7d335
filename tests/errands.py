"""A child of a trainer that behaves as the name of its data set says; tests run it with `-m`."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

from ostinato.schemas.datasets import DatasetReport
from services.trainer.ipc.channel import Interrupted, Lifeline, work
from services.trainer.ipc.messages import Described, ReadingAssignment
from shared.errors import UserError

REPORT = DatasetReport(
    found=1, left_out={}, kept=1, families=1, train=1, held_out=0, test=0, notes=1, hours=0.0
)


class Hopeless(UserError):
    """For a test."""

    code = "hopeless"


def describe(_line: Lifeline) -> Described:
    return Described(report=REPORT)


def refuse(_line: Lifeline) -> Described:
    raise Hopeless("Bring something else.")


def die(_line: Lifeline) -> Described:
    os._exit(3)


def fill(_line: Lifeline) -> Described:
    """Write more than there is room for."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with tempfile.TemporaryFile() as file:
        file.write(bytes(2000))
    return Described(report=REPORT)


def swell(_line: Lifeline) -> Described:
    """Take more memory than there is."""
    room = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    bytes(room)
    return Described(report=REPORT)


def wait(line: Lifeline) -> Described:
    """Until it is told to stop."""
    line.stopping.wait()
    raise Interrupted


def ignore(_line: Lifeline) -> Described:
    """A child that cannot be stopped, with one of its own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    threading.Event().wait()
    raise Interrupted


WAYS: dict[str, Callable[[Lifeline], Described]] = {
    "describe": describe,
    "refuse": refuse,
    "die": die,
    "fill": fill,
    "swell": swell,
    "wait": wait,
    "ignore": ignore,
}


def errand(line: Lifeline) -> Described:
    assignment = line.take(ReadingAssignment)
    return WAYS[assignment.name](line)


if __name__ == "__main__":
    line = Lifeline.of_this_process()
    signal.signal(signal.SIGTERM, lambda *_: line.stopping.set())
    sys.exit(work(line, errand))
