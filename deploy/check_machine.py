"""`make` runs this before it installs: Python, its venv module, and disk space.

It imports the standard library only, and old versions of Python can parse it.
"""

import importlib.util
import shutil
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
"""Versions for which all locked packages have wheels."""
NEEDED_GB = 3.0
"""The environment with a CPU build of PyTorch, and room for downloads."""


def problem() -> str:
    """What is missing and what to do, in one sentence; empty if nothing is."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return (
            f"Ostinato needs Python 3.11 to 3.14, and {sys.executable} is {version}: "
            "run `make PYTHON=/path/to/python3.11`."
        )
    if importlib.util.find_spec("ensurepip") is None:
        return (
            f"Python has no venv module: install it (Debian: `apt install python{version}-venv`)."
        )
    free = shutil.disk_usage(".").free / 1e9
    if free < NEEDED_GB:
        return f"The disk of this folder has {free:.1f} GB free, and {NEEDED_GB:.0f} GB are needed."
    return ""


if __name__ == "__main__":
    sys.exit(problem() or 0)
