"""From nothing to a stack that takes requests, in order, saying what it does.

Refuses to know who listens: a log or a line on the terminal.
"""

from collections.abc import Callable

from deploy.local.stack import SERVICES, Stack


def bring_up(stack: Stack, say: Callable[[str], None]) -> None:
    """Servers, tables, services, checkpoints; returns when a worker is there."""
    say("starting PostgreSQL and Valkey")
    stack.start_servers()
    say("bringing the tables up to date")
    stack.migrate()
    say(f"starting {', '.join(SERVICES)}")
    for name in SERVICES:
        stack.start(name)
    stack.register()
    say("waiting for the worker to load its models")
    stack.wait_ready()
