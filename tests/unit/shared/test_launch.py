"""The step between fork and exec ties a program to whoever starts it."""

import subprocess
import sys

from shared import exec_guard


def test_nothing_starts_for_a_parent_that_is_gone_already() -> None:
    step = [sys.executable, "-I", "-S", exec_guard.__file__]
    command = [*step, "1", "9", "-", "/bin/echo", "alive"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert ran.returncode == 1
    assert ran.stdout == b""
