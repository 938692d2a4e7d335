"""The exec guard starts nothing for a dead parent."""

import subprocess
import sys

from shared import exec_guard


def test_a_command_is_not_executed_if_its_parent_is_dead() -> None:
    guard = [sys.executable, "-I", "-S", exec_guard.__file__]
    command = [*guard, "1", "9", "-", "/bin/echo", "alive"]
    completed = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert completed.returncode == 1
    assert completed.stdout == b""
