"""The demo: starts a stack, runs `ostinato generate` on it, and stops the stack."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

from rich.console import Console

from deploy.local.process import ProgramSpec
from deploy.local.settings import LocalSettings
from deploy.local.stack import Stack
from deploy.local.up import open_stack

GENERATE = ("generate", "--count", "4", "--bars", "8")
CANCEL_TIMEOUT = 2.0
"""Seconds that an interrupted client has to cancel its job."""


def demo(settings: LocalSettings, console: Console) -> int:
    """Run the demo and return the client's exit code; the stack is stopped in any case."""
    with open_stack(settings) as stack:
        with console.status("starting") as status:
            stack.bring_up(status.update)
        return _run_client(stack)


def _run_client(stack: Stack) -> int:
    """Run the client in its own session, so that this process alone forwards Ctrl-C to it."""
    access = {"OSTINATO_URL": stack.url, "OSTINATO_API_KEY": stack.key_file.read_text().strip()}
    spec = ProgramSpec(
        name="demo",
        command=[sys.executable, "-m", "ostinato", *GENERATE],
        env=stack.env() | access,
    )
    client = subprocess.Popen(  # noqa: S603 -- our own program
        spec.argv(os.getpid()), env=dict(spec.env), start_new_session=True
    )
    try:
        return client.wait()
    except KeyboardInterrupt:
        client.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            client.wait(CANCEL_TIMEOUT)
        raise
    finally:
        client.kill()
        client.wait()
