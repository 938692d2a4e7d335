"""Free space, sizes and mount options."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.machine import disk

ON_A_NOEXEC_MOUNT = """
mount -t tmpfs -o noexec none "$1"
exec "$0" -c 'import sys; from deploy.local.machine.disk import *
print(allows_execution(Path(sys.argv[1])))' "$1"
"""
UNSHARE = ("/usr/bin/env", "unshare", "--mount", "--map-root-user", "sh", "-ec")


def test_free_space_is_that_of_the_nearest_existing_folder(tmp_path: Path) -> None:
    expected = disk.free_bytes(tmp_path)
    assert abs(disk.free_bytes(tmp_path / "not" / "yet") - expected) < 1024 * disk.MIB
    assert expected > 0


def test_a_nearly_full_disk_is_described_with_its_free_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not disk.is_nearly_full(tmp_path)
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: 3 * disk.MIB)
    assert disk.is_nearly_full(tmp_path)
    assert disk.full_disk(tmp_path) == (
        f"The disk of {tmp_path} has only 3 MB left: delete files there, or set "
        "OSTINATO_STATE_DIR to a folder on another disk."
    )


def test_a_mount_option_forbids_execution(tmp_path: Path) -> None:
    assert disk.allows_execution(tmp_path)
    done = subprocess.run(
        [*UNSHARE, ON_A_NOEXEC_MOUNT, sys.executable, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_the_size_of_a_folder_counts_blocks_and_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(2 * disk.MIB))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "small").write_bytes(os.urandom(disk.MIB))
    (folder / "link").symlink_to(tmp_path / "large")
    assert disk.MIB <= disk.size_of(folder) < 1.5 * disk.MIB
