"""From nothing to a stack that takes requests, in order, saying what it does.

Refuses to know who listens: a log or a line on the terminal.
"""

from collections.abc import Callable

from deploy.local.signals import stop_if_asked
from deploy.local.stack import SERVICES, Stack


def bring_up(stack: Stack, say: Callable[[str], None]) -> None:
    """Servers, tables, services, checkpoints; returns when a worker is there."""
    say("starting PostgreSQL and Valkey")
    stack.start_servers()
    say("bringing the tables up to date")
    stop_if_asked()
    stack.migrate()
    stop_if_asked()
    say(f"starting {', '.join(SERVICES)}")
    for name in SERVICES:
        stop_if_asked()
        stack.start(name)
    stack.register()
    say("waiting for the worker to load its models")
    stop_if_asked()
    stack.wait_ready()
    stop_if_asked()
