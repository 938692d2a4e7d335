"""`python -m deploy.local up|demo|doctor|flower`: the embedded stack from the command line.

Refuses to know how any of it is done.
"""

import argparse
import sys
from collections.abc import Callable

from rich.console import Console

from deploy.local.bring_up import bring_up
from deploy.local.demo import demo
from deploy.local.doctor import examine
from deploy.local.errors import StackError
from deploy.local.flower import flower
from deploy.local.settings import LocalSettings
from deploy.local.signals import STOPPING, interrupted_by_signals
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from deploy.local.web import build

INTERRUPTED = 130
"""What a shell answers for a program that SIGINT ended."""


def up(settings: LocalSettings, console: Console) -> int:
    """Keep the stack up, with one log of everything, until a signal comes."""
    with Stack(
        settings.var, checkpoints=settings.checkpoints, port=settings.port, console=console
    ) as stack:
        stack.web = build(settings.web_sources, lambda text: stack.log.write("web", text))
        bring_up(stack, lambda text: stack.log.write("stack", text))
        console.rule("Ostinato is up")
        if stack.web is not None:
            console.print(f"studio {stack.url}/")
        console.print(f"API    {stack.url}/v1\ndocs   {stack.url}/docs")
        console.print(
            f"key    {stack.key_file.read_text()}\nin     {stack.key_file}", soft_wrap=True
        )
        console.rule("Ctrl-C stops it")
        Supervisor(stack).watch(until=STOPPING)
    return 0


COMMANDS: dict[str, Callable[[LocalSettings, Console], int]] = {
    "up": up,
    "demo": demo,
    "doctor": examine,
    "flower": flower,
}


def main(arguments: list[str]) -> int:
    """Run one command; what it cannot do it says in one sentence."""
    parser = argparse.ArgumentParser("python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args(arguments).command
    console = Console()
    try:
        with interrupted_by_signals():
            return COMMANDS[command](LocalSettings(), console)
    except StackError as error:
        console.print(f"[red]{error}[/]", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 0 if command == "up" else INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
