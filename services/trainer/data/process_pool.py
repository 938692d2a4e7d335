"""Process pools for parsing and tokenizing; the children die with their parent."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from shared.exec_guard import set_parent_death_signal

PROCESSES = len(os.sched_getaffinity(0))


def child_pool(
    initializer: Callable[..., object] | None = None, *args: object, processes: int = PROCESSES
) -> ProcessPoolExecutor:
    """A pool of spawned processes, each of which first calls `initializer(*args)`."""
    return ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_initialize,
        initargs=(initializer, args),
    )


def _initialize(initializer: Callable[..., object] | None, args: tuple[object, ...]) -> None:
    """Let the kernel kill this process when its parent dies, then call `initializer`."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - the pool calls this in its children
    assert parent.pid is not None  # noqa: S101 - it has been started
    set_parent_death_signal(parent.pid, signal.SIGKILL)
    if initializer is not None:
        initializer(*args)
