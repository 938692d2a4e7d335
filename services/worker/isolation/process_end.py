"""How a worker process ends by itself, and how a fresh one replaces it.

The fresh process has the same process id, so that no supervisor notices the replacement.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn
from uuid import UUID

_OPTION = "--isolated-shard"
"""The argument before the id of the shard that a fresh process runs first."""


class ProcessEnd:
    """Lets this process end; its methods are called on the worker's event loop."""

    def __init__(self, end: Callable[[], None], *, handed_over: UUID | None = None) -> None:
        """`end` lets the process drain; it has replaced another one to run `handed_over` first."""
        self.end = end
        self.handed_over = handed_over
        self.replaced_for: UUID | None = None
        """The isolated shard for which a fresh process has to replace this one, if any."""

    def replace_for(self, shard_id: UUID) -> None:
        """Let the process drain, after which a fresh one runs this shard first."""
        if self.replaced_for is None:
            self.replaced_for = shard_id
            self.end()


def replace_process(shard_id: UUID) -> NoReturn:
    """Start this service again, in a fresh process that runs the shard before any other."""
    command = [sys.executable, "-m", "services.worker", _OPTION, str(shard_id)]
    os.execv(sys.executable, command)  # noqa: S606 - no shell: the command is a list of arguments


def handed_over_shard(arguments: Sequence[str]) -> UUID | None:
    """The shard that the arguments name; None if this process was not started for one."""
    return UUID(arguments[1]) if arguments[:1] == [_OPTION] else None
