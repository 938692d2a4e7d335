"""The demo: bring a stack up, let the client show a real job on it, bring it down.

Refuses to know what the client does; it is a program like any other, here with the terminal.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress

from rich.console import Console

from deploy.local.bring_up import bring_up
from deploy.local.process import Program
from deploy.local.settings import LocalSettings
from deploy.local.stack import Stack

PATIENCE = 2.0
"""Seconds that an interrupted client has to cancel its job."""


def demo(settings: LocalSettings, console: Console) -> int:
    """The client's exit code; the stack is down again whatever happened."""
    with Stack(settings.var, checkpoints=settings.checkpoints, port=settings.port) as stack:
        with console.status("starting") as status:
            bring_up(stack, status.update)
        return _run_client(stack)


def _run_client(stack: Stack) -> int:
    """In a session of its own, so that Ctrl-C reaches it once: through us."""
    access = {"OSTINATO_URL": stack.url, "OSTINATO_API_KEY": stack.key_file.read_text().strip()}
    program = Program(
        name="demo",
        command=[sys.executable, "-m", "ostinato.demo"],
        environment=stack.environment() | access,
    )
    client = subprocess.Popen(  # noqa: S603 -- our own program
        program.argv(os.getpid()), env=dict(program.environment), start_new_session=True
    )
    try:
        return client.wait()
    except KeyboardInterrupt:
        client.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            client.wait(PATIENCE)
        raise
    finally:
        client.kill()
        client.wait()
