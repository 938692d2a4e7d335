"""`python -m deploy.local up|demo|doctor|flower`: commands of the embedded stack."""

import argparse
import sys
from collections.abc import Callable

from rich.console import Console

from deploy.local.demo import demo
from deploy.local.doctor import check_environment
from deploy.local.errors import StackError
from deploy.local.flower import flower
from deploy.local.settings import LocalSettings
from deploy.local.signals import SHUTDOWN_REQUESTED, keyboard_interrupt_on_signals
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from deploy.local.web import build

EXIT_INTERRUPTED = 130
"""The exit code by which a shell reports a program that SIGINT ended."""


def up(settings: LocalSettings, console: Console) -> int:
    """Run the stack and show the merged log until a signal arrives."""
    with Stack(
        settings.state_dir,
        checkpoints_dir=settings.checkpoints_dir,
        port=settings.port,
        console=console,
    ) as stack:
        stack.static_dir = build(settings.web_sources, lambda text: stack.log.write("web", text))
        stack.bring_up(lambda text: stack.log.write("stack", text))
        console.rule("Ostinato is up")
        if stack.static_dir is not None:
            console.print(f"studio {stack.url}/")
        console.print(f"API    {stack.url}/v1\ndocs   {stack.url}/docs")
        console.print(
            f"key    {stack.key_file.read_text()}\nin     {stack.key_file}", soft_wrap=True
        )
        console.rule("Ctrl-C stops it")
        Supervisor(stack).run(until=SHUTDOWN_REQUESTED)
    return 0


COMMANDS: dict[str, Callable[[LocalSettings, Console], int]] = {
    "up": up,
    "demo": demo,
    "doctor": check_environment,
    "flower": flower,
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code; a StackError is printed without a traceback."""
    parser = argparse.ArgumentParser("python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args(arguments).command
    console = Console()
    try:
        with keyboard_interrupt_on_signals():
            return COMMANDS[command](LocalSettings.load(), console)
    except StackError as error:
        console.print(f"[red]{error}[/]", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 0 if command == "up" else EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
