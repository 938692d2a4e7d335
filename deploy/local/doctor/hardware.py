"""Checks of the machine: disk, memory, and the limit of open files."""

import resource

from deploy.diagnosis.finding import Finding, failed, ok, warning
from deploy.local.machine import disk
from deploy.local.machine.memory import available_bytes
from deploy.local.settings import LocalSettings

GIB = 2**30
NEEDED_DISK, COMFORTABLE_DISK = 0.3 * GIB, 2 * GIB
"""A new state folder; some days of work and a training."""
NEEDED_MEMORY, COMFORTABLE_MEMORY = 2 * GIB, 3 * GIB
"""A stack that generates with all shipped models; one that also trains."""
NEEDED_FILES = 256


def disk_space(settings: LocalSettings) -> Finding:
    """Free space for the state folder."""
    free = disk.free_bytes(settings.state_dir)
    text = f"{free / GIB:.1f} GB are free for {settings.state_dir.absolute()}"
    if free < NEEDED_DISK:
        return failed(f"{text}, and a new stack needs {NEEDED_DISK / GIB:.1f} GB: delete files")
    if free < COMFORTABLE_DISK:
        return warning(f"{text}; a training needs up to {COMFORTABLE_DISK / GIB:.0f} GB")
    return ok(text)


def memory(_settings: LocalSettings) -> Finding:
    """Memory that the programs of the stack can use."""
    available = available_bytes()
    text = f"{available / GIB:.1f} GB are available"
    if available < NEEDED_MEMORY:
        return warning(f"{text}, and a stack with all models needs {NEEDED_MEMORY / GIB:.0f} GB")
    if available < COMFORTABLE_MEMORY:
        return warning(f"{text}; training needs {COMFORTABLE_MEMORY / GIB:.0f} GB")
    return ok(text)


def open_files(_settings: LocalSettings) -> Finding:
    """The limit of open files and connections of each program."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < NEEDED_FILES:
        return warning(
            f"at most {soft}, so few clients can listen at a time: raise it with `ulimit -n 1024`"
        )
    return ok(f"at most {soft} in each program")
