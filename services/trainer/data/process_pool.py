"""Process pools for parsing and tokenizing; the children die with their parent."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from shared.exec_guard import set_parent_death_signal

Item = TypeVar("Item")
Result = TypeVar("Result")

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


def map_batches(
    function: Callable[[Sequence[Item]], list[Result]],
    batches: Sequence[Sequence[Item]],
    *,
    crashed: Callable[[Item], Result],
    initializer: Callable[[], object] | None = None,
) -> Iterator[list[Result]]:
    """Yield `function(batch)` of each batch, from child processes.

    If a child dies, each item of the first unfinished batch has a process of its own, and the
    result of an item that ends it is `crashed(item)`. A new pool continues with the next batch.

    Raises:
        BrokenProcessPool: processes die before they have an item.
    """
    done = 0
    while done < len(batches):
        with child_pool(initializer) as pool:
            try:
                for results in pool.map(function, batches[done:]):
                    done += 1
                    yield results
            except BrokenProcessPool:
                pass
        if done < len(batches):
            yield [_map_isolated(function, item, crashed, initializer) for item in batches[done]]
            done += 1


def _map_isolated(
    function: Callable[[Sequence[Item]], list[Result]],
    item: Item,
    crashed: Callable[[Item], Result],
    initializer: Callable[[], object] | None,
) -> Result:
    with child_pool(initializer, processes=1) as pool:
        pool.submit(os.getpid).result()  # otherwise the item is not to blame
        try:
            (result,) = pool.submit(function, [item]).result()
        except BrokenProcessPool:
            return crashed(item)
    return result
