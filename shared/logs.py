"""Logging of every process: one line per event on standard error.

The supervisor or the container runtime collects the lines.
"""

import logging
import sys


def configure(program: str, level: str = "INFO") -> None:
    """Send this process's log to standard error: `time level program logger: text`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)-7s {program} %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
