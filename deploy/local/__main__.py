"""`python -m deploy.local up|down|demo|...`: the commands of the embedded stack."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from deploy.local.backup.backup import backup
from deploy.local.backup.restore import restore
from deploy.local.demo import demo
from deploy.local.doctor.doctor import check_environment
from deploy.local.down import down
from deploy.local.errors import StackError, explain
from deploy.local.flower import flower
from deploy.local.settings import LocalSettings
from deploy.local.signals import keyboard_interrupt_on_signals
from deploy.local.up import up

EXIT_INTERRUPTED = 130
"""The exit code by which a shell reports a program that SIGINT ended."""

Command = Callable[..., int]
"""Takes the settings, the console, and its options by name; returns the exit code."""

COMMANDS: dict[str, tuple[Command, str]] = {
    "up": (up, "start the stack and run it until Ctrl-C"),
    "down": (down, "stop the stack that runs in this folder, from another terminal"),
    "demo": (demo, "start the stack, generate four melodies, stop the stack"),
    "doctor": (check_environment, "check what the stack needs of this machine"),
    "flower": (flower, "show the queues of the running stack"),
    "backup": (backup, "write the data of the running stack to a file"),
    "restore": (restore, "make a stack of a backup, in a new state folder"),
}


def parse(arguments: list[str]) -> tuple[str, Command]:
    """The name of the command and the command, with its options."""
    parser = argparse.ArgumentParser("python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {name: commands.add_parser(name, help=text) for name, (_, text) in COMMANDS.items()}
    parsers["down"].add_argument(
        "--delete", action="store_true", help="also delete the stack's data, keys and models"
    )
    parsers["down"].add_argument("--yes", action="store_true", help="delete without asking")
    for name in ("backup", "restore"):
        parsers[name].add_argument("file", type=Path, metavar="FILE")
    options = vars(parser.parse_args(arguments))
    name = options.pop("command")
    return name, partial(COMMANDS[name][0], **options)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code; an error that the user can fix is one sentence."""
    name, command = parse(arguments)
    console = Console()
    settings = LocalSettings.load()
    try:
        with keyboard_interrupt_on_signals():
            return command(settings, console)
    except StackError as error:
        message = str(error)
    except OSError as error:
        explained = explain(error, settings.state_dir.absolute())
        if explained is None:
            raise
        message = explained
    except KeyboardInterrupt:
        return 0 if name == "up" else EXIT_INTERRUPTED
    Console(stderr=True).print(message, style="red", soft_wrap=True, highlight=False, markup=False)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
