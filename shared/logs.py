"""Logging for every program: one line an event, to standard error, with the program's name.

Refuses to know where the lines end up; the supervisor or the container runtime collects them.
"""

import logging
import sys


def configure(program: str, level: str = "INFO") -> None:
    """Route this process's root logger to standard error: `time level program logger: text`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)-7s {program} %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
