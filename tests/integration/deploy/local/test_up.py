"""`make up` with a state folder that cannot be written: one sentence, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.unit.deploy.local.test_up import checkout

__all__ = ["checkout"]

ON_A_MOUNT = """
mount -t tmpfs -o "$1" none "$2"
exec "$0" -m deploy.local up
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("size=4k", ": No space left on device: delete files on that disk, or set OSTINATO_STATE"),
        ("ro", " cannot be used: Read-only file system: set OSTINATO_STATE_DIR to another folder"),
    ],
)
def test_a_full_or_read_only_disk_is_one_sentence(
    options: str, expected: str, checkout: Path
) -> None:
    """In a namespace of its own, in which this user may mount a file system."""
    disk = checkout / "disk"
    disk.mkdir()
    env = {"OSTINATO_STATE_DIR": str(disk / "var"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [
            *("/usr/bin/env", "unshare", "--mount", "--map-root-user", "sh", "-ec", ON_A_MOUNT),
            *(sys.executable, options, str(disk)),
        ],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert str(disk / "var") in done.stderr
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
