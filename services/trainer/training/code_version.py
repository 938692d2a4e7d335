"""The git commit of the code that a run starts with."""

import shutil
import subprocess
from pathlib import Path

THIS_FOLDER = Path(__file__).parent
UNKNOWN = "unknown"


def current_commit(folder: Path = THIS_FOLDER) -> str:
    """The commit of the checkout that contains a folder; "-dirty" marks uncommitted changes."""
    git = shutil.which("git")
    if git is None:
        return UNKNOWN
    describe = ("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    command = [git, "-C", str(folder), *describe]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    return result.stdout.strip() or UNKNOWN
