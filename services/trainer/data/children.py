"""What every child process that reads music does first. Refuses to know what it reads."""

import multiprocessing
import signal

from shared.launch import die_with


def die_with_parent() -> None:
    """Let the kernel end this process with the one that started it, whatever ends that."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - pools call this in their children
    assert parent.pid is not None  # noqa: S101 - it has been started
    die_with(parent.pid, signal.SIGKILL)
