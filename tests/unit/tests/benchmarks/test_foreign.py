"""What others had of the processors, and from when on a run is void."""

import subprocess
import sys

import pytest

from tests.benchmarks.foreign import MOST, Moment, busy_seconds, foreign_cores, is_void

STAT = """\
cpu  1000 200 300 9000 50 7 8 40 0 0
cpu0 500 100 150 4500 25 3 4 20 0 0
"""


def test_all_processors_together_without_idling_and_interrupts() -> None:
    assert busy_seconds(STAT, ticks=100) == pytest.approx((1000 + 200 + 300 + 40) / 100)


def test_what_was_not_ours_was_somebody_elses() -> None:
    before = Moment(clock=100.0, busy=50.0, own=10.0)
    after = Moment(clock=110.0, busy=68.0, own=27.0)
    assert foreign_cores(before, after) == pytest.approx(0.1)


def test_the_grain_of_the_clock_is_nobodys() -> None:
    before = Moment(clock=0.0, busy=0.0, own=0.0)
    assert foreign_cores(before, Moment(clock=1.0, busy=1.99, own=2.0)) == 0


def test_beside_more_than_a_tenth_of_a_core_a_run_is_void() -> None:
    assert not is_void(MOST)
    assert is_void(MOST + 0.001)


def test_a_child_that_has_ended_is_one_of_us() -> None:
    before = Moment.now()
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert Moment.now().own - before.own >= 0.25
