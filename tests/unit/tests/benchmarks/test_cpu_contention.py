"""Processor time of other programs, and the limit above which a run is invalid."""

import subprocess
import sys

import pytest

from tests.benchmarks.cpu_contention import (
    MAX_CONTENTION,
    CpuTimes,
    busy_seconds,
    contending_cores,
    is_invalid,
)

STAT = """\
cpu  1000 200 300 9000 50 7 8 40 0 0
cpu0 500 100 150 4500 25 3 4 20 0 0
"""


def test_busy_time_excludes_idle_time_and_interrupts() -> None:
    assert busy_seconds(STAT, ticks=100) == pytest.approx((1000 + 200 + 300 + 40) / 100)


def test_busy_time_of_other_programs_is_contention() -> None:
    before = CpuTimes(clock=100.0, busy=50.0, own=10.0)
    after = CpuTimes(clock=110.0, busy=68.0, own=27.0)
    assert contending_cores(before, after) == pytest.approx(0.1)


def test_contention_is_never_negative() -> None:
    before = CpuTimes(clock=0.0, busy=0.0, own=0.0)
    assert contending_cores(before, CpuTimes(clock=1.0, busy=1.99, own=2.0)) == 0


def test_a_run_with_more_than_a_tenth_of_a_core_of_contention_is_invalid() -> None:
    assert not is_invalid(MAX_CONTENTION)
    assert is_invalid(MAX_CONTENTION + 0.001)


def test_the_time_of_an_exited_child_counts_as_own() -> None:
    before = CpuTimes.now()
    busy_loop = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy_loop], check=True)
    assert CpuTimes.now().own - before.own >= 0.25
