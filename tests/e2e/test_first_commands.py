"""`make demo` of a new user: an ordinary account, umask 077, a folder with a space and an umlaut.

The environment is linked instead of installed; all that comes after the installation is real.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.distributions import create_environment
from tests.support.processes import pids_using
from tests.support.tmp import world_traversable_dir

IDENTITY: dict[str, Any] = {}
"""Arguments of subprocess: as root the tests run the commands under an unprivileged account."""
if os.geteuid() == 0:
    UNPRIVILEGED = pwd.getpwnam("nobody")
    IDENTITY = {"user": UNPRIVILEGED.pw_uid, "group": UNPRIVILEGED.pw_gid, "extra_groups": ()}


def interpreter() -> str:
    """A Python of this version that the account may run: root's may be in a private folder."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with suppress(OSError):
            subprocess.run([path, "-c", ""], check=True, **IDENTITY)
            return path
    pytest.fail(f"the unprivileged account needs a {version} that it may run")


@pytest.fixture
def clone() -> Iterator[Path]:
    """A fresh clone of the checkout's files, with an environment, owned by the ordinary account."""
    with world_traversable_dir() as folder:
        clone = folder / "my müsic folder" / "ostinato"
        clone.mkdir(parents=True)
        (clone.parent / "home").mkdir()
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        copy = ["cp", "--parents", "--target-directory", str(clone)]
        existing = [name for name in files.split("\0") if name and (ROOT / name).is_file()]
        subprocess.run([*copy, *existing], cwd=ROOT, check=True)
        if IDENTITY:
            owner = f"{IDENTITY['user']}:{IDENTITY['group']}"
            subprocess.run(["chown", "--recursive", owner, str(clone.parent)], check=True)
        # After chown: the files of the environment are links to those of the tests' environment.
        create_environment(clone / ".venv", [], "ostinato-server[local]", interpreter=interpreter())
        (clone / ".venv" / "installed").touch()
        yield clone


def test_make_demo_writes_melodies(clone: Path) -> None:
    completed = subprocess.run(
        ["make", "demo"],
        cwd=clone,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(clone.parent / "home"),
            "OSTINATO_PORT": "0",  # another test may start a stack at the same time
        },
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
        **IDENTITY,
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "First note after" in completed.stdout + completed.stderr
    assert len(list((clone / "out").glob("*.mid"))) == 4
    assert pids_using(clone) == {}
