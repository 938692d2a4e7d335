"""Child processes are logged, can be stopped, and do not outlive the supervisor."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploy.local.log import Log
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.state_dir import StateDir
from tests.support.processes import wait_until_exited

IGNORES_SIGTERM = """
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
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
log = Log(Path(sys.argv[1] + ".log"))
spec = ProgramSpec(name="sleeper", command=["/bin/sleep", "60"], env={})
print(Process(spec, ProcessSpawner(lock), log).pid, flush=True)
time.sleep(60)
"""


def python(code: str) -> ProgramSpec:
    command = [sys.executable, "-c", code]
    return ProgramSpec(name="child", command=command, env={"PATH": os.defpath})


def lines(state_dir: StateDir) -> list[str]:
    return (state_dir.path / "log").read_text().splitlines()


def wait_for_line(state_dir: StateDir, word: str) -> str:
    for _ in range(500):
        for line in lines(state_dir):
            if word in line:
                return line
        threading.Event().wait(0.01)
    raise AssertionError(lines(state_dir))


def test_output_of_a_child_is_logged(
    state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    code = "import sys; print('to out'); print('to error', file=sys.stderr); sys.exit(3)"
    assert Process(python(code), spawner, log).wait(10) == 3
    texts = [line.split("INFO")[1].strip() for line in lines(state_dir)]
    assert sorted(texts) == ["to error", "to out"]


def test_invalid_utf8_does_not_stop_the_log(
    state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    code = "import os; os.write(1, b'\\xff\\xfe\\nlast line\\n')"
    assert Process(python(code), spawner, log).wait(10) == 0
    assert lines(state_dir)[-1].endswith("last line")


def test_a_child_ends_on_its_stop_signal(spawner: ProcessSpawner, log: Log) -> None:
    process = Process(python("import time; time.sleep(60)"), spawner, log)
    process.stop(timeout=10)
    assert process.returncode == -signal.SIGTERM


def test_a_child_that_ignores_its_stop_signal_is_killed_and_this_is_logged(
    state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    process = Process(python(IGNORES_SIGTERM), spawner, log)
    wait_for_line(state_dir, "started")
    process.stop(timeout=0.2)
    assert process.returncode == -signal.SIGKILL
    assert "did not stop" in lines(state_dir)[-1]


def test_descendants_of_a_killed_child_are_killed(
    state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    process = Process(python(IGNORES_SIGTERM), spawner, log)
    grandchild = int(wait_for_line(state_dir, "started").split()[-1])
    process.stop(timeout=0.2)
    assert wait_until_exited(grandchild)


def test_a_child_outlives_the_thread_that_requested_it(spawner: ProcessSpawner, log: Log) -> None:
    started: list[Process] = []
    spec = python("import time; time.sleep(60)")
    thread = threading.Thread(target=lambda: started.append(Process(spec, spawner, log)))
    thread.start()
    thread.join()
    with pytest.raises(TimeoutError):
        started[0].wait(0.3)
    started[0].kill()


def test_a_child_dies_with_a_killed_supervisor(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.kill()
    assert wait_until_exited(child)
