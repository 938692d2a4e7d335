"""Which code a run began with, for the card of what becomes of it. Refuses to know the run."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
UNKNOWN = "unknown"


def current_commit(folder: Path = HERE) -> str:
    """The commit of the checkout that a folder is in, with "-dirty" if its files differ from it."""
    git = shutil.which("git")
    if git is None:
        return UNKNOWN
    describe = ("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    command = [git, "-C", str(folder), *describe]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return found.stdout.strip() or UNKNOWN
