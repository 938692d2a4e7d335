"""Children: their lines reach the log, they end when told to, and they never outlive us."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploy.local.log import Log
from deploy.local.process import Keeper, Process, Program
from deploy.local.state_dir import Folder
from tests.unit.deploy.processes import wait_until_gone

DEAF = """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
print("started", child.pid, flush=True)
time.sleep(60)
"""
SUPERVISOR = """
import os, sys, time
from pathlib import Path
from deploy.local.log import Log
from deploy.local.process import Keeper, Process, Program
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
log = Log(Path(sys.argv[1] + ".log"))
program = Program(name="sleeper", command=["/bin/sleep", "60"], environment={})
print(Process(program, Keeper(lock), log).pid, flush=True)
time.sleep(60)
"""


def python(code: str) -> Program:
    command = [sys.executable, "-c", code]
    return Program(name="child", command=command, environment={"PATH": os.defpath})


def lines(folder: Folder) -> list[str]:
    return (folder.path / "log").read_text().splitlines()


def wait_for_line(folder: Folder, word: str) -> str:
    for _ in range(500):
        for line in lines(folder):
            if word in line:
                return line
        threading.Event().wait(0.01)
    raise AssertionError(lines(folder))


def test_what_a_child_says_is_in_the_log(folder: Folder, keeper: Keeper, log: Log) -> None:
    code = "import sys; print('to out'); print('to error', file=sys.stderr); sys.exit(3)"
    assert Process(python(code), keeper, log).wait(10) == 3
    assert sorted(line.split("INFO")[1].strip() for line in lines(folder)) == ["to error", "to out"]


def test_bytes_that_are_no_text_do_not_stop_the_log(
    folder: Folder, keeper: Keeper, log: Log
) -> None:
    code = "import os; os.write(1, b'\\xff\\xfe\\nafterwards\\n')"
    assert Process(python(code), keeper, log).wait(10) == 0
    assert lines(folder)[-1].endswith("afterwards")


def test_a_child_that_hears_ends_by_its_stop_signal(keeper: Keeper, log: Log) -> None:
    process = Process(python("import time; time.sleep(60)"), keeper, log)
    process.stop(patience=10)
    assert process.returncode == -signal.SIGTERM


def test_a_deaf_child_is_killed_and_the_log_says_so(
    folder: Folder, keeper: Keeper, log: Log
) -> None:
    process = Process(python(DEAF), keeper, log)
    wait_for_line(folder, "started")
    process.stop(patience=0.2)
    assert process.returncode == -signal.SIGKILL
    assert "did not stop" in lines(folder)[-1]


def test_what_a_deaf_child_started_is_killed_with_it(
    folder: Folder, keeper: Keeper, log: Log
) -> None:
    process = Process(python(DEAF), keeper, log)
    grandchild = int(wait_for_line(folder, "started").split()[-1])
    process.stop(patience=0.2)
    assert wait_until_gone(grandchild)


def test_a_child_outlives_the_thread_that_asked_for_it(keeper: Keeper, log: Log) -> None:
    started: list[Process] = []
    program = python("import time; time.sleep(60)")
    thread = threading.Thread(target=lambda: started.append(Process(program, keeper, log)))
    thread.start()
    thread.join()
    with pytest.raises(TimeoutError):
        started[0].wait(0.3)
    started[0].kill()


def test_a_child_dies_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.kill()
    assert wait_until_gone(child)
