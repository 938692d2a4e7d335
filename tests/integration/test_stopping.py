"""Every process exits after SIGTERM, at any moment, even if a thread never returns."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.stack import SERVICES, Stack
from tests.conftest import ROOT

EXIT_TIMEOUT = 60.0
HARD_EXITS = {1, -signal.SIGSEGV}
"""A thread whose stack is written may still run, which can be a segmentation fault."""
MOMENTS = (1, 10, 100, 400)
"""During the start of the service, that of Celery, and while it consumes."""
SEND = """
import asyncio, sys, threading
from shared.broker.celery_client import TaskSender
sender, imported = TaskSender(sys.argv[1]), []
sys.addaudithook(lambda event, names: event == "import" and imported.append(names[0]))
asyncio.run(sender.send({"generate.interactive": 1}))
print(imported)
"""
TERMINATED = """
import _signal, os, runpy, sys
moment, events, default = int(sys.argv[2]), 0, _signal.getsignal(_signal.SIGTERM)

def terminate(event, _):
    global events
    if _signal.getsignal(_signal.SIGTERM) is not default:
        events += 1
        if events == moment:
            os.kill(os.getpid(), _signal.SIGTERM)

sys.addaudithook(terminate)
runpy.run_module(f"services.{sys.argv[1]}", run_name="__main__", alter_sys=True)
"""
"""Runs a service; with the n-th audit event after it handles SIGTERM, that signal arrives."""
HANGING = """
import asyncio
from shared import process_exit
from shared.db.database import Database
process_exit.EXIT_MARGIN_SECONDS = 0.2
Database.close = lambda _: asyncio.Event().wait()
"""
"""Makes every process hang at its end."""


def start(program: str, *arguments: object, backends: Stack, folder: Path) -> subprocess.Popen[str]:
    environment = {
        "OSTINATO_ENVIRONMENT": "development",
        "OSTINATO_DATABASE_URL": backends.database_url,
        "OSTINATO_REDIS_URL": backends.redis_url,
        "OSTINATO_CHECKPOINTS_DIR": str(folder),
        "OSTINATO_CACHE_DIR": str(folder / "cache"),
        "OSTINATO_STORAGE_URL": str(folder / "storage"),
        "OSTINATO_PORT": "0",
        "OSTINATO_DRAIN_TIMEOUT_SECONDS": "0.2",
    }
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment | {"PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process and its output."""
    try:
        output, _ = process.communicate(timeout=EXIT_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # Python then writes where it is
        output, _ = process.communicate()
    return process.returncode, output


def test_sending_a_notification_imports_nothing(backends: Stack, tmp_path: Path) -> None:
    """A thread that imports while the process ends could wait for a lock for ever."""
    process = start(SEND, backends.redis_url, backends=backends, folder=tmp_path)
    assert outcome(process) == (0, "[]\n")


def test_a_trainer_that_is_stopped_while_it_starts_drains_and_exits(
    backends: Stack, tmp_path: Path
) -> None:
    processes = [
        start(TERMINATED, "trainer", moment, backends=backends, folder=tmp_path)
        for moment in MOMENTS
    ]
    for process in processes:
        code, output = outcome(process)
        assert code == 0, output
        assert output.splitlines()[-1].endswith("Drained.")


def test_a_process_that_hangs_at_its_end_says_where_and_is_ended(
    backends: Stack, tmp_path: Path
) -> None:
    processes = {
        service: start(HANGING + TERMINATED, service, 1, backends=backends, folder=tmp_path)
        for service in SERVICES
    }
    consuming = start(HANGING + TERMINATED, "trainer", 0, backends=backends, folder=tmp_path)
    assert consuming.stdout is not None
    assert any("ready." in line for line in consuming.stdout)
    consuming.send_signal(signal.SIGTERM)
    for service, process in {**processes, "consuming trainer": consuming}.items():
        code, output = outcome(process)
        assert code in HARD_EXITS, (service, output)
        assert "Timeout (0:00:0" in output
        assert "most recent call first" in output
