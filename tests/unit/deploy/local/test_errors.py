"""Errors of the operating system that a user can fix are explained in one sentence."""

import errno

import pytest

from deploy.local.errors import explain


def test_the_file_of_the_error_is_named_or_else_the_place() -> None:
    read_only = OSError(errno.EROFS, "Read-only file system", "/mnt/var/log")
    assert explain(read_only, "/mnt/var") == (
        "/mnt/var/log: Read-only file system: set OSTINATO_STATE_DIR to another folder."
    )
    full = OSError(errno.ENOSPC, "No space left on device")
    assert explain(full, "/mnt/var") == (
        "/mnt/var: No space left on device: delete files on that disk, or set OSTINATO_STATE_DIR "
        "to a folder on another one."
    )


@pytest.mark.parametrize("error", [OSError("no number"), ConnectionRefusedError(111, "refused")])
def test_other_errors_are_faults_of_the_program(error: OSError) -> None:
    assert explain(error, "/mnt/var") is None
