"""Memory and processor time of real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.trainer.jobs.process_usage import Usage, usage_of_session

MEGABYTE = 1 << 20
HOLD = """
import sys, time
memory = b"x" * (int(sys.argv[1]) << 20)
while time.process_time() < float(sys.argv[2]):
    pass
print("ready", flush=True)
sys.stdin.read()
"""
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}, *sys.argv[1:]])"


@contextmanager
def started(program: str, megabytes: int, cpu_seconds: float) -> Iterator[int]:
    """The leader of a session that holds the memory and has used the processor."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(megabytes), str(cpu_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    yield process.pid
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_memory_and_time_of_a_process() -> None:
    with started(HOLD, 100, 0.3) as pid:
        usage = usage_of_session(pid)
    assert 100 * MEGABYTE < usage.memory_bytes < 130 * MEGABYTE
    assert usage.cpu_seconds >= 0.2


def test_descendants_count() -> None:
    with started(PARENT, 100, 0.3) as pid:
        usage = usage_of_session(pid)
    assert usage.memory_bytes > 100 * MEGABYTE
    assert usage.cpu_seconds >= 0.2


def test_files_that_are_mapped_do_not_count() -> None:
    program = f"import mmap; m = mmap.mmap(open({__file__!r}).fileno(), 0, prot=1); m[:]\n{HOLD}"
    with started(program, 0, 0) as pid:
        assert usage_of_session(pid).memory_bytes < 30 * MEGABYTE


def test_other_sessions_do_not_count() -> None:
    with started(HOLD, 0, 0), started(HOLD, 100, 0) as other:
        assert usage_of_session(other).memory_bytes > 100 * MEGABYTE
    assert usage_of_session(other) == Usage(0, 0)
    assert usage_of_session(os.getsid(0)) != Usage(0, 0)
