"""Child processes that read music, as many as there are cores, none of which outlives its parent.

Refuses to know what they read.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from shared.exec_guard import die_with

PROCESSES = len(os.sched_getaffinity(0))


def children(
    begin: Callable[..., object] | None = None, *given: object, processes: int = PROCESSES
) -> ProcessPoolExecutor:
    """A pool of fresh processes, each of which calls `begin(*given)` first, if there is such."""
    return ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(begin, given),
    )


def _begin(begin: Callable[..., object] | None, given: tuple[object, ...]) -> None:
    """Let the kernel end this process with the one that started it, whatever ends that."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - pools call this in their children
    assert parent.pid is not None  # noqa: S101 - it has been started
    die_with(parent.pid, signal.SIGKILL)
    if begin is not None:
        begin(*given)
